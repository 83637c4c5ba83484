//! Runs plugins, and the only crate with wasmtime.
//!
//! Bytes come in; a checked [`Manifest`](portcullis_model::Manifest) and, per call, one untrusted
//! [`Description`](portcullis_model::Description) come out. Nothing here can send, read a credential or ask a person:
//! a sealed plugin is linked to nothing, an inert one to a fixed list of WASI interfaces that lead nowhere, and a template
//! to the one text that it serves.

mod bindings;
mod cache;
mod census;
mod compile;
mod engine;
mod inert;
mod io;
mod limits;
mod plugin;
mod probing;
mod sandbox;
mod stopwatch;
mod templates;
mod toolchain;
mod trap;

pub use census::{Census, Tier};
pub use compile::{CompileEvent, compile_child};
pub use limits::{HostLimits, Limits};
pub use plugin::Plugin;
pub use probing::{KeptInstance, Probing};
pub use sandbox::{Sandbox, SandboxConfig};
pub use stopwatch::Stopwatch;
pub use toolchain::Producer;
