//! An action template as the declaration that the template component serves.
//!
//! Applies every rule for one action, those of `model` included. Does not compile the input schema; `registry` does.

use portcullis_model::{
    ActionDraft, ApprovalMode, AuthDraft, Binding, BodyMode, Code, Description, Digest, Effect, Example, Manifest,
    ManifestDraft, Method, PathTemplate, PortDraft, Problem, Publisher, Refusal, ResultMode, RoutedRequest, Shown,
    Traits,
};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as WordError, StrDeserializer};
use serde_json::{Map, Value};
use std::sync::Arc;

use crate::documents::action::{ActionTemplate, Place};
use crate::documents::credential;
use crate::documents::definitions::Definitions;
use crate::documents::found::Found;
use crate::documents::request::Declared;
use crate::documents::{example, inputs, layout};

/// Largest input schema of one action in bytes, what it shares included.
const MAX_SCHEMA_BYTES: usize = 640 << 10;

/// What the worked example of a document is called.
const EXAMPLE_TITLE: &str = "Example";

impl ActionTemplate {
    /// The declaration of this action alone: with its input schema, and one worked example whose request is reckoned
    /// here. `defs` are the schemas that its parameters refer to as `#/$defs/NAME`.
    ///
    /// # Errors
    /// Every problem, at its JSON Pointer into the template. Anything like a credential is reported alone.
    pub fn declare(&self, defs: &Map<String, Value>) -> Result<ActionDraft, Vec<Problem>> {
        let mut found = credential::scan_written(self);
        if !found.is_empty() {
            return Err(found.into_problems());
        }
        let definitions = Definitions::of(defs);
        definitions.check(&mut found);
        let (draft, rules) = self.judge(&definitions);
        found.take("", rules);
        if found.is_empty() { Ok(draft) } else { Err(found.into_problems()) }
    }

    /// The declaration as far as it can be made, and every problem.
    pub(crate) fn judge(&self, definitions: &Definitions<'_>) -> (ActionDraft, Found) {
        let mut found = Found::default();
        let mut draft = self.words(&mut found);
        if draft.body == BodyMode::Text {
            found.add("/requestBodyMode", "text bodies are for components: expected `none`, `json` or `form`");
        }
        if draft.approval == ApprovalMode::Automatic {
            self.may_run_unattended(&draft, &mut found);
        }
        inputs::check(self, draft.body, definitions, &mut found);
        let schema = layout::build(&self.inputs, draft.body, definitions, &mut found);
        draft.input_schema = schema.to_string();
        if draft.input_schema.len() > MAX_SCHEMA_BYTES {
            found.add("/inputs", format!("its schema has more than {MAX_SCHEMA_BYTES} bytes"));
        }
        if found.is_empty() {
            match self.worked(&draft, &schema) {
                Ok(example) => draft.examples = vec![example],
                Err(problem) => found.push(problem),
            }
        }
        if draft.examples.is_empty() {
            draft.examples = vec![stand_in(&draft)];
        }
        check_alone(&draft, self, &mut found);
        (draft, found)
    }

    /// What a document says of an action whose component says the rest.
    pub(crate) fn claim(&self) -> (ActionDraft, Found) {
        let mut found = Found::default();
        let mut draft = self.words(&mut found);
        if !self.inputs.parameters.is_empty() || self.inputs.body.is_some() {
            found.add("/inputs", "the component says what its actions take: expected no parameters");
        }
        if self.example.is_some() {
            found.add("/example", "the component brings its own worked examples: expected none");
        }
        draft.input_schema = r#"{"type":"object"}"#.to_owned();
        draft.examples = vec![stand_in(&draft)];
        // Its example is none, so that its request says nothing.
        let mut alone = Found::default();
        check_manifest(&draft, self, &mut alone);
        found.take("", alone);
        (draft, found)
    }

