//! What an action could send that its line does not name: paths of other routes, members that no schema names.
//!
//! Reads schemas as far as objects nest plainly; what cannot be read counts as open.

use std::collections::BTreeSet;

use portcullis_model::{Action, PathTemplate};
use serde_json::{Map, Value};

/// Most places that are named.
const MAX_PLACES: usize = 50;

/// Other actions' fixed paths that a parameter of this one's can spell, by the same method.
pub(super) fn also_matched<'a>(action: &'a Action, all: &'a [Action]) -> impl Iterator<Item = &'a PathTemplate> {
    let others = all.iter().filter(|other| other.slug != action.slug && other.method == action.method);
    others.map(|other| &other.path).filter(|path| spells(&action.path.to_string(), &path.to_string()))
}

/// Whether the parameters of one path can be filled so that it is the other, which names more of it.
fn spells(path: &str, other: &str) -> bool {
    let parts = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
    let (path, other) = (parts(path), parts(other));
    let is_parameter = |part: &str| part.starts_with('{');
    path.len() == other.len()
        && path != other
        && path.iter().zip(&other).all(|(own, other)| own == other || (is_parameter(own) && !is_parameter(other)))
}

/// JSON Pointers of the input's places that take members which no schema names, `*` standing for each item.
pub(super) fn open_places(schema: &Value) -> Vec<String> {
    let mut walk = Walk { root: schema, followed: BTreeSet::new(), found: Vec::new() };
    walk.schema(schema, "", false);
    walk.found
}

struct Walk<'a> {
    root: &'a Value,
    /// Each reference is followed once: schemas may refer to themselves.
    followed: BTreeSet<&'a str>,
    found: Vec<String>,
}

impl<'a> Walk<'a> {
    /// `settled` where another schema of the same place has said already whether the place is open.
    fn schema(&mut self, schema: &'a Value, at: &str, settled: bool) {
        let Value::Object(map) = schema else {
            return if *schema == Value::Bool(true) && !settled {
                self.open(at)
            };
        };
        let takes_objects = takes_objects(map);
        if takes_objects && !closed(map) && !settled {
            self.open(at);
        }
        let settled = settled || takes_objects || closed(map);
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            match reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)) {
                Some(target) if self.followed.insert(reference) => self.schema(target, at, settled),
                Some(_) => {}
                None => self.open(at),
            }
        }
        for (name, inner) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
            self.schema(inner, &format!("{at}/{name}"), false);
        }
        if let Some(inner @ Value::Object(_)) = map.get("items") {
            self.schema(inner, &format!("{at}/*"), false);
        }
        let lists = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| map.get(key)?.as_array()).flatten();
        for branch in lists.chain(["then", "else"].into_iter().filter_map(|key| map.get(key))) {
            self.schema(branch, at, settled);
        }
    }

    fn open(&mut self, at: &str) {
        if self.found.len() < MAX_PLACES {
            self.found.push(if at.is_empty() { "/".to_owned() } else { at.to_owned() });
        }
    }
}

/// What says of a place that not anything may stand there, where no type does.
const NARROWING: [&str; 6] = ["enum", "const", "$ref", "anyOf", "oneOf", "allOf"];

/// Whether an object can stand here, by what the schema says of its own.
fn takes_objects(map: &Map<String, Value>) -> bool {
    match map.get("type") {
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        _ => !NARROWING.iter().any(|key| map.contains_key(*key)),
    }
}

fn closed(map: &Map<String, Value>) -> bool {
    ["additionalProperties", "unevaluatedProperties"].iter().any(|key| map.get(*key) == Some(&Value::Bool(false)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_parameter_spells_what_a_sibling_names() {
        assert!(spells("/v1/agents/{id}", "/v1/agents/export"));
        assert!(spells("/v1/{kind}/{id}", "/v1/agents/export"));
        for other in ["/v1/agents/{name}", "/v1/agents", "/v1/models/export", "/v1/agents/{id}"] {
            assert!(!spells("/v1/agents/{id}", other), "{other}");
        }
        assert!(!spells("/v1/agents/export", "/v1/agents/{id}"));
    }

    #[test]
    fn open_places_are_found_below_lists_branches_and_references() {
        let schema = json!({"type": "object", "additionalProperties": false, "properties": {
            "closed": {"type": "object", "additionalProperties": false},
            "open": {"type": "object"},
            "list": {"type": "array", "items": {"$ref": "#/$defs/loose"}},
            "either": {"anyOf": [{"type": "string"}, {"properties": {"a": {"type": "integer"}}}]},
            "text": {"type": "string"}},
            "$defs": {"loose": {"type": ["object", "null"], "properties": {}}}});
        assert_eq!(open_places(&schema), ["/open", "/list/*", "/either"]);
        assert_eq!(open_places(&json!({"type": "object"})), ["/"]);
        let endless = json!({"type": "object", "additionalProperties": false,
            "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}, "c": {}}});
        assert_eq!(open_places(&endless), ["/a/c", "/c"]);
        let conditional = json!({"type": "object", "unevaluatedProperties": false, "allOf": [
            {"if": {"properties": {"kind": {"const": 1}}}, "then": {"properties": {"more": {"type": "object"}}}}]});
        assert_eq!(open_places(&conditional), ["/more"]);
        let typed = json!({"type": "object", "unevaluatedProperties": false});
        assert!(open_places(&typed).is_empty());
    }
}
