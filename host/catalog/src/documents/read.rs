//! Reading a document's text: strict JSON of bounded size, every member known or named.
//!
//! Does not judge what the members say; the rules do, of whatever could be read, so that one look tells everything.

use portcullis_model::{Code, Problem, Refusal, parse_strict};
use serde_json::{Map, Value};

use crate::documents::action::{ActionTemplate, Inputs, Parameter, Place, WholeBody};
use crate::documents::credential;
use crate::documents::definitions::Definitions;
use crate::documents::document::{ComponentRef, Document, PortTemplate, Publisher};
use crate::documents::found::{Found, item, member};
use crate::documents::members::Members;
use crate::documents::rules;

/// Largest document in bytes. The largest descriptions of public services, imported whole, stay under it.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 4 << 20;

const PLACES: [(&str, Place); 3] = [("path", Place::Path), ("query", Place::Query), ("body", Place::Body)];

/// A document that keeps every rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The document.
    pub document: Document,
    /// Members that mean nothing here (other hosts of the format have their own), and inputs that ask for a credential.
    pub warnings: Vec<Problem>,
}

/// An action template that was read alone, as an agent proposes it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadAction {
    /// The action.
    pub action: ActionTemplate,
    /// As of a whole document.
    pub warnings: Vec<Problem>,
}

impl Document {
    /// Reads a document and holds it to every rule: what is returned can be made into a manifest.
    ///
    /// Schemas are not compiled; `registry` does that, before anything is installed.
    ///
    /// # Errors
    /// `bad-document` with every problem at its JSON Pointer. Anything like a credential is reported alone, since other
    /// problems quote what they found.
    pub fn parse(text: &str) -> Result<Read, Refusal> {
        let value = strict(text)?;
        credential::scan(&value).into_result(credential::MESSAGE)?;
        let (mut problems, mut warnings) = (Found::default(), Found::default());
        let document = document(&value, &mut problems, &mut warnings);
        problems.take_where_read(rules::check(&document));
        problems.into_result(rules::MESSAGE)?;
        for (index, action) in document.action_templates.iter().enumerate() {
            warn_of_secrets(action, &item("/actionTemplates", index), &mut warnings);
        }
        Ok(Read { document, warnings: warnings.into_problems() })
    }
}

impl ActionTemplate {
    /// Reads an action template that stands alone and holds it to every rule, as [`ActionTemplate::declare`] does with
    /// the same `defs`.
    ///
    /// # Errors
    /// `bad-document`, as for a whole document; places are relative to the template.
    pub fn parse(text: &str, defs: &Map<String, Value>) -> Result<ReadAction, Refusal> {
        let value = strict(text)?;
        credential::scan(&value).into_result(credential::MESSAGE)?;
        let (mut problems, mut warnings) = (Found::default(), Found::default());
        let action = action(&value, "", &mut problems, &mut warnings);
        let (_, rules) = action.judge(&Definitions::of(defs));
        problems.take_where_read(rules);
        problems.into_result("the action template breaks the rules for integration documents")?;
        warn_of_secrets(&action, "", &mut warnings);
        Ok(ReadAction { action, warnings: warnings.into_problems() })
    }
}

pub(crate) fn strict(text: &str) -> Result<Value, Refusal> {
    if text.len() > MAX_DOCUMENT_BYTES {
        let what = format!("the document has {} bytes, expected at most {MAX_DOCUMENT_BYTES}", text.len());
        return Err(Refusal::new(Code::BadDocument, what).fix("split it into documents of fewer actions"));
    }
    parse_strict(text).map_err(|error| {
        let fix = "write it as JSON (RFC 8259) with each key once and at most 64 levels deep";
        Refusal::new(Code::BadDocument, format!("the document is {error}")).fix(fix)
    })
}

fn document(value: &Value, problems: &mut Found, warnings: &mut Found) -> Document {
    let mut m = Members::of(value, "", problems);
    let document = Document {
        format_version: m.number("formatVersion", problems),
        kind: m.text("kind", problems),
        slug: m.text("slug", problems),
        title: m.text("title", problems),
        summary: m.text("summary", problems),
        description: m.text("description", problems),
        version: m.text("version", problems),
        publisher: publisher(m.object("publisher", problems), problems, warnings),
        category: m.text("category", problems),
        tags: m.texts("tags", problems),
        compatibility: m.get("compatibility").cloned(),
        required_plan: m.get("requiredPlan").cloned(),
        port_templates: each(m.list("portTemplates", problems), "/portTemplates", |value, at| {
            port(value, at, problems, warnings)
        }),
        action_templates: each(m.list("actionTemplates", problems), "/actionTemplates", |value, at| {
            action(value, at, problems, warnings)
        }),
        help_text: m.text_if_given("helpText", problems),
        component: m.get("component").map(|value| component(value, problems, warnings)),
        defs: match m.get("$defs") {
            Some(Value::Object(defs)) => defs.clone(),
            Some(_) => {
                problems.add("/$defs", "expected an object");
                Map::new()
            }
            None => Map::new(),
        },
    };
    m.finish(warnings);
    document
}

