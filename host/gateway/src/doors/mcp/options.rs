//! `_portcullis`: what a caller may say about a call beside the action's own input.
//!
//! It is taken out of the arguments before the action sees them, and only where the tool's schema offers it.

use portcullis_model::{Code, Refusal, Shown};
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::shape::ResponseMode;

/// The reserved property.
pub(super) const PROPERTY: &str = "_portcullis";

/// Keywords of an object schema that one more optional property cannot conflict with.
const PLAIN: [&str; 11] = [
    "$comment",
    "$defs",
    "$schema",
    "additionalProperties",
    "default",
    "definitions",
    "description",
    "examples",
    "properties",
    "required",
    "title",
];

/// Options of one call.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Options {
    pub(super) select: Option<String>,
    pub(super) response_mode: Option<ResponseMode>,
    pub(super) idempotency_key: Option<String>,
    pub(super) wait_ms: Option<u32>,
    pub(super) dry_run: bool,
}

/// Whether a tool with this declared schema has room for the options: only where they cannot change what the schema
/// means, and where the plugin has no property of that name itself.
pub(super) fn fit(declared: &Value) -> bool {
    let Some(schema) = declared.as_object() else { return false };
    schema.iter().all(|(keyword, value)| match keyword.as_str() {
        "type" => value == "object",
        "properties" => value.as_object().is_some_and(|properties| !properties.contains_key(PROPERTY)),
        "required" => value.as_array().is_some_and(|names| !names.contains(&json!(PROPERTY))),
        other => PLAIN.contains(&other),
    })
}

/// The options' own schema. Short, since every tool repeats it and every reader pays for it.
pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "description": "Options of Portcullis, not sent on: select (JSONPath into the answer), waitMs (for an approval), \
                        dryRun (send nothing), idempotencyKey (never send twice).",
        "properties": {
            "select": {"type": "string"},
            "responseMode": {"enum": ["full", "compact", "ok"]},
            "idempotencyKey": {"type": "string"},
            "waitMs": {"type": "integer", "minimum": 0, "maximum": 60000},
            "dryRun": {"type": "boolean"}
        },
        "additionalProperties": false
    })
}

/// Takes the options out of a call's arguments.
///
/// # Errors
/// `bad-request` where they are no such options: they were meant to narrow a call, which must not go out without them.
pub(super) fn take(arguments: &mut JsonObject, declared: &Value) -> Result<Options, Refusal> {
    if !fit(declared) {
        let own = declared["properties"].get(PROPERTY).is_some();
        if own || !arguments.contains_key(PROPERTY) {
            return Ok(Options::default());
        }
        let what = format!("this tool takes no `{PROPERTY}`: its schema leaves no room for it");
        return Err(Refusal::new(Code::BadRequest, what).fix(format!("leave `{PROPERTY}` out")));
    }
    let Some(given) = arguments.remove(PROPERTY) else { return Ok(Options::default()) };
    serde_json::from_value(given).map_err(|error| {
        let what = error.to_string();
        Refusal::new(Code::BadRequest, format!("`{PROPERTY}` is not right: {}", Shown::new(&what)))
            .fix(format!("the tool's input schema lists the members of `{PROPERTY}`"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(value: Value) -> JsonObject {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn options_are_taken_out_and_nothing_else_is() {
        let declared = json!({"type": "object", "properties": {"a": {}}, "additionalProperties": false});
        let mut given = arguments(json!({"a": 1, "_portcullis": {"select": "$.x", "waitMs": 5, "dryRun": true}}));
        let options = take(&mut given, &declared).unwrap();
        assert_eq!((options.select.as_deref(), options.wait_ms, options.dry_run), (Some("$.x"), Some(5), true));
        assert_eq!(Value::Object(given), json!({"a": 1}));
    }

    #[test]
    fn a_plugin_that_has_such_a_property_keeps_it() {
        let declared = json!({"type": "object", "properties": {"_portcullis": {"type": "string"}}});
        let mut given = arguments(json!({"_portcullis": {"dryRun": true}}));
        assert!(!take(&mut given, &declared).unwrap().dry_run);
        assert!(given.contains_key(PROPERTY));
    }

    #[test]
    fn a_schema_that_one_more_property_would_change_is_left_alone() {
        for declared in [
            json!({"type": "object", "maxProperties": 1}),
            json!({"type": "object", "propertyNames": {"pattern": "^a"}}),
            json!({"type": "object", "patternProperties": {"^_": false}}),
            json!({"type": "object", "oneOf": [{}]}),
            json!({"$ref": "#/$defs/a"}),
            json!({"type": ["object", "null"]}),
            json!({"type": "object", "required": ["_portcullis"]}),
            json!(true),
        ] {
            assert!(!fit(&declared), "{declared}");
        }
        assert!(fit(&json!({"type": "object"})));
        assert!(fit(&json!({})));
    }

    #[test]
    fn options_that_are_not_understood_stop_the_call() {
        for bad in [json!({"dryrun": true}), json!({"dryRun": "yes"}), json!(1), json!({"waitMs": -1})] {
            let refusal = take(&mut arguments(json!({"_portcullis": bad})), &json!({"type": "object"})).unwrap_err();
            assert_eq!(refusal.code(), Code::BadRequest, "{bad}");
        }
    }
}
