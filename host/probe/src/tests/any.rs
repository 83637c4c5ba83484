//! Schemas that nobody thought of.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde_json::{Map, Value, json};

use super::of_schema;

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]", Just("a/b".to_owned()), Just("~".to_owned()), Just("\u{e9}".to_owned()), Just(String::new())]
}

fn leaf() -> impl Strategy<Value = Value> {
    let text = (0_u64..5, 0_u64..9, any::<bool>()).prop_map(|(least, more, bounded)| {
        let mut schema = json!({"type": "string", "minLength": least});
        if bounded {
            schema["maxLength"] = json!(least + more);
        }
        schema
    });
    let number = (-9_i64..9, 0_i64..20, 1_u8..4, any::<bool>(), prop_oneof![Just("number"), Just("integer")]).prop_map(
        |(least, more, step, open, kind)| {
            let (low, high) = if open { ("exclusiveMinimum", "exclusiveMaximum") } else { ("minimum", "maximum") };
            json!({"type": kind, low: least, high: least + more + 2, "multipleOf": if step == 3 { json!(0.5) } else { json!(step) }})
        },
    );
    let pattern = prop_oneof![Just("^[a-z]+$"), Just("[0-9]{2,4}"), Just("^x-"), Just("(a|b)c?$"), Just("^\\p{L}+$")];
    prop_oneof![
        text,
        number,
        pattern.prop_map(|pattern| json!({"type": "string", "pattern": pattern})),
        prop_oneof![Just("uuid"), Just("date"), Just("ipv4"), Just("email"), Just("uri")]
            .prop_map(|f| json!({"type": "string", "format": f})),
        Just(json!({"enum": ["one", 2, null, true, {"deep": []}]})),
        Just(json!({"const": [1, "a"]})),
        Just(json!({"type": ["boolean", "null"]})),
        Just(json!(true)),
        Just(json!({})),
    ]
}

fn schema() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 24, 4, |inner| {
        let object = (prop::collection::vec((name(), inner.clone(), any::<bool>()), 0..4), 0_u8..3, inner.clone());
        let object = object.prop_map(|(members, closed, others)| {
            let required: Vec<&String> = members.iter().filter(|(_, _, required)| *required).map(|(name, ..)| name).collect();
            let mut schema = json!({"type": "object"});
            let unique: std::collections::BTreeSet<_> = required.into_iter().collect();
            schema["required"] = json!(unique);
            match closed {
                0 => schema["additionalProperties"] = json!(false),
                1 => schema["additionalProperties"] = others.clone(),
                _ => schema["patternProperties"] = json!({"^p": others}),
            }
            schema["properties"] = members.into_iter().map(|(name, schema, _)| (name, schema)).collect::<Map<_, _>>().into();
            schema
        });
        let list = (inner.clone(), inner.clone(), 0_u64..3, 0_u64..3, any::<bool>(), any::<bool>());
        let list = list.prop_map(|(items, first, least, more, unique, prefix)| {
            let mut schema = json!({"type": "array", "items": items, "minItems": least, "maxItems": least + more, "uniqueItems": unique});
            if prefix {
                schema["prefixItems"] = json!([first]);
            }
            schema
        });
        let several = (prop::collection::vec(inner.clone(), 1..4), prop_oneof![Just("anyOf"), Just("oneOf"), Just("allOf")]);
        let several = several.prop_map(|(arms, keyword)| json!({keyword: arms}));
        let condition = (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| json!({"if": a, "then": b, "else": c}));
        prop_oneof![3 => object, 2 => list, 1 => several, 1 => condition]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// `made` itself checks every input, and that nothing broken passes.
    #[test]
    fn what_is_made_of_any_schema_passes_it_and_what_is_broken_does_not(inner in schema(), seed in any::<u64>()) {
        let schema = json!({"type": "object", "properties": {"x": inner, "y": {"$ref": "#/properties/x"}}});
        let port = super::port(&schema);
        let action = port.actions().next().expect("there is an action").clone();
        prop_assume!(action.schema().is_ok());
        let made = super::made(&port, &action, seed, 150);
        prop_assert!(!made.inputs.is_empty());
    }
}

#[test]
fn the_strategy_makes_schemas_that_can_be_used_and_inputs_beyond_the_empty_one() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut usable, mut rich) = (0, 0);
    for _ in 0..60 {
        let inner = schema().new_tree(&mut runner).unwrap().current();
        let schema = json!({"type": "object", "required": ["x"], "properties": {"x": inner}});
        if super::port(&schema).actions().next().unwrap().schema().is_ok() {
            usable += 1;
            rich += usize::from(of_schema(&schema, 60).inputs.len() > 3);
        }
    }
    assert!(usable >= 50 && rich >= 30, "{usable} {rich}");
}
