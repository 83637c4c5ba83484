//! The lint: what keeps a manifest from being a good one, each thing with its place and its fix.
//!
//! It reads what a plugin declares and runs nothing. Whether the plugin keeps its word is what cases are for; whether
//! the host takes it at all is the model's to say, and is repeated here so that one command tells everything.

mod closed;
mod effects;
mod examples;
mod finding;
mod places;
mod rule;
mod schema;
mod shown;
mod words;

use portcullis_model::{ActionDraft, Manifest, ManifestDraft, parse_strict};

pub use finding::Finding;
use finding::Findings;
pub use rule::{Rule, Severity};

/// Everything there is to say about a manifest, the heaviest first.
#[must_use]
pub fn lint(draft: &ManifestDraft) -> Vec<Finding> {
    let mut findings = Findings::default();
    if let Err(problems) = Manifest::check(draft.clone()) {
        for problem in problems {
            findings.add(Rule::HostRefuses, &problem.at, problem.what, "change it: nothing can be installed as it is");
        }
    }
    words::port(&mut findings, &draft.port);
    for action in &draft.actions {
        one(&mut findings, action);
    }
    findings.sorted()
}

fn one(findings: &mut Findings, action: &ActionDraft) {
    words::action(findings, action);
    effects::check(findings, action);
    // What is no schema at all is refused above.
    let Ok(schema) = parse_strict(&action.input_schema) else { return };
    schema::check(findings, action, &schema);
    places::check(findings, action, &schema);
    examples::check(findings, action, &schema);
}
