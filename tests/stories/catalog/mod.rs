//! Integrations as documents: taken in, upgraded, kept side by side, exported, removed; through the binary.

mod documents;
mod import;
mod names;
mod slack;
mod tampered;
mod upgrade;
pub(crate) mod weather;
