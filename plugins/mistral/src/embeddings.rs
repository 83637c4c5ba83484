//! Embeddings: text as vectors.

use portcullis_plugin::{Action, Request, ResultMode, Route};

use crate::capability::Capability;

pub(crate) const ALL: &[Capability] = &[Capability {
    slug: "embed-text",
    route: Route::post("/v1/embeddings").json(&[
        "model",
        "metadata",
        "input",
        "output_dimension",
        "output_dtype",
        "encoding_format",
    ]),
    schema: include_str!("../schemas/embed-text.json"),
    declare: embed_text,
}];

fn embed_text(action: Action) -> Action {
    action
        .label("Embed text")
        .description("One vector for each text given. Tokens are charged. The answer's vectors are cut in a summary.")
        .result(ResultMode::JsonSummary)
        .write()
        .prompt_bearing()
        .billable()
        .example("One text", ONE_TEXT, Request::post(["v1", "embeddings"]).json(ONE_TEXT))
        .example("Two texts, every setting", EVERY_SETTING, Request::post(["v1", "embeddings"]).json(EVERY_SETTING))
}

// Everything is in the body, and these are written in the route's order: each input is its own expected body.

const ONE_TEXT: &str = r#"{"model": "mistral-embed", "input": "Embed this sentence."}"#;

const EVERY_SETTING: &str = r#"{
  "model": "codestral-embed",
  "metadata": {"batch": 3},
  "input": ["fn main() {}", "print()"],
  "output_dimension": 256,
  "output_dtype": "int8",
  "encoding_format": "float"
}"#;
