//! Whole life cycles, through the binary as a person or a script runs it, on a loopback upstream.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

mod agents;
mod approval;
mod audit;
mod authors;
mod canary;
mod catalog;
mod changed;
mod credentials;
mod doors;
mod drafts;
mod exits;
mod home;
mod interrupted;
mod keyring;
mod killed;
mod mcp;
mod needle;
mod page;
mod part;
mod pipes;
mod policy;
mod probe;
mod readme;
mod redirect;
mod registry;
mod reviewing;
mod service;
mod settings;
mod standing;
mod tap;
mod terminal;
mod together;
mod watching;
