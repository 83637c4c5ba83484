//! The HTTP door: who may come in, how long they may take, and what is here for them.
//!
//! Everything an agent can do is the service's; this only carries it.

mod body;
mod connection;
mod guard;
mod listener;
mod names;
mod phase;
mod problem;
mod tls;
