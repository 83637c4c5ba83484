//! What agents propose, as they and the operator see it. The words in it are the agent's own.

use portcullis_model::{ActionId, Detail};
use portcullis_store::{Draft, DraftLine};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::drafts::Compared;

/// A draft in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DraftLineView {
    /// Its name.
    pub id: String,
    /// The action that it would be, `port/action`.
    pub action: String,
    /// Who proposes it.
    pub agent: String,
    /// `open`, `requested`, `published`, `rejected` or `withdrawn`.
    pub state: String,
    /// SHA-256 of its content. A yes is to the content of this digest.
    pub digest: String,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_ms: u64,
    /// When its content or state changed last.
    pub updated_ms: u64,
    /// Who decided it, where its own agent did not.
    pub by: Option<String>,
    /// Why it was rejected, or ended.
    pub reason: Option<String>,
}

/// A draft.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DraftView {
    /// The same as in a list.
    #[serde(flatten)]
    pub line: DraftLineView,
    /// The action template, in its agent's words. Absent once the draft was withdrawn, or was rejected long ago.
    #[schema(value_type = Option<Object>)]
    pub template: Option<Value>,
    /// Everything that keeps it from being an action, where that was looked at: none where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problems: Option<Vec<ProblemView>>,
}

/// One place at fault.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ProblemView {
    /// JSON Pointer (RFC 6901) into the template.
    pub at: String,
    /// What is wrong there.
    pub what: String,
}

/// A draft beside what is live under its name: everything that it could send.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DifferenceView {
    /// The draft.
    pub id: String,
    /// The action that it would be.
    pub action: String,
    /// SHA-256 of the content that is shown here, to be given with a yes.
    pub digest: String,
    /// Whether an action of that name was added before; otherwise every line is new.
    pub live: bool,
    /// Where its requests would go: the port's own origin.
    pub origin: String,
    /// What they would carry, its value left out.
    pub credential: String,
    /// Line by line.
    pub lines: Vec<DifferenceLine>,
}

/// A line.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DifferenceLine {
    /// `same`, `added` or `removed`.
    pub kind: String,
    /// The line, with what could deceive written as `\u{…}`.
    pub text: String,
}

/// A test of a draft. Everything may be left out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(default)]
pub struct Test {
    /// Input, by the schema that the draft makes: `{"path": {…}, "query": {…}, "body": …}`.
    #[schema(value_type = Object, default = json!({}))]
    pub input: Value,
    /// Ask a person to let the request go, once. Without it the request is only described.
    pub live: bool,
}

impl Default for Test {
    fn default() -> Self {
        Self { input: json!({}), live: false }
    }
}

impl From<DraftLine> for DraftLineView {
    fn from(line: DraftLine) -> Self {
        Self {
            id: line.id.to_string(),
            action: ActionId { port: line.port, action: line.action }.to_string(),
            agent: line.agent.to_string(),
            state: line.state.to_string(),
            digest: line.digest.to_string(),
            created_ms: line.created_ms,
            updated_ms: line.updated_ms,
            by: line.by,
            reason: line.reason,
        }
    }
}

impl DraftView {
    pub(crate) fn new(draft: Draft, problems: Option<Vec<Detail>>) -> Self {
        let problem = |Detail { at, what }| ProblemView { at, what };
        Self {
            line: draft.line.into(),
            template: draft.template.and_then(|text| serde_json::from_str(&text).ok()),
            problems: problems.map(|problems| problems.into_iter().map(problem).collect()),
        }
    }
}

impl From<Compared> for DifferenceView {
    fn from(compared: Compared) -> Self {
        let Compared { line, origin, credential, difference } = compared;
        let lines = difference.lines.into_iter();
        let lines = lines.map(|line| DifferenceLine { kind: line.kind.as_str().to_owned(), text: line.text });
        let DraftLineView { id, action, digest, .. } = line.into();
        Self { id, action, digest, live: difference.live, origin, credential, lines: lines.collect() }
    }
}
