//! Schemas: OpenAPI 3.0's and 3.1's as JSON Schema 2020-12 for a request.

use serde_json::{Value, json};

use super::post;
use crate::openapi::Imported;

/// A schema of a member that a request may leave out.
fn converted(version: &str, schema: Value) -> Value {
    let whole = json!({"type": "object", "properties": {"a": schema}});
    let imported = post(version, whole, json!({})).unwrap_or_else(|refusal| panic!("{schema}: {:?}", refusal.places()));
    imported.body()["properties"]["a"].clone()
}

#[test]
fn what_openapi_3_0_writes_otherwise_is_rewritten() {
    for (written, meant) in [
        (json!({"type": "string", "nullable": true}), json!({"type": ["string", "null"]})),
        (json!({"type": "string", "nullable": false}), json!({"type": "string"})),
        (
            json!({"type": "string", "nullable": true, "enum": ["a"]}),
            json!({"type": ["string", "null"], "enum": ["a", null]}),
        ),
        (
            json!({"nullable": true, "title": "T", "allOf": [{"type": "object"}]}),
            json!({"title": "T", "anyOf": [{"allOf": [{"type": "object"}]}, {"type": "null"}]}),
        ),
        (
            json!({"type": "number", "minimum": 1, "exclusiveMinimum": true}),
            json!({"type": "number", "exclusiveMinimum": 1}),
        ),
        (json!({"type": "number", "minimum": 1, "exclusiveMinimum": false}), json!({"type": "number", "minimum": 1})),
        (
            json!({"type": "number", "maximum": 9, "exclusiveMaximum": true}),
            json!({"type": "number", "exclusiveMaximum": 9}),
        ),
        (json!({"type": "integer", "example": 3}), json!({"type": "integer", "examples": [3]})),
        (
            json!({"type": "object", "discriminator": {"propertyName": "kind"}, "xml": {}, "externalDocs": {}, "x-more": 1}),
            json!({"type": "object"}),
        ),
        (
            json!({"type": "array", "minItems": 1.0, "items": {"type": "string", "format": "byte"}}),
            json!({"type": "array", "minItems": 1, "items": {"type": "string", "format": "byte"}}),
        ),
    ] {
        assert_eq!(converted("3.0.3", written.clone()), meant, "{written}");
    }
}

