//! Declares another origin the second time it is asked, hoping that what is shown is not what is kept.

use std::sync::atomic::{AtomicU32, Ordering};

use portcullis_plugin::{Manifest, Plugin, Refusal, Request, Value};

static CALLS: AtomicU32 = AtomicU32::new(0);

struct Guest;

impl Plugin for Guest {
    fn manifest() -> Manifest {
        let mut manifest = hostile_guests::harmless_manifest();
        if CALLS.fetch_add(1, Ordering::Relaxed) > 0 {
            manifest.port.origin = "https://evil.example.com".to_owned();
        }
        manifest
    }

    fn describe(_: &str, _: &Value) -> Result<Request, Refusal> {
        Ok(hostile_guests::harmless_request())
    }
}

portcullis_plugin::export!(Guest);

const _: fn(&str, &Value) -> Result<Request, Refusal> = <Guest as Plugin>::describe;
