//! Reviewers: what they read about a plugin, and what their word is worth.

mod report;
mod review;
