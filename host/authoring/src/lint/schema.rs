//! Strictness of an input schema: whatever it lets through, an agent may be talked into sending.
//!
//! Walks the shapes that a schema is made of. What only constrains a shape that stands elsewhere (`not`, `if`, a branch
//! without a type of its own) is no shape and is not judged.

use portcullis_model::ActionDraft;
use serde_json::{Map, Value};

use super::closed::is_closed;
use super::finding::{Findings, quoted};
use super::{Rule, places};

/// Formats whose texts are short.
const SHORT_FORMATS: &[&str] = &["date", "date-time", "duration", "ipv4", "ipv6", "time", "uuid"];

/// Names of members whose text a model reads.
const PROMPTS: &[&str] =
    &["instructions", "messages", "prompt", "prompts", "system_instruction", "system_prompt", "systemprompt"];

/// Deepest schema that is walked; the host refuses JSON that nests deeper.
const MAX_DEPTH: usize = 64;

pub(super) fn check(findings: &mut Findings, action: &ActionDraft, schema: &Value) {
    let mut walk = Walk { findings, action, root: schema };
    walk.shape(schema, "input-schema", Place::Root, 0);
}

/// The schema that one refers to, within the same document; itself where it refers to none.
pub(super) fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
    target.and_then(|pointer| root.pointer(pointer)).unwrap_or(schema)
}

/// What stands at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The whole input.
    Root,
    /// Something that the author should say what it is for.
    Member,
    /// An item, a branch, a definition.
    Part,
    /// One of several schemas that hold at once: none of them is the whole.
    Fragment,
}

struct Walk<'a, 'f> {
    findings: &'f mut Findings,
    action: &'a ActionDraft,
    root: &'a Value,
}

