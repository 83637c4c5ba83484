//! Any description at all: a good one with anything in any place of it. Whatever is imported holds.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::{Registry, value};
use crate::openapi::SchemaCheck;

const GOOD: &str = include_str!("../../../../../tests/fixtures/openapi/shop_3_1.json");

/// Words that mean something in a description, and some that mean nothing.
fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "$ref",
        "type",
        "properties",
        "items",
        "allOf",
        "anyOf",
        "oneOf",
        "required",
        "enum",
        "const",
        "nullable",
        "pattern",
        "format",
        "default",
        "examples",
        "example",
        "schema",
        "name",
        "in",
        "query",
        "path",
        "header",
        "post",
        "get",
        "content",
        "application/json",
        "200",
        "parameters",
        "requestBody",
        "responses",
        "security",
        "servers",
        "#/components/schemas/Thing",
        "#/components/schemas/Chat",
        "#",
        "#/",
        "string",
        "object",
        "array",
        "integer",
        "null",
        "additionalProperties",
        "minimum",
        "exclusiveMinimum",
        "readOnly",
        "if",
        "not",
        "prefixItems",
        "$id",
        "unevaluatedProperties",
        "patternProperties",
        "https://api.shop.example",
        "stream",
        "/a/{b}",
        "..",
        "",
        "(",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => "\\PC{0,8}"]
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3_i64..300).prop_map(Value::from),
        Just(Value::from(0.5)),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((word(), inner), 0..4).prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

/// Every place of a value, by its pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(map) => map.iter().for_each(|(name, inner)| {
            places(inner, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, inner)| places(inner, &format!("{at}/{n}"), found))
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_in_a_description_what_is_imported_holds(
        changes in prop::collection::vec((any::<prop::sample::Index>(), anything()), 1..6),
    ) {
        let mut description: Value = serde_json::from_str(GOOD).unwrap();
        for (place, new) in changes {
            let mut all = Vec::new();
            places(&description, "", &mut all);
            // The root stays: anything in its place is no description.
            let at = &all[1..][place.index(all.len() - 1)];
            *description.pointer_mut(at).unwrap() = new;
        }
        let Ok(imported) = value(&description) else { return Ok(()) };
        let of_operations = imported.left_out.iter().filter(|left| left.operation.contains(' ')).count();
        let actions = imported.document.action_templates.len();
        // A path that leads elsewhere counts no operations.
        prop_assert!(actions + of_operations >= imported.operations);
        for action in imported.document.manifest().unwrap().actions {
            let schema = serde_json::from_str(&action.input_schema).unwrap();
            let example = serde_json::from_str(&action.examples[0].input).unwrap();
            prop_assert_eq!(Registry.check(&schema, &[&example]), Ok(vec![None]));
        }
    }
}