    /// The template's words as `model` has them. Where one is unknown, the strictest stands in for it.
    fn words(&self, found: &mut Found) -> ActionDraft {
        let method = word("/method", &self.method, "`GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`", found);
        let body = word("/requestBodyMode", &self.request_body_mode, "`none`, `json` or `form`", found);
        let approval = word("/approvalMode", &self.approval_mode, "`automatic` or `require_approval`", found);
        let result = word("/resultMode", &self.result_mode, "`json`, `json_summary` or `text`", found);
        let effect = self.effect.as_ref();
        let effect = effect.and_then(|effect| word("/effect", effect, "`read`, `write` or `destructive`", found));
        let method = method.unwrap_or(Method::Post);
        ActionDraft {
            slug: self.slug.clone(),
            label: self.label.clone(),
            description: self.description.clone(),
            method,
            path: self.path.clone(),
            query: self.names(Place::Query),
            headers: Vec::new(),
            body: body.unwrap_or(BodyMode::None),
            input_schema: String::new(),
            output_schema: None,
            approval: approval.unwrap_or(ApprovalMode::RequireApproval),
            effect: effect.unwrap_or(match method {
                Method::Get | Method::Head => Effect::Read,
                Method::Delete => Effect::Destructive,
                Method::Post | Method::Put | Method::Patch => Effect::Write,
            }),
            result: result.unwrap_or(ResultMode::Json),
            traits: Traits { prompt_bearing: self.prompt_bearing, billable: self.billable },
            examples: Vec::new(),
        }
    }

    /// Names of the inputs of one place, in order.
    pub(crate) fn names(&self, place: Place) -> Vec<String> {
        self.inputs.parameters.iter().filter(|p| p.place == place).map(|p| p.name.clone()).collect()
    }

    /// A document is data that a stranger wrote, and nobody tried its actions: without a person, only what cannot change
    /// anything.
    fn may_run_unattended(&self, draft: &ActionDraft, found: &mut Found) {
        let why = if draft.method.may_carry_body() {
            format!("a {} is approved by a person", draft.method)
        } else if draft.effect != Effect::Read {
            format!("what is `{}` is approved by a person", draft.effect)
        } else if self.billable {
            "what the service charges for is approved by a person".to_owned()
        } else {
            return;
        };
        found.add("/approvalMode", format!("{why}: expected `require_approval`"));
    }

    /// The worked example: as given, or made from the schemas.
    fn worked(&self, draft: &ActionDraft, schema: &Value) -> Result<Example, Problem> {
        let made = match &self.example {
            Some(_) => None,
            None => Some(self.made(schema)?),
        };
        let input = self.example.as_ref().or(made.as_ref()).unwrap_or(&Value::Null);
        let declared = Declared {
            method: draft.method,
            path: &draft.path,
            query: &draft.query,
            body: draft.body,
            input_schema: schema,
        };
        let expected = declared.request(input).map_err(|Problem { at, what }| self.of_example(&at, what))?;
        Ok(Example { title: EXAMPLE_TITLE.to_owned(), input: input.to_string(), expected })
    }

    fn made(&self, schema: &Value) -> Result<Value, Problem> {
        let rest = self.path.rsplit_once("/{").and_then(|(_, last)| last.strip_suffix("+}"));
        example::of_input(schema, rest)
            .ok_or_else(|| self.of_example("", "no example can be made from the schemas".to_owned()))
    }

    /// A problem of the example, or of the inputs it was made from.
    fn of_example(&self, at: &str, what: String) -> Problem {
        match self.example {
            Some(_) => Problem { at: format!("/example{at}"), what },
            None => Problem { at: "/inputs".to_owned(), what: format!("{what}: add an `example` beside `inputs`") },
        }
    }
}