#[test]
fn openapi_3_1_is_taken_as_it_is() {
    for schema in [
        json!({"type": ["string", "null"]}),
        json!({"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 2.5, "multipleOf": 0.5}),
        json!({"const": null}),
        json!({"type": "array", "prefixItems": [{"type": "string"}, true], "items": false, "minItems": 2}),
        json!({"type": "object", "patternProperties": {"^x-": {}}, "propertyNames": {"maxLength": 9}, "unevaluatedProperties": false}),
        json!({"if": {"type": "string"}, "then": {"maxLength": 9}, "else": {"type": "integer"}}),
        json!({"type": "object", "dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}}),
        json!({"type": "object", "properties": {"$ref": {"type": "string"}, "$id": {"type": "string"}, "nullable": {"type": "boolean"}}}),
        json!({"type": "string", "deprecated": true, "writeOnly": true, "examples": ["a"], "title": "T", "description": "D"}),
    ] {
        assert_eq!(converted("3.1.0", schema.clone()), schema);
    }
    // Carried over from 3.0, where it means what it says.
    assert_eq!(converted("3.1.0", json!({"type": "string", "nullable": true})), json!({"type": ["string", "null"]}));
}

#[test]
fn a_keyword_of_the_wrong_shape_is_dropped_and_that_is_said() {
    for (keyword, value) in [
        ("type", json!("file")),
        ("type", json!(["string", "file"])),
        ("enum", json!([])),
        ("enum", json!("a")),
        ("enum", json!([{"$ref": "#/x"}])),
        ("const", json!({"$id": "x"})),
        ("minLength", json!(-1)),
        ("maxItems", json!("3")),
        ("multipleOf", json!(0)),
        ("minimum", json!("1")),
        ("required", json!(true)),
        ("pattern", json!(3)),
        ("pattern", json!("(?=a)b")),
        ("pattern", json!("(a{1000}){1000}")),
        ("patternProperties", json!({"(": {}})),
        ("properties", json!([])),
        ("items", json!([{"type": "string"}])),
        ("allOf", json!([])),
        ("anyOf", json!({})),
        ("not", json!("x")),
        ("uniqueItems", json!("yes")),
        ("format", json!(1)),
        ("dependentRequired", json!({"a": ["b", "b"]})),
        ("$recursiveRef", json!("#")),
    ] {
        let schema = json!({"type": "object", "properties": {"a": {"minLength": 0, keyword: value}}});
        let imported = post("3.1.0", schema, json!({})).unwrap();
        let notes = imported.noted();
        assert!(
            notes.len() == 1 && notes[0].starts_with(&format!("`{keyword}` is dropped")),
            "{keyword} {value}: {notes:?}"
        );
        let kept = imported.body()["properties"]["a"].clone();
        if keyword != "patternProperties" && keyword != "minLength" {
            assert_eq!(kept, json!({"minLength": 0}), "{keyword} {value}");
        }
    }
}

#[test]
fn a_pattern_that_compiles_is_kept() {
    let schema = json!({"type": "string", "pattern": "^[a-z]{2}\\d$", "examples": ["ab1"]});
    assert_eq!(converted("3.0.0", schema.clone()), schema);
}

fn references(version: &str) -> Imported {
    let components = json!({
        "Tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            "leaf": {"$ref": "#/components/schemas/a.b%20c"}, "odd": {"$ref": "#/components/schemas/Tree/properties/children"}}},
        "a.b c": {"type": "string"},
        "Unused": {"type": "string"}});
    let schema = json!({"$ref": "#/components/schemas/Tree", "description": "beside", "maxProperties": 9});
    post(version, schema, components).unwrap()
}

#[test]
fn references_become_definitions_and_only_those_that_are_reached() {
    let imported = references("3.1.0");
    let defs = imported.defs();
    assert_eq!(defs.keys().collect::<Vec<_>>(), ["Tree", "a.b_20c", "children"]);
    assert_eq!(defs["Tree"]["properties"]["children"]["items"], json!({"$ref": "#/$defs/Tree"}));
    assert_eq!(defs["Tree"]["properties"]["leaf"], json!({"$ref": "#/$defs/a.b_20c"}));
    assert_eq!(imported.document.defs.len(), 3);
    assert_eq!(imported.body(), json!({"$ref": "#/$defs/Tree", "description": "beside", "maxProperties": 9}));
    // In 3.0 what stands beside a reference is ignored.
    assert_eq!(references("3.0.3").body(), json!({"$ref": "#/$defs/Tree"}));
}

#[test]
fn definitions_of_one_last_name_are_told_apart() {
    let components =
        json!({"a": {"properties": {"x": {"type": "string"}}}, "b": {"properties": {"x": {"type": "integer"}}}});
    let schema = json!({"type": "object", "properties": {
        "p": {"$ref": "#/components/schemas/a/properties/x"}, "q": {"$ref": "#/components/schemas/b/properties/x"}}});
    let imported = post("3.1.0", schema, components).unwrap();
    let body = imported.body();
    let of = |name: &str| {
        let reference = body["properties"][name]["$ref"].as_str().unwrap().to_owned();
        imported.defs()[reference.strip_prefix("#/$defs/").unwrap()].clone()
    };
    assert_eq!((of("p"), of("q")), (json!({"type": "string"}), json!({"type": "integer"})));
}

#[test]
fn what_cannot_be_followed_leaves_out_the_operation() {
    for (schema, why) in [
        (json!({"$ref": "https://example.com/schema.json"}), "leads out of the description"),
        (json!({"$ref": "common.yaml#/x"}), "leads out of the description"),
        (
            json!({"type": "object", "properties": {"a": {"items": {"$ref": "#/components/schemas/missing"}}}}),
            "leads nowhere",
        ),
        (json!({"$ref": "#anchor"}), "leads nowhere"),
        (json!({"$ref": "#/components/schemas/far"}), "leads out of the description"),
        (json!({"$id": "https://example.com/x", "type": "object"}), "`$id`"),
        (json!({"$dynamicRef": "#x"}), "`$dynamicRef`"),
        (json!({"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}), "draft-04"),
    ] {
        let far = json!({"far": {"type": "object", "properties": {"x": {"$ref": "#/components/schemas/further"}}},
            "further": {"$ref": "file:///etc/passwd"}});
        let refusal = post("3.1.0", schema.clone(), far).unwrap_err();
        assert!(refusal.places()[0].what.contains(why), "{schema}: {:?}", refusal.places());
    }
    let plain =
        json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "$anchor": "unused", "type": "object"});
    assert_eq!(converted("3.1.0", plain), json!({"type": "object"}));
}

#[test]
fn a_request_needs_no_members_that_only_answers_have() {
    let components = json!({"Base": {"type": "object", "required": ["id", "name"], "properties": {
            "id": {"type": "string", "readOnly": true}, "name": {"type": "string"}, "seen": {"$ref": "#/components/schemas/Seen"}}},
        "Seen": {"type": "string", "readOnly": true}});
    let schema = json!({"allOf": [{"$ref": "#/components/schemas/Base"}, {"type": "object", "required": ["id", "seen", "size"],
        "properties": {"size": {"type": "integer"}}}]});
    let imported = post("3.0.3", schema, components).unwrap();
    assert_eq!(imported.defs()["Base"]["required"], json!(["name"]));
    assert_eq!(imported.body()["allOf"][1]["required"], json!(["size"]));
    let only =
        json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "readOnly": true}}});
    assert_eq!(converted("3.1.0", only)["required"], Value::Null);
}

#[test]
fn data_that_looks_like_a_schema_is_no_schema() {
    let schema = json!({"type": "object", "properties": {"a": {"type": "object", "example": {"$ref": "#/nowhere"}, "default": {"$id": "x"}}}});
    assert_eq!(converted("3.1.0", schema)["properties"]["a"], json!({"type": "object"}));
}

#[test]
fn texts_are_bounded_and_examples_too() {
    let schema = json!({"type": "object", "title": "T".repeat(5_000), "description": "D".repeat(50_000), "properties": {
        "a": {"type": "string", "examples": ["x".repeat(50_000), "short"]}}});
    let body = converted("3.1.0", schema);
    assert_eq!(body["title"].as_str().unwrap().chars().count(), 200);
    assert_eq!(body["description"].as_str().unwrap().chars().count(), 1_000);
    assert_eq!(body["properties"]["a"]["examples"], json!(["short"]));
}
