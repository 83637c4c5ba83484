//! Parameters and bodies: what becomes an input, what is left out of an action, and what leaves out an operation.

use serde_json::{Value, json};

use super::{Registry, description, get, operation, post, value, with};
use crate::openapi::{Imported, SchemaCheck};

/// Names of an action's inputs in a place.
fn names(imported: &Imported, place: &str) -> Vec<String> {
    let schema = imported.schema();
    let members = schema["properties"][place]["properties"].as_object();
    members.into_iter().flat_map(|members| members.keys().cloned()).collect()
}

/// Whether the only action takes an input.
fn takes(imported: &Imported, input: Value) -> bool {
    Registry.check(&imported.schema(), &[&input]).unwrap()[0].is_none()
}

fn one(parameter: Value) -> Imported {
    get(json!([parameter]))
}

/// Why the only operation with a required parameter is left out.
fn without(parameter: Value) -> String {
    let required = with(parameter, json!({"required": true}));
    let paths = json!({"/a": {"get": operation(json!({"parameters": [required]}))}});
    value(&description("3.1.0", paths)).unwrap_err().places()[0].what.clone()
}

#[test]
fn what_a_query_cannot_say_is_left_out_where_it_is_optional_and_leaves_out_the_operation_where_it_is_not() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    for (parameter, why) in [
        (json!({"name": "h", "in": "header", "schema": {"type": "string"}}), "nothing about headers"),
        (json!({"name": "c", "in": "cookie", "schema": {"type": "string"}}), "no cookies"),
        (json!({"name": "q", "in": "query", "schema": list}), "a pair for each item"),
        (json!({"name": "q", "in": "query", "explode": true, "schema": list}), "a pair for each item"),
        (json!({"name": "q", "in": "query", "schema": {"anyOf": [list, {"type": "null"}]}}), "a pair for each item"),
        (json!({"name": "q", "in": "query", "schema": object}), "type object"),
        (json!({"name": "q", "in": "query", "explode": false, "schema": object}), "type object"),
        (
            json!({"name": "q", "in": "query", "explode": false, "schema": {"type": "array", "items": object}}),
            "type array",
        ),
        (json!({"name": "q", "in": "query", "style": "deepObject", "schema": object}), "style `deepObject`"),
        (json!({"name": "q", "in": "query", "style": "pipeDelimited", "schema": list}), "style `pipeDelimited`"),
        (json!({"name": "q", "in": "query", "content": {"application/json": {"schema": object}}}), "application/json"),
        (json!({"name": "access_token", "in": "query", "schema": {"type": "string"}}), "carries a credential"),
        (json!({"name": "_method", "in": "query", "schema": {"type": "string"}}), "another method"),
        (json!({"name": "a b", "in": "query", "schema": {"type": "string"}}), "not a query key"),
        (json!({"name": "q", "in": "query", "schema": {"$ref": "other.json#/q"}}), "leads out of the description"),
    ] {
        let imported = one(parameter.clone());
        assert!(names(&imported, "query").is_empty(), "{parameter}");
        let noted = imported.noted();
        assert!(noted.len() == 1 && noted[0].contains(why), "{parameter}: {noted:?}");
        let told = without(parameter.clone());
        assert!(told.contains(why), "{parameter}: {told}");
    }
}

#[test]
fn what_a_query_can_say_is_an_input() {
    for (schema, good, bad) in [
        (json!({"type": "string"}), json!("x"), json!(1)),
        (json!({"type": "integer", "maximum": 3}), json!(3), json!(4)),
        (json!({"type": "boolean"}), json!(true), json!("true")),
        (json!({"enum": ["a", "b"]}), json!("a"), json!("c")),
        (json!({"anyOf": [{"type": "number"}, {"type": "null"}]}), json!(1.5), json!([])),
        (json!({"$ref": "#/info/x-state"}), json!("on"), json!("off")),
    ] {
        let paths =
            json!({"/a": {"get": operation(json!({"parameters": [{"name": "q", "in": "query", "schema": schema}]}))}});
        let all = with(
            description("3.1.0", paths),
            json!({"info": {"title": "x", "version": "1.0.0", "x-state": {"const": "on"}}}),
        );
        let imported = value(&all).unwrap();
        assert_eq!(imported.noted(), Vec::<String>::new(), "{schema}");
        assert!(takes(&imported, json!({"query": {"q": good}})) && takes(&imported, json!({})), "{schema}");
        assert!(!takes(&imported, json!({"query": {"q": bad}})), "{schema}");
        assert!(!takes(&imported, json!({"query": {"r": good}})), "{schema}");
    }
}

