//! What is made passes the schema, as the registry says; what cannot be made is not.

use portcullis_registry::Schema;
use serde_json::{Value, json};

use super::{Maker, of_input};

fn make(schema: &Value) -> Option<Value> {
    Maker::new(schema).make(schema, 0)
}

#[test]
fn what_is_made_passes_the_schema() {
    for schema in [
        json!(true),
        json!({}),
        json!({"type": "string", "minLength": 30, "maxLength": 31}),
        json!({"type": "string", "maxLength": 3}),
        json!({"type": "string", "pattern": "^[a-z0-9_-]+$", "minLength": 5}),
        json!({"type": "string", "pattern": "^(ag|cs)_[0-9a-f]{20}$"}),
        json!({"type": "string", "pattern": "^[^/]+/[^/]+$"}),
        json!({"type": "string", "pattern": "^\\d{4}-\\d{2}(-\\d{2})?$"}),
        json!({"pattern": "^$|^a*$", "minLength": 0}),
        json!({"type": "string", "format": "uuid"}),
        json!({"type": "string", "format": "date-time"}),
        json!({"type": "string", "format": "date"}),
        json!({"type": "string", "format": "email"}),
        json!({"type": "string", "format": "uri"}),
        json!({"type": "string", "format": "ipv6"}),
        json!({"type": "string", "format": "hostname"}),
        json!({"type": "integer"}),
        json!({"type": "integer", "minimum": 7, "multipleOf": 5}),
        json!({"type": "integer", "exclusiveMinimum": -9, "maximum": -3}),
        json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
        json!({"type": "number", "maximum": 0.5}),
        json!({"type": "number", "multipleOf": 0.25, "maximum": 0.5}),
        json!({"type": ["null", "boolean"]}),
        json!({"type": "null"}),
        json!({"type": "array", "items": {"type": "integer"}, "minItems": 3}),
        json!({"type": "array", "maxItems": 0}),
        json!({"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": true, "minItems": 3}),
        json!({"type": "array", "items": {"type": "string"}, "uniqueItems": true, "minItems": 3}),
        json!({"prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "type": "array"}),
        json!({"required": ["a", "b"], "properties": {"a": {"const": 5}}, "type": "object"}),
        json!({"type": "object", "minProperties": 2, "properties": {"a": {"type": "string"}}}),
        json!({"type": "object", "minProperties": 2, "additionalProperties": {"type": "integer"}}),
        json!({"anyOf": [{"type": "string"}, {"type": "array"}], "type": "array", "minItems": 1}),
        json!({"oneOf": [{"type": "array"}, {"type": "object", "required": ["a"]}, {"type": "object"}]}),
        json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "anyOf": [{"required": ["b"]}, {"required": ["a"]}], "additionalProperties": false}),
        json!({"allOf": [{"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "minLength": 9}}},
            {"required": ["b"], "properties": {"a": {"maxLength": 12}, "b": {"$ref": "#/$defs/B"}}}],
            "$defs": {"B": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/C"}}, "C": {"enum": [null, 3]}}}),
        json!({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "required": ["children"], "properties":
            {"children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}}),
        json!({"default": "x", "enum": ["y", "z"]}),
        json!({"type": "string", "minLength": 3, "examples": ["x", "xyz"]}),
        json!({"type": "integer", "example": "5"}),
        json!({"not": {"type": "string"}, "type": "integer"}),
    ] {
        let made = make(&schema).unwrap_or_else(|| panic!("nothing for {schema}"));
        let checked = Schema::compile(&schema, "test").and_then(|compiled| compiled.check(&made));
        assert!(checked.is_ok(), "{made} for {schema}: {:?}", checked.map_err(|e| e.places().to_vec()));
    }
}

#[test]
fn what_the_author_says_comes_first() {
    for (schema, made_value) in [
        (json!({"type": "string", "example": "b", "examples": ["c"], "default": "a"}), json!("a")),
        (json!({"type": "string", "example": "b", "examples": ["c"]}), json!("b")),
        (json!({"type": "string", "examples": ["c"], "enum": ["d", "c"]}), json!("c")),
        (json!({"type": "string", "enum": ["d", "c"]}), json!("d")),
        (json!({"type": "string"}), json!("example")),
        (json!({"type": "integer", "minimum": 10, "example": 3}), json!(10)),
        (json!({"type": "object", "properties": {"optional": {"type": "string"}}}), json!({})),
    ] {
        assert_eq!(make(&schema), Some(made_value), "{schema}");
    }
}

#[test]
fn what_cannot_be_made_is_not_and_costs_little() {
    let mut wide = json!({"type": "string"});
    for _ in 0..40 {
        wide = json!({"type": "object", "required": ["a", "b"], "properties": {"a": wide.clone(), "b": {"$ref": "#"}}});
    }
    let tree = |branch: Value| {
        json!({"$ref": "#/$defs/t", "$defs": {"t": {"type": "object", "required": ["l", "r"], "properties":
            {"l": branch, "r": {"$ref": "#/$defs/t"}}}}})
    };
    for schema in [
        json!(false),
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}, {"$ref": "#"}]}),
        json!({"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}),
        json!({"type": "string", "pattern": "(a?){4000000000}b{9}", "minLength": 10}),
        json!({"type": "string", "pattern": "((a?){4000000000}){4000000000}", "minLength": 10}),
        json!({"type": "string", "pattern": "(?!a)b"}),
        json!({"type": "string", "minLength": 100_000_000}),
        json!({"type": "array", "minItems": 100_000_000}),
        json!({"type": "integer", "minimum": 5, "maximum": 4}),
        json!({"type": "integer", "minimum": 6, "maximum": 9, "multipleOf": 5}),
        tree(json!({"$ref": "#/$defs/t"})),
        wide,
    ] {
        let began = std::time::Instant::now();
        assert_eq!(make(&schema), None, "{schema}");
        assert!(began.elapsed().as_secs() < 3, "{:?} for {schema}", began.elapsed());
    }
}

#[test]
fn a_path_gets_segments() {
    let input = |property: Value, rest: Option<&str>| {
        let schema =
            json!({"properties": {"path": {"required": ["p"], "properties": {"p": property}}}, "required": ["path"]});
        of_input(&schema, rest).map(|input| input["path"]["p"].clone())
    };
    assert_eq!(input(json!({"type": "string"}), None), Some(json!("example")));
    assert_eq!(input(json!({"type": "integer"}), None), Some(json!(1)));
    assert_eq!(input(json!({"type": "string", "example": "a/b"}), None), Some(json!("example")));
    assert_eq!(input(json!({"type": "string", "pattern": "^[^/]+/[^/]+$"}), None), None);
    assert_eq!(input(json!({"enum": ["a/b", ".."]}), None), None);
    assert_eq!(input(json!({"type": "array", "items": {"type": "string"}}), Some("p")), Some(json!(["example"])));
    assert_eq!(input(json!({"type": "array", "items": {"enum": ["/"]}}), Some("p")), None);
}