fn each<T>(items: &[Value], at: &str, mut read: impl FnMut(&Value, &str) -> T) -> Vec<T> {
    items.iter().enumerate().map(|(index, value)| read(value, &item(at, index))).collect()
}

fn publisher(value: Option<&Value>, problems: &mut Found, warnings: &mut Found) -> Publisher {
    let Some(value) = value else {
        return Publisher { slug: String::new(), name: String::new(), website_url: None };
    };
    let mut m = Members::of(value, "/publisher", problems);
    let publisher = Publisher {
        slug: m.text("slug", problems),
        name: m.text("name", problems),
        website_url: m.text_if_given("websiteUrl", problems),
    };
    m.finish(warnings);
    publisher
}

fn port(value: &Value, at: &str, problems: &mut Found, warnings: &mut Found) -> PortTemplate {
    let mut m = Members::of(value, at, problems);
    let port = PortTemplate {
        kind: m.text("kind", problems),
        label: m.text("label", problems),
        description: m.text("description", problems),
        base_url: m.text("baseUrl", problems),
        auth_mode: m.text("authMode", problems),
        auth_header_name: m.text_if_given("authHeaderName", problems),
        auth_token_prefix: m.text_if_given("authTokenPrefix", problems),
    };
    m.finish(warnings);
    port
}

fn component(value: &Value, problems: &mut Found, warnings: &mut Found) -> ComponentRef {
    let mut m = Members::of(value, "/component", problems);
    let component = ComponentRef { reference: m.text("ref", problems), digest: m.text_if_given("digest", problems) };
    m.finish(warnings);
    component
}

pub(crate) fn action(value: &Value, at: &str, problems: &mut Found, warnings: &mut Found) -> ActionTemplate {
    let mut m = Members::of(value, at, problems);
    let action = ActionTemplate {
        slug: m.text("slug", problems),
        label: m.text("label", problems),
        description: m.text("description", problems),
        method: m.text("method", problems),
        path: m.text("path", problems),
        inputs: m
            .get("inputs")
            .map(|value| inputs(value, &member(at, "inputs"), problems, warnings))
            .unwrap_or_default(),
        approval_mode: m.text("approvalMode", problems),
        request_body_mode: m.text("requestBodyMode", problems),
        result_mode: m.text("resultMode", problems),
        effect: m.text_if_given("effect", problems),
        prompt_bearing: m.flag("promptBearing", problems),
        billable: m.flag("billable", problems),
        example: m.get("example").cloned(),
    };
    m.finish(warnings);
    action
}

fn inputs(value: &Value, at: &str, problems: &mut Found, warnings: &mut Found) -> Inputs {
    let mut m = Members::of(value, at, problems);
    let place = member(at, "parameters");
    let inputs = Inputs {
        parameters: each(m.list_if_given("parameters", problems), &place, |value, at| {
            parameter(value, at, problems, warnings)
        }),
        body: m.get("body").map(|value| whole_body(value, &member(at, "body"), problems, warnings)),
    };
    m.finish(warnings);
    inputs
}

fn parameter(value: &Value, at: &str, problems: &mut Found, warnings: &mut Found) -> Parameter {
    let mut m = Members::of(value, at, problems);
    let parameter = Parameter {
        name: m.text("name", problems),
        place: m.word("in", &PLACES, problems).unwrap_or(Place::Query),
        schema: m.get("schema").cloned(),
        default: m.get("default").cloned(),
        required: m.flag("required", problems),
        description: m.text_if_given("description", problems),
    };
    m.finish(warnings);
    parameter
}

fn whole_body(value: &Value, at: &str, problems: &mut Found, warnings: &mut Found) -> WholeBody {
    let mut m = Members::of(value, at, problems);
    let body = WholeBody {
        schema: m.object("schema", problems).cloned().unwrap_or(Value::Bool(true)),
        required: m.flag("required", problems),
    };
    m.finish(warnings);
    body
}

/// A caller would give a credential as an input, where it is shown and kept.
fn warn_of_secrets(action: &ActionTemplate, at: &str, warnings: &mut Found) {
    for (index, parameter) in action.inputs.parameters.iter().enumerate() {
        if credential::is_credential(&parameter.name) {
            let what = "is named like a credential: what a caller gives is shown to whoever approves, and kept";
            warnings.add(format!("{at}/inputs/parameters/{index}/name"), what);
        }
    }
}

#[cfg(test)]
mod tests;
