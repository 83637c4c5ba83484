//! Whole life cycles, through the binary as a person or a script runs it, on a loopback upstream.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]
