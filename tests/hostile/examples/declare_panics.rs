//! Crashes when it is asked what it is.

use portcullis_plugin::{Manifest, Plugin, Refusal, Request, Value};

struct Guest;

impl Plugin for Guest {
    fn manifest() -> Manifest {
        panic!("on purpose")
    }

    fn describe(_: &str, _: &Value) -> Result<Request, Refusal> {
        Ok(hostile_guests::harmless_request())
    }
}

portcullis_plugin::export!(Guest);

const _: fn(&str, &Value) -> Result<Request, Refusal> = <Guest as Plugin>::describe;