#[test]
fn a_list_with_commas_is_an_input_of_scalars() {
    let imported = one(json!({"name": "q", "in": "query", "explode": false,
        "schema": {"type": "array", "minItems": 1, "items": {"type": "string"}}}));
    assert!(takes(&imported, json!({"query": {"q": ["a", "b"]}})));
    assert!(!takes(&imported, json!({"query": {"q": []}})) && !takes(&imported, json!({"query": {"q": "a"}})));
    let loose = one(json!({"name": "q", "in": "query", "explode": false, "schema": {"type": "array"}}));
    assert!(takes(&loose, json!({"query": {"q": ["a", 1]}})));
    assert!(!takes(&loose, json!({"query": {"q": [{}]}})) && !takes(&loose, json!({"query": {"q": [["a"]]}})));
}

#[test]
fn of_several_types_those_stay_that_can_be_said() {
    let both = json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]});
    let imported = one(json!({"name": "q", "in": "query", "schema": both}));
    assert!(takes(&imported, json!({"query": {"q": "a"}})) && !takes(&imported, json!({"query": {"q": ["a"]}})));
    assert_eq!(imported.noted(), ["the query parameter `q` takes no array"]);
    // Nothing is said of types: nothing is lost that was said.
    for parameter in [json!({"name": "q", "in": "query"}), json!({"name": "q", "in": "query", "schema": {}})] {
        let imported = one(parameter);
        assert!(takes(&imported, json!({"query": {"q": "a"}})) && takes(&imported, json!({"query": {"q": 1}})));
        assert!(!takes(&imported, json!({"query": {"q": {}}})) && !takes(&imported, json!({"query": {"q": ["a"]}})));
        assert_eq!(imported.noted(), Vec::<String>::new());
    }
}

#[test]
fn a_default_of_the_service_is_told_and_not_sent() {
    let imported = one(json!({"name": "q", "in": "query", "description": "How many.",
        "schema": {"type": "integer", "default": 20, "description": "not this one"}}));
    let schema = imported.schema();
    let input = &schema["properties"]["query"]["properties"]["q"];
    assert_eq!(input["default"], Value::Null);
    assert_eq!(input["description"], "How many.\nThe service's default: 20");
}

#[test]
fn parameters_of_the_path_are_text_or_whole_numbers() {
    let paths = |parameters: Value| json!({"/a/{x}": {"get": operation(json!({"parameters": parameters}))}});
    let imported = |parameters: Value| value(&description("3.1.0", paths(parameters)));
    let text = imported(json!([{"name": "x", "in": "path", "required": true, "schema": {"type": "string"}}])).unwrap();
    assert!(takes(&text, json!({"path": {"x": "a"}})) && !takes(&text, json!({})));
    let number = imported(json!([{"name": "x", "in": "path", "schema": {"type": "number"}}])).unwrap();
    assert!(takes(&number, json!({"path": {"x": 3}})) && !takes(&number, json!({"path": {"x": 3.5}})));
    assert_eq!(number.noted(), ["the path parameter `x` takes no fraction"]);
    for schema in
        [json!({"type": "boolean"}), json!({"type": "array", "items": {"type": "string"}}), json!({"type": "object"})]
    {
        let refusal = imported(json!([{"name": "x", "in": "path", "required": true, "schema": schema}])).unwrap_err();
        assert!(refusal.places()[0].what.contains("path parameter `x` is required"), "{:?}", refusal.places());
    }
    for style in ["label", "matrix"] {
        assert!(imported(json!([{"name": "x", "in": "path", "style": style, "schema": {"type": "string"}}])).is_err());
    }
    let undescribed = imported(json!([{"name": "y", "in": "path", "schema": {"type": "string"}}])).unwrap();
    assert!(takes(&undescribed, json!({"path": {"x": "a"}})) && !takes(&undescribed, json!({"path": {"x": true}})));
    assert_eq!(undescribed.noted().len(), 2, "{:?}", undescribed.noted());
}

