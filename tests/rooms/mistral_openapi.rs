//! The Mistral plugin against the API's own published description.
//!
//! Reads `../shared/reference/mistral-openapi.yaml` beside the repository, and says so and passes where it is absent:
//! the description is not part of the project. Nothing is sent anywhere.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use portcullis_plugin_mistral::Mistral;
use portcullis_plugin_mistral::portcullis_plugin::{Action, Body, Method, Plugin, Request};
use serde_json::{Map, Value, json};

const REFERENCE: &str = "../shared/reference/mistral-openapi.yaml";

/// The published description.
struct Api(Value);

/// One method of one path template.
struct Operation<'a> {
    api: &'a Api,
    /// Without the `#name` suffix by which the description tells apart operations that share a path.
    template: &'a str,
    body: &'a Value,
}

/// One parameter as it is written on the wire.
struct Wire<'a> {
    name: String,
    required: bool,
    schema: &'a Value,
    /// The value is a JSON text (`content`) and not a plain one (`schema`).
    is_json: bool,
}

impl Api {
    /// Read once for all tests, since it is long. `None`, with a message, where the description is absent.
    fn load() -> Option<&'static Self> {
        static API: LazyLock<Option<Api>> = LazyLock::new(Api::read);
        API.as_ref()
    }

    fn read() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is a folder of the repository");
        let Ok(text) = std::fs::read_to_string(root.join(REFERENCE)) else {
            println!("skipped: `{REFERENCE}` is absent");
            return None;
        };
        // Its size is known and trusted: the parser's limits for strangers' documents do not apply.
        let options = serde_saphyr::options! { budget: None };
        Some(Self(serde_saphyr::from_str_with_options(&text, options).expect("the description is YAML")))
    }

    fn operations(&self, method: Method) -> impl Iterator<Item = Operation<'_>> {
        let verb = verb(method);
        let paths = self.0["paths"].as_object().expect("`paths` is an object");
        paths.iter().filter_map(move |(path, item)| {
            let template = path.split('#').next().unwrap_or(path);
            item.get(verb).map(|body| Operation { api: self, template, body })
        })
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(pointer) => self.0.pointer(pointer.trim_start_matches('#')).expect("a `$ref` leads somewhere"),
            None => schema,
        }
    }

    /// OpenAPI 3.1 schemas are JSON Schema 2020-12; their references start at the document's root.
    fn problems(&self, schema: &Value, instance: &Value) -> Vec<String> {
        let mut used = BTreeMap::new();
        self.collect(schema, &mut used);
        let root = json!({"allOf": [schema], "components": {"schemas": used}});
        let validator = jsonschema::draft202012::new(&root).expect("the description's schemas are schemas");
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// The named schemas that `schema` leads to; all of them would be far too many to compile for each check.
    fn collect<'a>(&'a self, schema: &'a Value, used: &mut BTreeMap<&'a str, &'a Value>) {
        match schema {
            Value::Object(members) => {
                if let Some(name) = schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/components/schemas/"))
                    && !used.contains_key(name)
                {
                    let named = self.resolve(schema);
                    used.insert(name, named);
                    self.collect(named, used);
                }
                members.values().for_each(|member| self.collect(member, used));
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(item, used)),
            _ => {}
        }
    }
}

impl Operation<'_> {
    fn parameters(&self, place: &str) -> Vec<Wire<'_>> {
        let all = self.body["parameters"].as_array().map_or(&[][..], Vec::as_slice);
        all.iter().filter(|p| p["in"] == place).flat_map(|p| self.on_the_wire(p)).collect()
    }

    /// An object under the default style (`form`, exploded) is written as one pair for each of its members, and its own
    /// name does not occur.
    fn on_the_wire<'a>(&'a self, parameter: &'a Value) -> Vec<Wire<'a>> {
        let required = parameter["required"] == true;
        let wire = |name: &str, schema, is_json| Wire { name: name.to_owned(), required, schema, is_json };
        let name = parameter["name"].as_str().expect("a parameter has a name");
        if let Some(schema) = parameter.pointer("/content/application~1json/schema") {
            return vec![wire(name, schema, true)];
        }
        let schema = &parameter["schema"];
        match self.api.resolve(schema)["properties"].as_object() {
            Some(members) => members.iter().map(|(name, schema)| wire(name, schema, false)).collect(),
            None => vec![wire(name, schema, false)],
        }
    }

    /// Some reading of the text must fit: text, a number or truth value, or the only item of a list.
    fn accepts(&self, parameter: &Wire<'_>, text: &str) -> bool {
        let parsed = serde_json::from_str(text).ok();
        let plain = (!parameter.is_json).then(|| [json!(text), json!([text])]);
        let mut readings = parsed.into_iter().chain(plain.into_iter().flatten());
        readings.any(|reading| self.api.problems(parameter.schema, &reading).is_empty())
    }

    fn body_problems(&self, request: &Request) -> Vec<String> {
        let schema = self.body.pointer("/requestBody/content/application~1json/schema");
        match (schema, &request.body) {
            (None, None) => Vec::new(),
            (Some(_), None) if self.body["requestBody"]["required"] != true => Vec::new(),
            (Some(schema), Some(Body::Json(text))) => {
                let body: Value = serde_json::from_str(text).expect("a JSON body is JSON");
                let mut problems = self.api.problems(schema, &body);
                // Some of the description's objects are left open: a misspelt member would pass.
                let known = &self.api.resolve(schema)["properties"];
                let members = body.as_object().map(Map::keys).into_iter().flatten();
                problems.extend(members.filter(|m| known.get(m.as_str()).is_none()).map(|m| format!("unknown `{m}`")));
                problems
            }
            (expected, found) => vec![format!("expected {expected:?}, found {found:?}")],
        }
    }
}

