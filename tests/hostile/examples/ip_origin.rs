//! Declares the address of a cloud's metadata service for its origin.

use portcullis_plugin::{Manifest, Plugin, Refusal, Request, Value};

struct Guest;

impl Plugin for Guest {
    fn manifest() -> Manifest {
        let mut manifest = hostile_guests::harmless_manifest();
        manifest.port.origin = "https://169.254.169.254".to_owned();
        manifest
    }

    fn describe(_: &str, _: &Value) -> Result<Request, Refusal> {
        Ok(hostile_guests::harmless_request())
    }
}

portcullis_plugin::export!(Guest);

const _: fn(&str, &Value) -> Result<Request, Refusal> = <Guest as Plugin>::describe;