#[test]
fn the_operation_has_the_last_word_about_a_parameter_of_its_path() {
    let paths = json!({"/a/{x}": {
        "parameters": [{"name": "x", "in": "path", "schema": {"type": "string"}}, {"name": "q", "in": "query", "schema": {"type": "string"}},
            {"$ref": "#/components/parameters/page"}],
        "get": operation(json!({"parameters": [{"name": "q", "in": "query", "required": true, "schema": {"type": "integer"}}]}))}});
    let page =
        json!({"components": {"parameters": {"page": {"name": "page", "in": "query", "schema": {"type": "integer"}}}}});
    let imported = value(&with(description("3.0.3", paths), page)).unwrap();
    assert_eq!(names(&imported, "query"), ["q", "page"]);
    assert!(takes(&imported, json!({"path": {"x": "a"}, "query": {"q": 1}})));
    assert!(!takes(&imported, json!({"path": {"x": "a"}, "query": {"q": "a"}})));
    assert!(!takes(&imported, json!({"path": {"x": "a"}})));
}

#[test]
fn headers_that_the_host_writes_are_nobodys_loss() {
    for name in ["Accept", "content-type", "Authorization"] {
        let imported = one(json!({"name": name, "in": "header", "required": true, "schema": {"type": "string"}}));
        assert_eq!(imported.noted(), Vec::<String>::new());
    }
}

#[test]
fn more_query_keys_than_an_action_may_have_are_left_out() {
    let all: Vec<Value> =
        (0..130).map(|n| json!({"name": format!("q{n}"), "in": "query", "schema": {"type": "string"}})).collect();
    let imported = get(json!(all));
    assert_eq!((names(&imported, "query").len(), imported.noted().len()), (128, 2));
}

fn with_body(content: Value) -> Result<Imported, String> {
    let paths = json!({"/a": {"post": operation(json!({"requestBody": {"required": true, "content": content}}))}});
    value(&description("3.1.0", paths)).map_err(|refusal| refusal.places()[0].what.clone())
}

#[test]
fn json_is_taken_before_forms_and_forms_before_nothing() {
    let schema = json!({"schema": {"type": "object", "properties": {"a": {"type": "string"}}}});
    for (content, mode) in [
        (json!({"application/json": schema}), "json"),
        (json!({"application/json; charset=utf-8": schema}), "json"),
        (
            json!({"multipart/form-data": schema, "application/x-www-form-urlencoded": schema, "APPLICATION/JSON": schema}),
            "json",
        ),
        (json!({"*/*": schema}), "json"),
        (json!({"application/merge-patch+json": schema, "application/json": schema}), "json"),
        (json!({"multipart/form-data": schema, "application/x-www-form-urlencoded": schema}), "form"),
    ] {
        let imported = with_body(content.clone()).unwrap();
        assert_eq!(imported.document.action_templates[0].request_body_mode, mode, "{content}");
    }
    for (content, why) in [
        (json!({"multipart/form-data": schema}), "no files"),
        (json!({"application/octet-stream": schema}), "the body is `application/octet-stream`"),
        (json!({"application/merge-patch+json": schema}), "the body is `application/merge-patch+json`"),
        (json!({"text/plain": {}, "image/png": {}}), "`text/plain` or `image/png`"),
        (json!({}), "no media type"),
    ] {
        let told = with_body(content.clone()).unwrap_err();
        assert!(told.contains(why), "{content}: {told}");
    }
}

#[test]
fn a_form_is_flat() {
    let form = |schema: Value| with_body(json!({"application/x-www-form-urlencoded": {"schema": schema}}));
    let imported = form(json!({"type": "object", "required": ["a"], "properties": {
        "a": {"type": "string"}, "n": {"type": "integer", "default": 3}, "list": {"type": "array", "items": {}},
        "own": {"type": "object"}, "id": {"type": "string", "readOnly": true}, "password": {"type": "string"}}}))
    .unwrap();
    assert_eq!(names(&imported, "body"), ["a", "n", "password"]);
    assert!(takes(&imported, json!({"body": {"a": "x"}})) && !takes(&imported, json!({"body": {"n": 1}})));
    let noted = imported.noted();
    assert!(noted.len() == 3 && noted[2].contains("named like a credential"), "{noted:?}");
    for (schema, why) in [
        (
            json!({"type": "object", "required": ["list"], "properties": {"list": {"type": "array"}}}),
            "`list` is required",
        ),
        (json!({"type": "object"}), "0 fields"),
        (json!({"properties": {"list": {"type": "array"}}}), "none of its fields"),
        (json!({"anyOf": [{"properties": {"a": {}}}]}), "one of several sets"),
        (json!({"required": ["_method"], "properties": {"_method": {"type": "string"}}}), "another method"),
    ] {
        let told = form(schema.clone()).unwrap_err();
        assert!(told.contains(why), "{schema}: {told}");
    }
}

