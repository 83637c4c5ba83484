//! Plugins that try to get out, each stopped in its room, through the real sandbox.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod alone;
mod census;
mod code_cache;
mod compiler;
mod declared;
mod graft;
mod guests;
mod inert;
mod install;
mod limits;
mod load;
mod probe;
mod probing;
mod raw;
mod stage;
mod template;
mod template_bare;
mod template_refused;
