//! What is told of calls, to whom, and what never is.

mod collector;
mod desktop;
mod metrics;
mod tail;
mod webhook;