impl<'a> Walk<'a, '_> {
    fn add(&mut self, rule: Rule, at: &str, what: impl Into<String>, fix: impl Into<String>) {
        self.findings.add(rule, &format!("{}: {at}", self.action.slug), what, fix);
    }

    fn shape(&mut self, schema: &'a Value, at: &str, place: Place, depth: usize) {
        let Value::Object(members) = schema else {
            if *schema == Value::Bool(true) {
                self.add(Rule::Untyped, at, "`true` takes anything", "give it a `type`");
            }
            return;
        };
        if depth > MAX_DEPTH {
            return;
        }
        // A constant says itself what it is, and an object is said by its members.
        let says_itself = members.contains_key("const") || members.contains_key("properties");
        if place == Place::Member && !says_itself && !self.is_described(schema) {
            self.add(Rule::Undescribed, at, "no `description`", "say what it is for, with an example of a value");
        }
        let kinds = kinds(members);
        if kinds.is_empty() && place != Place::Fragment && !says_what(members) {
            self.add(Rule::Untyped, at, "no `type`: anything passes", "give it a `type`");
        }
        if place != Place::Fragment {
            self.bounds(schema, members, &kinds, at);
        }
        self.inside(members, at, place, depth);
    }

    /// What bounds a shape of this kind must have.
    fn bounds(&mut self, schema: &Value, members: &Map<String, Value>, kinds: &[&str], at: &str) {
        if members.contains_key("enum") || members.contains_key("const") {
            return;
        }
        if kinds.contains(&"string") && !is_bounded_text(members) {
            self.add(
                Rule::UnboundedString,
                at,
                "no `maxLength`",
                "add a `maxLength`, as the service says or as you need",
            );
        }
        if kinds.contains(&"array") && !members.contains_key("maxItems") {
            self.add(Rule::UnboundedArray, at, "no `maxItems`", "add a `maxItems`, as the service says or as you need");
        }
        let numeric = kinds.contains(&"integer") || kinds.contains(&"number");
        let upper = members.contains_key("maximum") || members.contains_key("exclusiveMaximum");
        let lower = members.contains_key("minimum") || members.contains_key("exclusiveMinimum");
        if numeric && !(upper && lower) {
            self.add(Rule::UnboundedNumber, at, "no `minimum` and `maximum`", "add them where the service has bounds");
        }
        if kinds.contains(&"object") || members.contains_key("properties") {
            self.object(schema, members, at);
        }
    }

    fn object(&mut self, schema: &Value, members: &Map<String, Value>, at: &str) {
        let rest = members.get("additionalProperties").or_else(|| members.get("unevaluatedProperties"));
        match rest {
            _ if is_closed(self.root, schema, 0) => {}
            Some(Value::Object(_)) if members.contains_key("maxProperties") => {}
            Some(Value::Object(_)) => {
                self.add(Rule::UnboundedMap, at, "no `maxProperties`", "add a `maxProperties`");
            }
            // Members of any name are the point of it: some services take such.
            Some(Value::Bool(true)) => self.free(at, "`additionalProperties` is `true`"),
            _ if !members.contains_key("properties") => self.free(at, "an object without `properties`"),
            _ => self.add(
                Rule::OpenObject,
                at,
                "members that are not named pass the schema",
                "add `\"additionalProperties\": false`",
            ),
        }
    }

    fn free(&mut self, at: &str, what: &str) {
        let fix = "name the members, or give a schema for those that have no name, and a `maxProperties`";
        self.add(Rule::UnboundedMap, at, what, fix);
    }

    /// The schemas inside a schema.
    fn inside(&mut self, members: &'a Map<String, Value>, at: &str, place: Place, depth: usize) {
        let depth = depth + 1;
        if let Some(Value::Object(properties)) = members.get("properties") {
            for (name, member) in properties {
                let at = format!("{at}/properties/{name}");
                self.named(name, &at);
                let place = if place == Place::Fragment { Place::Fragment } else { Place::Member };
                self.shape(member, &at, place, depth);
            }
        }
        for word in ["patternProperties", "$defs", "definitions"] {
            if let Some(Value::Object(schemas)) = members.get(word) {
                for (name, schema) in schemas {
                    self.shape(schema, &format!("{at}/{word}/{name}"), Place::Part, depth);
                }
            }
        }
        for word in ["items", "additionalProperties"] {
            if let Some(schema @ Value::Object(_)) = members.get(word) {
                self.shape(schema, &format!("{at}/{word}"), Place::Part, depth);
            }
        }
        for word in ["prefixItems", "anyOf", "oneOf", "allOf"] {
            if let Some(Value::Array(schemas)) = members.get(word) {
                for (index, schema) in schemas.iter().enumerate() {
                    let whole = word == "prefixItems" || (word != "allOf" && kinds(members).is_empty());
                    let place = if whole && place != Place::Fragment { Place::Part } else { Place::Fragment };
                    self.shape(schema, &format!("{at}/{word}/{index}"), place, depth);
                }
            }
        }
    }

    /// What a member's name alone says.
    fn named(&mut self, name: &str, at: &str) {
        if places::holds_credential(name) {
            self.add(
                Rule::CredentialInInput,
                at,
                format!("{} is the name of a credential", quoted(name)),
                "take it away: the host holds the credential and attaches it; or call it by what it is, such as `page_cursor`",
            );
        }
        if PROMPTS.contains(&name) && !self.action.traits.prompt_bearing {
            self.add(
                Rule::UnmarkedPrompt,
                at,
                format!("{} looks like text that a model reads", quoted(name)),
                "mark the action as prompt-bearing, or give the member another name",
            );
        }
    }

    fn is_described(&self, schema: &Value) -> bool {
        let said = |schema: &Value| {
            schema.get("description").and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
        };
        said(schema) || said(resolved(self.root, schema))
    }
}

/// The types that a schema names.
fn kinds(members: &Map<String, Value>) -> Vec<&str> {
    match members.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Whether a schema without a type says in another way what may stand there.
fn says_what(members: &Map<String, Value>) -> bool {
    ["$ref", "$dynamicRef", "const", "enum", "anyOf", "oneOf", "allOf", "properties"]
        .iter()
        .any(|word| members.contains_key(*word))
}

fn is_bounded_text(members: &Map<String, Value>) -> bool {
    let short = |format: &str| SHORT_FORMATS.contains(&format);
    members.contains_key("maxLength")
        || members.get("format").and_then(Value::as_str).is_some_and(short)
        || members.get("pattern").and_then(Value::as_str).is_some_and(is_bounded_pattern)
}

/// Whether a pattern holds for the whole text and repeats nothing without end. In doubt it does.
fn is_bounded_pattern(pattern: &str) -> bool {
    let whole = pattern.starts_with('^') && pattern.ends_with('$') && !pattern.contains('|');
    whole && !pattern.contains(['*', '+']) && !pattern.contains(",}")
}
