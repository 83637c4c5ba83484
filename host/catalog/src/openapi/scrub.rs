//! Takes out of an imported document what looks like a credential: examples and defaults of tokens, and texts that show
//! one. A document with such a thing is refused, and a description is full of them.
//!
//! What counts as one is the documents' own rule. Where it stands in something that cannot go, its action goes.

use serde_json::Value;

use crate::documents::credential;

/// Rounds of looking; each finds a few hundred places at most.
const MAX_ROUNDS: usize = 100;

/// Members that may go without any harm to what can be called.
const OPTIONAL: [&str; 9] =
    ["default", "example", "examples", "description", "title", "helpText", "const", "enum", "websiteUrl"];

/// Members that a document must have, and what stands in for them.
const STAND_IN: &str = "Left out: it looked like a credential.";

/// What is left of a document.
pub(super) struct Scrubbed {
    pub(super) document: Value,
    /// Places that went, and what they looked like.
    pub(super) gone: Vec<(String, String)>,
    /// Places that nothing could be done about.
    pub(super) stuck: Vec<String>,
}

/// Takes out whatever looks like a credential.
pub(super) fn scrub(mut document: Value) -> Scrubbed {
    let mut gone = Vec::new();
    let mut stuck = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let problems = credential::scan(&document).into_problems();
        stuck = problems.iter().map(|problem| problem.at.clone()).collect();
        let before = gone.len();
        for problem in problems {
            if let Some(at) = take_out(&mut document, &problem.at) {
                gone.push((at, problem.what));
            }
        }
        if gone.len() == before {
            break;
        }
    }
    Scrubbed { document, gone, stuck }
}

/// Removes the innermost member around a place that may go. Says which.
fn take_out(document: &mut Value, place: &str) -> Option<String> {
    let parts: Vec<&str> = place.split('/').collect();
    for end in (2..=parts.len()).rev() {
        let name = parts[end - 1];
        if !OPTIONAL.contains(&name) {
            continue;
        }
        let outer = parts[..end - 1].join("/");
        // `properties/description` is a member of that name, not a text.
        if ["properties", "patternProperties", "$defs", "dependentSchemas"].contains(&parts[end - 2]) {
            continue;
        }
        let Some(Value::Object(holder)) = document.pointer_mut(&outer) else { continue };
        let is_required = name == "description" && (holder.contains_key("slug") || holder.contains_key("baseUrl"));
        let gone = match holder.get_mut(name) {
            Some(Value::String(text)) if is_required => {
                if text == STAND_IN {
                    return None;
                }
                STAND_IN.clone_into(text);
                true
            }
            Some(_) => holder.shift_remove(name).is_some(),
            None => false,
        };
        return gone.then(|| format!("{outer}/{name}"));
    }
    None
}
