//! Brings a schema that takes two to the thirtieth steps to apply.

use portcullis_plugin::{Manifest, Plugin, Refusal, Request, Value, json};
use serde_json::Map;

struct Guest;

impl Plugin for Guest {
    fn manifest() -> Manifest {
        let mut manifest = hostile_guests::harmless_manifest();
        let levels = (0..30).map(|n| {
            let next = format!("#/$defs/l{}", n + 1);
            (format!("l{n}"), json!({"allOf": [{"$ref": next}, {"$ref": next}]}))
        });
        let mut defs: Map<String, Value> = levels.collect();
        defs.insert("l30".to_owned(), json!({"type": "object"}));
        manifest.actions[0].input_schema = json!({"$ref": "#/$defs/l0", "$defs": defs}).to_string();
        manifest
    }

    fn describe(_: &str, _: &Value) -> Result<Request, Refusal> {
        Ok(hostile_guests::harmless_request())
    }
}

portcullis_plugin::export!(Guest);

const _: fn(&str, &Value) -> Result<Request, Refusal> = <Guest as Plugin>::describe;
