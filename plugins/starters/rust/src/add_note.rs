//! `add-note`: a write. A person sees the exact request and says yes before it is sent.

use portcullis_plugin::{Action, Refusal, Request, TypedAction, json};
use schemars::JsonSchema;
use serde::Deserialize;

/// The input; see `find_notes.rs` for how a schema is made of it.
#[derive(Deserialize, JsonSchema)]
pub struct AddNote {
    /// Name of the notebook, such as `work`.
    #[schemars(length(min = 1, max = 100))]
    notebook: String,
    /// One line that says what the note is about.
    #[schemars(length(min = 1, max = 200))]
    title: String,
    /// The note itself, in Markdown. Left out: a note of a title alone.
    #[schemars(length(min = 1, max = 20_000))]
    text: Option<String>,
}

impl TypedAction for AddNote {
    const SLUG: &'static str = "add-note";

    fn declare() -> Action {
        // A POST with a JSON body asks for approval; nothing else need be said.
        Action::post(Self::SLUG, "/v1/notebooks/{notebook}/notes")
            .label("Add a note")
            .description(
                "Adds one note to a notebook and answers with its id. Calling it twice adds two notes: \
                 use `find-notes` first where the same may be there already.",
            )
            .example(
                "A note of a title alone",
                json!({"notebook": "work", "title": "Call the printer"}),
                Request::post(["v1", "notebooks", "work", "notes"]).json(json!({"title": "Call the printer"})),
            )
            .example(
                "A note with text",
                json!({"notebook": "work", "title": "Road map", "text": "- the gate\n- the page"}),
                Request::post(["v1", "notebooks", "work", "notes"])
                    .json(json!({"title": "Road map", "text": "- the gate\n- the page"})),
            )
    }

    fn request(self) -> Result<Request, Refusal> {
        // What a schema cannot say is refused here, with the place in the input.
        if self.title.trim().is_empty() {
            return Err(Refusal::invalid_input("a note's title must not be blank").at("title"));
        }
        let mut body = json!({"title": self.title});
        if let Some(text) = self.text {
            body["text"] = text.into();
        }
        Ok(Request::post(["v1", "notebooks", &self.notebook, "notes"]).json(body))
    }
}
