//! Plugins that try to get out, each stopped in its room, through the real sandbox.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]
