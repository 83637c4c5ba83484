//! A campaign over plugins that are functions: what it finds, and what its report says.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

mod findings;
mod report;
mod scripted;
