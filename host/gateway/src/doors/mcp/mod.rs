//! Agents that speak MCP, over standard input and output or HTTP, in every revision from 2024-11-05 to 2026-07-28.
//!
//! A tool is an action that was granted; one more fetches results, and some more are for agents that may propose actions.
//! The protocol is the official library's; what is
//! here says what may go through it.

mod call;
mod draft;
mod draft_tools;
mod elicit;
mod http;
mod log;
mod name;
mod news;
mod options;
mod output;
mod reply;
mod result;
mod server;
mod session;
mod stdio;
mod tool;
mod wait;

pub use self::http::router;
pub use stdio::stdio;
