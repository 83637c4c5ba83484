//! `find-notes`: an automatic read. It changes nothing, so it may run without a person.

use portcullis_plugin::{Action, Refusal, Request, ResultMode, TypedAction, json};
use schemars::JsonSchema;
use serde::Deserialize;

/// The input. Its JSON Schema is made of this: what is no `Option` is required, whatever is not named here is refused,
/// and each comment is what an agent reads.
#[derive(Deserialize, JsonSchema)]
pub struct FindNotes {
    /// Name of the notebook, such as `work`.
    #[schemars(length(min = 1, max = 100))]
    notebook: String,
    /// Words that must all occur in a note. Left out: every note.
    #[schemars(length(min = 1, max = 200))]
    words: Option<String>,
    /// How many notes at most, the newest first. Left out: 20.
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u8>,
}

impl TypedAction for FindNotes {
    const SLUG: &'static str = "find-notes";

    fn declare() -> Action {
        Action::get(Self::SLUG, "/v1/notebooks/{notebook}/notes")
            .label("Find notes")
            .description(
                "Lists the notes of one notebook, the newest first, with their titles and ids. \
                 Call it before adding a note, to see whether one is there already.",
            )
            .query(&["words", "limit"])
            .result(ResultMode::JsonSummary)
            .automatic()
            .example(
                "The newest notes of a notebook",
                json!({"notebook": "work"}),
                Request::get(["v1", "notebooks", "work", "notes"]),
            )
            .example(
                "Ten notes about a subject",
                json!({"notebook": "work", "words": "road map", "limit": 10}),
                Request::get(["v1", "notebooks", "work", "notes"])
                    .query("words", "road map")
                    .query("limit", 10),
            )
    }

    fn request(self) -> Result<Request, Refusal> {
        // The path is a list of segments, each encoded by the host: nothing in a name can become another path.
        let mut request = Request::get(["v1", "notebooks", &self.notebook, "notes"]);
        if let Some(words) = &self.words {
            request = request.query("words", words.as_str());
        }
        if let Some(limit) = self.limit {
            request = request.query("limit", u32::from(limit));
        }
        Ok(request)
    }
}
