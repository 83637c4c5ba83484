//! One named capability: as declared, and as checked.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::manifest::{Problem, Problems, line, prose};
use crate::{ActionSlug, DeclaredHeader, Description, Method, PathTemplate, QueryKey, parse_strict};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident => $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$case_doc])* #[serde(rename = $text)] $case,)+
        }

        impl $name {
            /// The word, as written in documents and settings.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$case => $text,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words!(
    /// What kind of body an action sends.
    BodyMode {
        /// No body.
        None => "none",
        /// JSON.
        Json => "json",
        /// Form fields.
        Form => "form",
        /// Plain text.
        Text => "text",
    }
);
words!(
    /// What an action asks of the operator by default.
    ApprovalMode {
        /// May run unattended.
        Automatic => "automatic",
        /// A person sees and approves each exact request.
        RequireApproval => "require_approval",
    }
);
words!(
    /// What an action does to the world.
    Effect {
        /// Changes nothing.
        Read => "read",
        /// Creates or changes something, or spends.
        Write => "write",
        /// Removes something or cannot be undone.
        Destructive => "destructive",
    }
);
words!(
    /// How the answer is handed to the caller.
    ResultMode {
        /// JSON as it came.
        Json => "json",
        /// JSON with long parts cut and counted.
        JsonSummary => "json_summary",
        /// Text as it came.
        Text => "text",
    }
);

/// Facts that policies and reviewers go by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traits {
    /// The request carries text that a model will read.
    pub prompt_bearing: bool,
    /// The service charges for the call.
    pub billable: bool,
}

/// A worked example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// What it shows.
    pub title: String,
    /// JSON that passes the input schema.
    pub input: String,
    /// What `describe` returns for it.
    pub expected: Description,
}

/// An action as the plugin declares it, before any check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is documented in wit/portcullis.wit")]
pub struct ActionDraft {
    pub slug: String,
    pub label: String,
    pub description: String,
    pub method: Method,
    pub path: String,
    pub query: Vec<String>,
    pub headers: Vec<String>,
    pub body: BodyMode,
    pub input_schema: String,
    pub output_schema: Option<String>,
    pub approval: ApprovalMode,
    pub effect: Effect,
    pub result: ResultMode,
    pub traits: Traits,
    pub examples: Vec<Example>,
}

/// A checked action. Everything it could ever send is in its fields.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "each field is documented in wit/portcullis.wit")]
pub struct Action {
    pub slug: ActionSlug,
    pub label: String,
    pub description: String,
    pub method: Method,
    pub path: PathTemplate,
    pub query: Vec<QueryKey>,
    pub headers: Vec<DeclaredHeader>,
    pub body: BodyMode,
    pub input_schema: Value,
    pub output_schema: Option<Value>,
    pub approval: ApprovalMode,
    pub effect: Effect,
    pub result: ResultMode,
    pub traits: Traits,
    pub examples: Vec<Example>,
}

/// Most items in any list of an action.
const MAX_LIST: usize = 128;

impl Action {
    /// Checks a draft, collecting every problem under `at`.
    pub(crate) fn check(draft: ActionDraft, at: &str, problems: &mut Problems) -> Option<Self> {
        let before = problems.len();
        let slug = problems.keep(&format!("{at}.slug"), draft.slug.parse::<ActionSlug>());
        let path = problems.keep(&format!("{at}.path"), PathTemplate::parse(&draft.path));
        line(problems, &format!("{at}.label"), &draft.label, 80);
        prose(problems, &format!("{at}.description"), &draft.description, 2000);

        let query = list(problems, &format!("{at}.query"), &draft.query, QueryKey::parse);
        let headers = list(problems, &format!("{at}.headers"), &draft.headers, DeclaredHeader::parse);
        if draft.body != BodyMode::None && !draft.method.may_carry_body() {
            problems.add(&format!("{at}.body"), format!("a {} carries no body: expected `none`", draft.method));
        }
        if draft.effect == Effect::Read && matches!(draft.method, Method::Delete | Method::Put | Method::Patch) {
            problems.add(
                &format!("{at}.effect"),
                format!("a {} changes something: expected `write` or `destructive`", draft.method),
            );
        }
        let input_schema = schema(problems, &format!("{at}.input-schema"), &draft.input_schema);
        let output_schema =
            draft.output_schema.as_ref().map(|text| schema(problems, &format!("{at}.output-schema"), text));
        if draft.examples.is_empty() || draft.examples.len() > MAX_LIST {
            problems.add(&format!("{at}.examples"), "expected 1 to 128 worked examples".to_owned());
        }
        for (index, example) in draft.examples.iter().enumerate() {
            line(problems, &format!("{at}.examples[{index}].title"), &example.title, 200);
        }
        if problems.len() > before {
            return None;
        }
        Some(Self {
            slug: slug?,
            label: draft.label,
            description: draft.description,
            method: draft.method,
            path: path?,
            query,
            headers,
            body: draft.body,
            input_schema: input_schema?,
            output_schema: output_schema.flatten(),
            approval: draft.approval,
            effect: draft.effect,
            result: draft.result,
            traits: draft.traits,
            examples: draft.examples,
        })
    }
}

fn list<T: Ord + Clone, E: fmt::Display>(
    problems: &mut Problems,
    at: &str,
    texts: &[String],
    parse: impl Fn(&str) -> Result<T, E>,
) -> Vec<T> {
    if texts.len() > MAX_LIST {
        problems.add(at, "expected at most 128 items".to_owned());
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let mut items = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let place = format!("{at}[{index}]");
        if let Some(item) = problems.keep(&place, parse(text)) {
            if seen.insert(item.clone()) {
                items.push(item);
            } else {
                problems.add(&place, format!("`{text}` occurs twice"));
            }
        }
    }
    items
}

/// A schema must be an object, so that it can say something, and must not reach for another document.
fn schema(problems: &mut Problems, at: &str, text: &str) -> Option<Value> {
    match parse_strict(text) {
        Ok(value @ Value::Object(_)) => match outside_reference(&value) {
            None => Some(value),
            Some(reference) => {
                problems
                    .add(at, format!("`$ref` to `{}` leaves the schema: expected `#…`", crate::Shown::new(&reference)));
                None
            }
        },
        Ok(_) => {
            problems.add(at, "expected a JSON object".to_owned());
            None
        }
        Err(error) => {
            problems.push(Problem { at: at.to_owned(), what: error.to_string() });
            None
        }
    }
}

fn outside_reference(value: &Value) -> Option<String> {
    match value {
        Value::Object(map) => map.iter().find_map(|(key, value)| match (key.as_str(), value) {
            ("$ref" | "$dynamicRef", Value::String(text)) if !text.starts_with('#') => Some(text.clone()),
            _ => outside_reference(value),
        }),
        Value::Array(items) => items.iter().find_map(outside_reference),
        _ => None,
    }
}
