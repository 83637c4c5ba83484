//! Each keyword of the dialect has its branches, and inputs reach them.

use serde_json::{Value, json};

use super::of_schema;
use crate::dictionary::Dictionary;
use crate::inputs::Stream;
use crate::options::Options;

fn object(properties: &Value) -> Value {
    json!({"type": "object", "additionalProperties": false, "required": ["a"], "properties": properties})
}

#[test]
fn every_branch_of_these_schemas_is_reached() {
    for schema in [
        object(
            &json!({"a": {"type": "string", "minLength": 2, "maxLength": 9}, "b": {"enum": ["x", 7, null]}, "c": {"type": "boolean"}}),
        ),
        object(
            &json!({"a": {"type": "integer", "minimum": -3, "maximum": 300, "multipleOf": 3}, "b": {"type": ["null", "string", "number"]}}),
        ),
        object(&json!({"a": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1.5}})),
        object(&json!({"a": {"type": "string", "pattern": "^[a-z]{2,5}-[0-9]+$", "minLength": 4, "maxLength": 12}})),
        object(&json!({"a": {"type": "string", "pattern": "^https://"}, "b": {"pattern": "[0-9]$", "type": "string"}})),
        object(
            &json!({"a": {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": true, "minItems": 1, "maxItems": 3}}),
        ),
        object(
            &json!({"a": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": {"type": "boolean"}}}),
        ),
        object(
            &json!({"a": {"type": "array", "items": {"type": "integer"}, "contains": {"const": 5}, "minContains": 2}}),
        ),
        object(
            &json!({"a": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["k"], "properties": {"k": {"type": "null"}}}]}}),
        ),
        object(
            &json!({"a": {"oneOf": [{"type": "integer", "minimum": 10}, {"type": "integer", "maximum": 5}, {"const": "off"}]}}),
        ),
        object(
            &json!({"a": {"type": "object", "patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": {"type": "integer"}}}),
        ),
        object(
            &json!({"a": {"type": "object", "minProperties": 2, "maxProperties": 4, "propertyNames": {"pattern": "^[a-z]+$"}}}),
        ),
        json!({"type": "object", "properties": {"kind": {"enum": ["a", "b"]}, "n": {"type": "integer"}}, "required": ["kind"],
            "if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["n"]}, "else": {"properties": {"n": false}}}),
        json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "dependentRequired": {"a": ["b"]}}),
        json!({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "required": ["v"], "additionalProperties": false,
            "properties": {"v": {"type": "boolean"}, "next": {"$ref": "#/$defs/node"}}}}}),
        json!({"allOf": [{"$ref": "#/$defs/x"}, {"required": ["b"], "properties": {"b": {"enum": ["p", "q"]}}}],
            "$defs": {"x": {"type": "object", "properties": {"a/b~c": {"type": "integer", "minimum": 1}}}}}),
        json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}, "at": {"type": "string", "format": "date-time"}}}),
    ] {
        let made = of_schema(&schema, 1_200);
        assert!(made.missed.is_empty(), "{schema}: {:?}", made.missed);
        assert!(made.branches > 0 && made.broken > 0, "{schema}");
    }
}

#[test]
fn what_cannot_be_reached_is_said_to_be_missed() {
    let schema =
        object(&json!({"a": {"type": "string"}, "b": {"anyOf": [{"type": "string"}, {"type": "string", "not": {}}]}}));
    assert_eq!(of_schema(&schema, 800).missed, ["/properties/b/anyOf/1 taken"]);
    let far = object(&json!({"a": {"type": "string", "maxLength": 900_000}}));
    assert_eq!(of_schema(&far, 800).missed, ["/properties/a at maxLength 900000"]);
}

#[test]
fn a_schema_that_allows_one_input_gives_one() {
    let schema = json!({"type": "object", "additionalProperties": false});
    let made = of_schema(&schema, 500);
    let plain: Vec<&String> = made.inputs.iter().filter(|input| *input == "{}").collect();
    assert_eq!(plain.len(), 1);
    assert!(made.inputs.iter().all(|input| input.trim().replace([' ', '\n'], "") == "{}"), "{:?}", made.inputs);
}

#[test]
fn the_same_seed_makes_the_same_inputs_and_another_one_others() {
    let schema = object(&json!({"a": {"type": "string"}, "n": {"type": "number"}}));
    let port = super::port(&schema);
    let action = port.actions().next().unwrap().clone();
    let inputs = |seed| super::made(&port, &action, seed, 900).inputs;
    assert_eq!(inputs(3), inputs(3));
    assert_ne!(inputs(3), inputs(4));
}

#[test]
fn no_input_is_larger_than_the_host_takes() {
    let schema = object(&json!({"a": {"type": "string"}, "b": {"type": "array", "items": {"type": "string"}}}));
    let port = super::port(&schema);
    let action = port.actions().next().unwrap().clone();
    let dictionary = Dictionary::of(port.manifest(), None, &Options::default());
    let lengths = |limit| {
        let mut stream = Stream::new(&action, &dictionary, 1, limit).unwrap();
        stream.batch(2_000).into_iter().map(|input| input.text.len()).collect::<Vec<_>>()
    };
    assert!(lengths(256 << 10).into_iter().any(|length| length > 1_000));
    let small = lengths(300);
    assert!(small.len() > 500 && small.iter().all(|length| *length <= 300), "{:?}", small.iter().max());
}
