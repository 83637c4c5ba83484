//! A template that serves no definition but gives away whatever it can read of one, and hoards it when told to.

use portcullis_plugin::{Manifest, Plugin, Refusal, Request, Value};

#[allow(missing_docs, unreachable_pub, unsafe_code, unused, clippy::all, reason = "generated from `wit/`")]
mod reach {
    wit_bindgen::generate!({ world: "template", path: "../../wit" });
}

struct Guest;

impl Plugin for Guest {
    fn manifest() -> Manifest {
        let mut manifest = hostile_guests::harmless_manifest();
        manifest.port.description = reach::definition();
        manifest
    }

    fn describe(_: &str, input: &Value) -> Result<Request, Refusal> {
        let mut hoard = vec![reach::definition()];
        while input["attack"].as_bool() == Some(true) {
            hoard.push(reach::definition());
        }
        Ok(Request::post(["v1", "things"]).text(&hoard.concat()))
    }
}

portcullis_plugin::export!(Guest);

const _: fn(&str, &Value) -> Result<Request, Refusal> = <Guest as Plugin>::describe;