fn verb(method: Method) -> &'static str {
    match method {
        Method::Get => "get",
        Method::Head => "head",
        Method::Post => "post",
        Method::Put => "put",
        Method::Patch => "patch",
        Method::Delete => "delete",
    }
}

/// The values that a path gives to a template's parameters; `None` where it is another path.
fn bound<'t, 'p>(template: &'t str, path: &'p [String]) -> Option<Vec<(&'t str, &'p str)>> {
    let parts: Vec<_> = template.trim_start_matches('/').split('/').collect();
    if parts.len() != path.len() {
        return None;
    }
    let mut values = Vec::new();
    for (part, segment) in parts.into_iter().zip(path) {
        match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            Some(name) => values.push((name, segment.as_str())),
            None if part == segment => {}
            None => return None,
        }
    }
    Some(values)
}

/// Calls `check` with each action and the operation it names; every action must name exactly one.
fn each_action(api: &Api, check: impl Fn(&Action, &Operation<'_>)) {
    for action in Mistral::manifest().actions {
        let found: Vec<_> = api.operations(action.method).filter(|o| o.template == action.path).collect();
        assert_eq!(found.len(), 1, "{}: operations at {} {}", action.slug, verb(action.method), action.path);
        check(&action, &found[0]);
    }
}

#[test]
fn every_declared_query_key_is_a_parameter_of_its_operation() {
    let Some(api) = Api::load() else { return };
    each_action(api, |action, operation| {
        let known: Vec<_> = operation.parameters("query").into_iter().map(|p| p.name).collect();
        for key in &action.query {
            assert!(known.contains(key), "{}: `{key}` is none of {known:?}", action.slug);
        }
    });
}

#[test]
fn every_example_path_is_answered_by_its_own_operation_only() {
    let Some(api) = Api::load() else { return };
    each_action(api, |action, operation| {
        for example in &action.examples {
            let path = &example.expected.path;
            let mut answering: Vec<_> =
                api.operations(action.method).map(|o| o.template).filter(|t| bound(t, path).is_some()).collect();
            answering.dedup();
            assert_eq!(answering, [operation.template], "{}: {}", action.slug, example.title);
        }
    });
}

#[test]
fn every_example_gives_the_parameters_that_its_operation_takes() {
    let Some(api) = Api::load() else { return };
    each_action(api, |action, operation| {
        for example in &action.examples {
            let at = format!("{}: {}", action.slug, example.title);
            let path = bound(&action.path, &example.expected.path).expect("an example's path fits its template");
            let query = example.expected.query.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            for (place, given) in [("path", path), ("query", query)] {
                let known = operation.parameters(place);
                for (name, value) in &given {
                    let parameter = known.iter().find(|p| p.name == *name);
                    let parameter = parameter.unwrap_or_else(|| panic!("{at}: no {place} parameter `{name}`"));
                    assert!(operation.accepts(parameter, value), "{at}: `{name}` cannot be `{value}`");
                }
                for parameter in known.iter().filter(|p| p.required) {
                    assert!(
                        given.iter().any(|(name, _)| *name == parameter.name),
                        "{at}: `{}` missing",
                        parameter.name
                    );
                }
            }
        }
    });
}

#[test]
fn every_example_body_is_what_its_operation_takes() {
    let Some(api) = Api::load() else { return };
    each_action(api, |action, operation| {
        for example in &action.examples {
            let problems = operation.body_problems(&example.expected);
            assert!(problems.is_empty(), "{}: {}: {problems:#?}", action.slug, example.title);
        }
    });
}

#[test]
fn a_wrong_value_and_a_wrong_body_are_told_apart_from_right_ones() {
    let Some(api) = Api::load() else { return };
    let list = api.operations(Method::Get).find(|o| o.template == "/v1/agents").unwrap();
    let query = list.parameters("query");
    let page = query.iter().find(|p| p.name == "page").unwrap();
    assert!(list.accepts(page, "3"));
    assert!(!list.accepts(page, "-3") && !list.accepts(page, "three"));

    let chat = api.operations(Method::Post).find(|o| o.template == "/v1/chat/completions").unwrap();
    let request = Request::post(["v1", "chat", "completions"]);
    let messages = r#"[{"role":"user","content":"hi"}]"#;
    let body = |model: &str| format!(r#"{{"model":{model},"messages":{messages}}}"#);
    assert!(chat.body_problems(&request.clone().json(body(r#""m""#))).is_empty());
    assert!(!chat.body_problems(&request.clone().json(body("7"))).is_empty());
    assert!(!chat.body_problems(&request).is_empty());
}