#[test]
fn a_body_that_a_method_cannot_carry_is_left_out_or_leaves_out() {
    let paths = |required: bool| {
        let body = json!({"required": required, "content": {"application/json": {"schema": {"type": "object"}}}});
        json!({"/a": {"get": operation(json!({"requestBody": body})), "delete": operation(json!({"requestBody": body}))}})
    };
    let optional = value(&description("3.1.0", paths(false))).unwrap();
    let modes: Vec<&str> = optional.document.action_templates.iter().map(|a| a.request_body_mode.as_str()).collect();
    assert_eq!(modes, ["none", "json"]);
    let required = value(&description("3.1.0", paths(true))).unwrap();
    assert_eq!(required.out(), ["GET /a: a GET carries no body, and this one requires it"]);
}

#[test]
fn an_optional_body_must_be_given_and_that_is_said() {
    let body = json!({"content": {"application/json": {"schema": {"type": "object"}}}});
    let paths = json!({"/a": {"post": operation(json!({"requestBody": body}))}});
    let imported = value(&description("3.1.0", paths)).unwrap();
    assert!(takes(&imported, json!({"body": {}})) && !takes(&imported, json!({})));
    assert!(imported.noted()[0].contains("must be given"));
}

fn chat(answers: Value, schema: Value, more: Value) -> Imported {
    let body = json!({"required": true, "content": {"application/json": {"schema": schema}}});
    let answers = json!({"200": {"description": "x", "content": answers}});
    let chat = with(json!({"requestBody": body, "responses": answers}), more);
    let stream =
        json!({"responses": {"200": {"description": "x", "content": {"text/event-stream": {}}}}, "requestBody": body});
    value(&description(
        "3.1.0",
        json!({"/chat": {"post": chat}, "/talk#stream": {"post": stream}, "/talk": {"post": chat}}),
    ))
    .unwrap()
}

#[test]
fn the_switch_to_a_stream_is_held_where_there_are_streams() {
    let both = json!({"application/json": {}, "text/event-stream": {}});
    let only_json = json!({"application/json": {}});
    let plain = json!({"type": "object", "properties": {"stream": {"type": "boolean", "default": false}}});
    let composed =
        json!({"allOf": [{"oneOf": [{"properties": {"stream": {"anyOf": [{"type": "boolean"}, {"type": "null"}]}}}]}]});
    for schema in [plain.clone(), composed] {
        let imported = chat(both.clone(), schema, json!({}));
        let manifest = imported.document.manifest().unwrap();
        let first: Value = serde_json::from_str(&manifest.actions[0].input_schema).unwrap();
        let problems = |body: Value| Registry.check(&first, &[&json!({"body": body})]).unwrap()[0].clone();
        assert_eq!(problems(json!({"stream": false})), None);
        assert_eq!(problems(json!({})), None);
        assert!(problems(json!({"stream": true})).unwrap().contains("no end to wait for"));
        assert!(imported.noted().contains(&"`/body/stream` must be false: a stream has no end to wait for".to_owned()));
        assert_eq!(imported.out(), ["POST /talk#stream: the answer is a stream (`text/event-stream`)"]);
    }
    // Another operation of the same request streams, and this one would.
    let imported = chat(only_json.clone(), plain.clone(), json!({}));
    let manifest = imported.document.manifest().unwrap();
    let schemas: Vec<Value> = manifest.actions.iter().map(|a| serde_json::from_str(&a.input_schema).unwrap()).collect();
    let on = json!({"body": {"stream": true}});
    assert!(Registry.check(&schemas[0], &[&on]).unwrap()[0].is_none(), "no stream there");
    assert!(Registry.check(&schemas[1], &[&on]).unwrap()[0].is_some());
    // A service that streams unless told otherwise must be told.
    let on_by_default = json!({"properties": {"stream": {"type": "boolean", "default": true}}});
    let imported = chat(both, on_by_default, json!({}));
    let first: Value = serde_json::from_str(&imported.document.manifest().unwrap().actions[0].input_schema).unwrap();
    assert!(Registry.check(&first, &[&json!({"body": {}})]).unwrap()[0].is_some());
    // What is called `stream` and is no truth value is another thing.
    let named = json!({"properties": {"stream": {"type": "string"}}});
    let imported = chat(only_json, named, json!({}));
    assert_eq!(imported.noted(), Vec::<String>::new());
}

