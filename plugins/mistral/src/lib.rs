//! Mistral AI as a Portcullis plugin: models, chat, embeddings, connectors, and the reads that discover a workspace.
//!
//! Every action is a `Capability`: one route, one input schema written by hand in `schemas/`,
//! and what a reviewer should know. Inputs are flat: path, query and body properties side by side, by their API names.
//!
//! What is deliberately left out, although the API has it:
//! - whatever puts a secret into an answer (`fetch_user_data`, `fetch_customer_data` and the older
//!   `fetch_connection_secrets` of connectors): an answer is read by an agent;
//! - whatever puts a secret into an input (client secrets, header values, connector authorizations): an input is written
//!   by an agent and kept for review. Those are given to Mistral directly;
//! - tools that Mistral would run itself inside a chat: a reviewer could not see what they go on to do;
//! - streaming, file upload, and administration of the workspace.

mod agents;
mod capability;
mod chat;
mod connectors;
mod conversations;
mod embeddings;
mod files;
mod libraries;
mod models;
mod port;

use capability::Capability;
/// The types that [`Mistral`]'s two functions speak in.
pub use portcullis_plugin;
use portcullis_plugin::{Manifest, Plugin, Refusal, Request, Value};

/// The plugin. Natively, `Mistral::manifest()` and `Mistral::describe(..)` are plain functions.
#[derive(Debug)]
pub struct Mistral;

/// Every action, in the order in which the manifest lists them.
fn capabilities() -> impl Iterator<Item = &'static Capability> {
    [
        models::ALL,
        chat::ALL,
        embeddings::ALL,
        connectors::reading::ALL,
        connectors::changing::ALL,
        connectors::tools::ALL,
        agents::ALL,
        conversations::ALL,
        libraries::ALL,
        files::ALL,
    ]
    .into_iter()
    .flatten()
}

impl Plugin for Mistral {
    fn manifest() -> Manifest {
        Manifest::new(env!("CARGO_PKG_VERSION"), port::port()).actions(capabilities().map(Capability::action))
    }

    fn describe(action: &str, input: &Value) -> Result<Request, Refusal> {
        capabilities()
            .find(|capability| capability.slug == action)
            .ok_or_else(|| Refusal::unknown_action(action))?
            .route
            .request(input)
    }
}

portcullis_plugin::export!(Mistral);

#[cfg(test)]
mod tests;
