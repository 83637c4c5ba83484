//! Breaks many rules of a manifest at once.

use portcullis_plugin::{Manifest, Plugin, Refusal, Request, Value};

struct Guest;

impl Plugin for Guest {
    fn manifest() -> Manifest {
        let mut manifest = hostile_guests::harmless_manifest();
        manifest.version = "one".to_owned();
        manifest.port.origin = "http://weather.example.com/path".to_owned();
        manifest.actions[0].headers.push("authorization".to_owned());
        manifest.actions[0].query.push("api_key".to_owned());
        manifest.actions[0].path = "/v1/../things".to_owned();
        manifest
    }

    fn describe(_: &str, _: &Value) -> Result<Request, Refusal> {
        Ok(hostile_guests::harmless_request())
    }
}

portcullis_plugin::export!(Guest);

const _: fn(&str, &Value) -> Result<Request, Refusal> = <Guest as Plugin>::describe;