#[test]
fn a_switch_in_the_query_or_in_a_form_is_held_too() {
    let answers = json!({"200": {"description": "x", "content": {"application/json": {}, "text/event-stream": {}}}});
    let query = |schema: Value| {
        let parameters = json!([{"name": "stream", "in": "query", "schema": schema, "example": true}]);
        value(&description("3.1.0", json!({"/a": {"get": {"responses": answers, "parameters": parameters}}}))).unwrap()
    };
    let off = query(json!({"type": "boolean"}));
    assert!(takes(&off, json!({"query": {"stream": false}})) && !takes(&off, json!({"query": {"stream": true}})));
    assert!(takes(&off, json!({})));
    let on = query(json!({"type": "boolean", "default": true}));
    assert!(takes(&on, json!({"query": {"stream": false}})) && !takes(&on, json!({})), "it would stream");
    let named = query(json!({"type": "string"}));
    assert!(takes(&named, json!({"query": {"stream": "main"}})));

    let fields = json!({"properties": {"stream": {"type": "boolean"}, "a": {"type": "string"}}});
    let body = json!({"content": {"application/x-www-form-urlencoded": {"schema": fields}}});
    let paths = json!({"/a": {"post": {"responses": answers, "requestBody": body}}});
    let form = value(&description("3.1.0", paths)).unwrap();
    assert!(takes(&form, json!({"body": {"stream": false}})) && !takes(&form, json!({"body": {"stream": true}})));
}

#[test]
fn the_descriptions_own_examples_are_taken_and_used() {
    let schema = json!({"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}},
        "example": {"name": "of the schema"}});
    let body = json!({"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/s"},
        "examples": {"one": {"value": {"name": "one"}}, "two": {"$ref": "#/components/examples/two"}, "out": {"externalValue": "x"}}}}});
    let parameters = json!([{"name": "x", "in": "path", "required": true, "schema": {"type": "string"}, "example": "abc"},
        {"name": "q", "in": "query", "schema": {"type": "integer", "examples": [7]}, "examples": {"a": {"value": 8}}}]);
    let paths = json!({"/a/{x}": {"post": operation(json!({"parameters": parameters, "requestBody": body}))}});
    let components = json!({"components": {"schemas": {"s": schema}, "examples": {"two": {"value": {"name": "two"}}}}});
    let imported = value(&with(description("3.1.0", paths), components)).unwrap();
    assert_eq!(imported.examples, 6, "{:?}", imported.notes);
    let example: Value = serde_json::from_str(&imported.only().examples[0].input).unwrap();
    assert_eq!(example, json!({"path": {"x": "abc"}, "body": {"name": "one"}}));
}

#[test]
fn an_example_that_does_not_fit_is_told_and_not_used() {
    let imported =
        one(json!({"name": "q", "in": "query", "required": true, "schema": {"type": "integer"}, "example": "seven"}));
    assert!(imported.noted()[0].contains("`/query/q` does not pass"), "{:?}", imported.noted());
    let example: Value = serde_json::from_str(&imported.only().examples[0].input).unwrap();
    assert!(example["query"]["q"].is_i64());
    let refusal =
        post("3.1.0", json!({"type": "string", "pattern": "^a{3}$", "format": "uuid"}), json!({})).unwrap_err();
    assert!(
        refusal.places()[0].what.contains("example"),
        "an action without any example is none: {:?}",
        refusal.places()
    );
}
