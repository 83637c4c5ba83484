//! Shows worked examples that it does not follow.

use portcullis_plugin::{Manifest, Plugin, Refusal, Request, Value};

struct Guest;

impl Plugin for Guest {
    fn manifest() -> Manifest {
        let mut manifest = hostile_guests::harmless_manifest();
        manifest.actions[0].examples[0].expected.path[2] = "oslo".to_owned();
        let mut second = manifest.actions[0].examples[0].clone();
        second.title = "another city".to_owned();
        second.input = r#"{"city":"rome"}"#.to_owned();
        manifest.actions[0].examples.push(second);
        manifest
    }

    fn describe(_: &str, _: &Value) -> Result<Request, Refusal> {
        Ok(hostile_guests::harmless_request())
    }
}

portcullis_plugin::export!(Guest);

const _: fn(&str, &Value) -> Result<Request, Refusal> = <Guest as Plugin>::describe;
