//! Agents that speak MCP with the real binary, in raw lines: what they see, what they get, and what they cannot do.

mod calls;
pub(crate) mod client;
mod elicitation;
mod hostile;
mod news;
mod opening;
mod over_http;
mod waiting;
