//! Each room alone: what it lets through, what it refuses, and with which words.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod audit_chain;
mod definition;
mod documents;
mod fingerprint;
mod manifest;
mod mistral_openapi;
mod origin;
mod policy;
mod preview;
mod registry;
mod route;
mod standing;
mod store_approvals;
mod store_cost;
mod store_once;
mod store_plugins;
mod store_processes;
mod store_sent;
mod store_standing;
mod store_support;
mod store_tokens;
mod store_versions;