/// A word of `model`, by its spelling in documents.
fn word<'de, T: Deserialize<'de>>(at: &str, text: &'de str, expected: &str, found: &mut Found) -> Option<T> {
    let deserializer: StrDeserializer<'de, WordError> = text.into_deserializer();
    let word = T::deserialize(deserializer).ok();
    if word.is_none() {
        found.add(at, format!("`{}` is not known: expected {expected}", Shown::new(text)));
    }
    word
}

/// Stands where an example would, so that the rest can be checked.
fn stand_in(draft: &ActionDraft) -> Example {
    let expected =
        Description { method: draft.method, path: Vec::new(), query: Vec::new(), headers: Vec::new(), body: None };
    Example { title: EXAMPLE_TITLE.to_owned(), input: "{}".to_owned(), expected }
}

/// The rules of `model` for one action, under a port that keeps them all; then those for its worked request.
fn check_alone(draft: &ActionDraft, template: &ActionTemplate, found: &mut Found) {
    let is_whole = found.is_empty();
    let Some(manifest) = check_manifest(draft, template, found) else { return };
    if !is_whole {
        return;
    }
    for (action, example) in manifest.actions().iter().zip(&draft.examples) {
        let Some(binding) = Binding::new(&manifest, &action.slug, Digest::of(b""), None) else { continue };
        if let Err(refusal) = RoutedRequest::check(example.expected.clone(), Arc::new(binding)) {
            found.push(template.of_example("", refused(&refusal)));
        }
    }
}

fn refused(refusal: &Refusal) -> String {
    match refusal.code() {
        // The words of the route check speak of a plugin; what it refuses here is a document's own value.
        Code::BadSegment => format!("the path it gives cannot be: {}", refusal.message()),
        _ => format!("the request it gives cannot be: {}", refusal.message()),
    }
}

fn check_manifest(draft: &ActionDraft, template: &ActionTemplate, found: &mut Found) -> Option<Manifest> {
    let port = PortDraft {
        slug: "port".to_owned(),
        label: "Port".to_owned(),
        description: "Port".to_owned(),
        origin: "https://example.com".to_owned(),
        auth: AuthDraft::None,
        category: "Port".to_owned(),
        tags: Vec::new(),
        publisher: Publisher { slug: "port".to_owned(), name: "Port".to_owned(), website_url: None },
    };
    let manifest = ManifestDraft { version: "0.0.0".to_owned(), port, actions: vec![draft.clone()] };
    match Manifest::check(manifest) {
        Ok(manifest) => Some(manifest),
        Err(problems) => {
            for Problem { at, what } in problems {
                found.add(place(at.strip_prefix("actions[0].").unwrap_or_default(), template), what);
            }
            None
        }
    }
}

/// Where in a template stands what a manifest calls by this name.
pub(crate) fn place(of_manifest: &str, template: &ActionTemplate) -> String {
    let (field, index) = match of_manifest.split_once('[') {
        Some((field, rest)) => (field, rest.split(']').next().and_then(|n| n.parse::<usize>().ok())),
        None => (of_manifest, None),
    };
    match (field, index) {
        ("slug" | "label" | "description" | "path", _) => format!("/{field}"),
        ("body", _) => "/requestBodyMode".to_owned(),
        ("effect", _) if template.effect.is_some() => "/effect".to_owned(),
        ("effect", _) => "/method".to_owned(),
        ("query", Some(nth)) => {
            let mut places = template.inputs.parameters.iter().enumerate().filter(|(_, p)| p.place == Place::Query);
            places.nth(nth).map_or("/inputs/parameters".to_owned(), |(n, _)| format!("/inputs/parameters/{n}/name"))
        }
        ("query", None) => "/inputs/parameters".to_owned(),
        ("examples", _) if template.example.is_some() => "/example".to_owned(),
        _ => "/inputs".to_owned(),
    }
}

/// Whether a path template can be told apart into its parameters.
pub(crate) fn path_parameters(path: &str) -> Option<Vec<String>> {
    PathTemplate::parse(path).ok().map(|template| template.parameters().map(str::to_owned).collect())
}
