//! What a type's schema takes is what the type takes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Action;

/// Not for agents.
#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Letter {
    /// Whom it is for.
    #[schemars(length(min = 1, max = 80))]
    to: String,
    /// How often.
    times: Option<u8>,
    /// How it goes.
    by: Option<Way>,
    /// What goes with it.
    #[schemars(length(max = 3))]
    with: Option<Vec<Enclosure>>,
    /// Anything else, by name.
    labels: Option<BTreeMap<String, String>>,
    /// A member whose name is a word of JSON Schema.
    properties: Option<bool>,
}

/// A way to send something.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Way {
    Train,
    Ship,
}

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Enclosure {
    /// Its weight in grams.
    grams: f64,
    /// A part of it.
    part: Option<Box<Enclosure>>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(extend("additionalProperties" = true))]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Open {
    /// One member of many.
    one: bool,
}

fn schema<T: JsonSchema>() -> Value {
    Action::post("send-letter", "/v1/letters").input_of::<T>().input_schema.parse().unwrap()
}

#[test]
fn a_struct_is_closed_and_its_fields_are_as_declared() {
    let schema = schema::<Letter>();
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["to"]));
    assert_eq!(
        schema["properties"]["to"],
        json!({"description": "Whom it is for.", "type": "string", "minLength": 1, "maxLength": 80})
    );
    let names: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["to", "times", "by", "with", "labels", "properties"], "in the order of the fields");
    for gone in ["title", "description", "$schema"] {
        assert!(schema.get(gone).is_none(), "{gone}: {schema:#}");
    }
}

#[test]
fn what_may_be_left_out_is_never_null() {
    let schema = schema::<Letter>();
    let times = json!({"description": "How often.", "type": "integer", "minimum": 0, "maximum": 255});
    assert_eq!(schema["properties"]["times"], times);
    assert_eq!(schema["properties"]["with"]["type"], "array");
    assert!(!schema.to_string().contains("null"), "{schema:#}");
}

#[test]
fn an_optional_choice_keeps_the_fields_own_words() {
    let by = schema::<Letter>()["properties"]["by"].clone();
    assert_eq!(by["description"], "How it goes.");
    assert_eq!(by["enum"], json!(["train", "ship"]), "{by:#}");
}

#[test]
fn what_is_inside_is_closed_too_and_widths_are_no_formats() {
    let schema = schema::<Letter>();
    let text = schema.to_string();
    let enclosure = schema.pointer("/$defs/Enclosure").or_else(|| schema.pointer("/properties/with/items")).unwrap();
    assert_eq!(enclosure["additionalProperties"], false, "{schema:#}");
    assert!(!text.contains("format"), "{text}");
}

#[test]
fn a_map_keeps_the_schema_of_its_values_and_a_member_may_have_any_name() {
    let schema = schema::<Letter>();
    assert_eq!(schema["properties"]["labels"]["additionalProperties"]["type"], "string");
    assert_eq!(schema["properties"]["properties"]["type"], "boolean");
    assert!(schema["properties"].get("additionalProperties").is_none(), "{schema:#}");
}

#[test]
fn a_struct_may_stay_open_by_its_own_word() {
    assert_eq!(schema::<Open>()["additionalProperties"], true);
}
