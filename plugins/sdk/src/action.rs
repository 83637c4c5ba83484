//! Building an action.

use crate::{Action, ApprovalMode, BodyMode, Effect, Example, Method, Request, ResultMode, Traits};

/// Accepts the empty object and nothing else.
const NO_INPUT: &str = r#"{"type":"object","additionalProperties":false}"#;

impl Action {
    /// An action of any method. Until told otherwise it takes no input, asks for approval, hands back JSON,
    /// and has the method's usual body and effect: GET and HEAD read, DELETE destroys, the others write JSON.
    ///
    /// The host refuses an action without a description or without a worked example.
    #[must_use]
    pub fn new(method: Method, slug: &str, path: &str) -> Self {
        let (effect, body) = match method {
            Method::Get | Method::Head => (Effect::Read, BodyMode::None),
            Method::Post | Method::Put | Method::Patch => (Effect::Write, BodyMode::Json),
            Method::Delete => (Effect::Destructive, BodyMode::None),
        };
        Self {
            slug: slug.to_owned(),
            label: slug.replace('-', " "),
            description: String::new(),
            method,
            path: path.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body,
            input_schema: NO_INPUT.to_owned(),
            output_schema: None,
            approval: ApprovalMode::RequireApproval,
            effect,
            result: ResultMode::Json,
            traits: Traits::empty(),
            examples: Vec::new(),
        }
    }

    /// A GET, such as `Action::get("list-models", "/v1/models")`.
    #[must_use]
    pub fn get(slug: &str, path: &str) -> Self {
        Self::new(Method::Get, slug, path)
    }

    /// A POST.
    #[must_use]
    pub fn post(slug: &str, path: &str) -> Self {
        Self::new(Method::Post, slug, path)
    }

    /// A PUT.
    #[must_use]
    pub fn put(slug: &str, path: &str) -> Self {
        Self::new(Method::Put, slug, path)
    }

    /// A PATCH.
    #[must_use]
    pub fn patch(slug: &str, path: &str) -> Self {
        Self::new(Method::Patch, slug, path)
    }

    /// A DELETE.
    #[must_use]
    pub fn delete(slug: &str, path: &str) -> Self {
        Self::new(Method::Delete, slug, path)
    }

    /// Name for people, at most 80 characters.
    #[must_use]
    pub fn label(mut self, label: &str) -> Self {
        self.label = label.to_owned();
        self
    }

    /// What it does and when to call it, in at most 2,000 characters.
    #[must_use]
    pub fn description(mut self, description: &str) -> Self {
        self.description = description.to_owned();
        self
    }

    /// The only query keys it may describe.
    #[must_use]
    pub fn query(mut self, keys: &[&str]) -> Self {
        self.query = keys.iter().map(|&key| key.to_owned()).collect();
        self
    }

    /// The only header names it may describe, in lower case.
    #[must_use]
    pub fn headers(mut self, names: &[&str]) -> Self {
        self.headers = names.iter().map(|&name| name.to_owned()).collect();
        self
    }

    /// The only kind of body it may describe, where the method's usual one is wrong.
    #[must_use]
    pub fn body(mut self, mode: BodyMode) -> Self {
        self.body = mode;
        self
    }

    /// JSON Schema (2020-12) of the input, as a [`Value`](crate::Value) or as text.
    #[must_use]
    pub fn input(mut self, schema: impl ToString) -> Self {
        self.input_schema = schema.to_string();
        self
    }

    /// JSON Schema (2020-12) of the answer, as a [`Value`](crate::Value) or as text.
    #[must_use]
    pub fn output(mut self, schema: impl ToString) -> Self {
        self.output_schema = Some(schema.to_string());
        self
    }

    /// How the answer is handed to the caller.
    #[must_use]
    pub fn result(mut self, mode: ResultMode) -> Self {
        self.result = mode;
        self
    }

    /// Changes nothing: for a POST that only searches.
    #[must_use]
    pub fn read(mut self) -> Self {
        self.effect = Effect::Read;
        self
    }

    /// Creates or changes something, or spends money or quota. Asks for approval again.
    #[must_use]
    pub fn write(mut self) -> Self {
        self.effect = Effect::Write;
        self.approval = ApprovalMode::RequireApproval;
        self
    }

    /// Removes something or cannot be undone. Asks for approval again.
    #[must_use]
    pub fn destructive(mut self) -> Self {
        self.effect = Effect::Destructive;
        self.approval = ApprovalMode::RequireApproval;
        self
    }

    /// May run unattended. The host heeds this for reads only, unless its operator says otherwise.
    #[must_use]
    pub fn automatic(mut self) -> Self {
        self.approval = ApprovalMode::Automatic;
        self
    }

    /// The request carries text that a model will read.
    #[must_use]
    pub fn prompt_bearing(mut self) -> Self {
        self.traits |= Traits::PROMPT_BEARING;
        self
    }

    /// The service charges for the call.
    #[must_use]
    pub fn billable(mut self) -> Self {
        self.traits |= Traits::BILLABLE;
        self
    }

    /// Adds a worked example: an input, as a [`Value`](crate::Value) or as text, and the request it must become.
    #[must_use]
    pub fn example(mut self, title: &str, input: impl ToString, expected: Request) -> Self {
        self.examples.push(Example { title: title.to_owned(), input: input.to_string(), expected });
        self
    }
}
