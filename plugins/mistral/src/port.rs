//! The one service this plugin speaks to.

use portcullis_plugin::{Auth, Port, Publisher};

/// The Mistral API, with the account's key as a bearer token.
pub(crate) fn port() -> Port {
    Port::new("mistral", "Mistral API", "https://api.mistral.ai", Auth::Bearer)
        .description(
            "Models, chat, embeddings, connectors, agents, conversations, libraries and files of one Mistral workspace. \
             The API key is not scoped: it reaches all of the workspace.",
        )
        .category("AI")
        .tags(&["mistral", "ai", "llm", "chat", "embeddings"])
        .publisher(Publisher::new("mistral", "Mistral AI").website("https://mistral.ai"))
}
