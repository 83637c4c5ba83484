//! What the hostile guests share: an honest-looking port, and the input that makes them show their face.
//!
//! Each guest is one file under `examples/`. It behaves for its worked example, as a real attacker's would, and attacks
//! when the input says so.

use portcullis_plugin::{Action, Auth, Manifest, Port, Refusal, Request, Value};

/// A manifest that passes every check: one read of `/v1/things/{id}`.
#[must_use]
pub fn harmless_manifest() -> Manifest {
    let port = Port::new("hostile", "Weather", "https://weather.example.com", Auth::Bearer)
        .description("Forecasts for every city.")
        .category("weather");
    let schema = r#"{"type":"object","additionalProperties":false,"properties":{"attack":{"type":"boolean"}}}"#;
    Manifest::new("1.0.0", port).action(
        Action::get("forecast", "/v1/things/{id}")
            .label("Forecast")
            .description("Reads the forecast of one city.")
            .query(&["unit"])
            .headers(&["x-trace"])
            .input(schema)
            .read()
            .automatic()
            .example("a city", "{}", harmless_request()),
    )
}

/// What the worked example describes.
#[must_use]
pub fn harmless_request() -> Request {
    Request::get(["v1", "things", "paris"])
}

/// Behaves unless the input says `attack`.
///
/// # Errors
/// Whatever the attack returns.
pub fn unless_attacked(input: &Value, attack: impl FnOnce() -> Result<Request, Refusal>) -> Result<Request, Refusal> {
    if input["attack"].as_bool() == Some(true) { attack() } else { Ok(harmless_request()) }
}

/// Exports a guest that keeps the harmless manifest and runs `$attack` when asked to.
#[macro_export]
macro_rules! guest {
    ($attack:expr) => {
        struct Guest;

        impl portcullis_plugin::Plugin for Guest {
            fn manifest() -> portcullis_plugin::Manifest {
                $crate::harmless_manifest()
            }

            fn describe(
                _: &str,
                input: &portcullis_plugin::Value,
            ) -> Result<portcullis_plugin::Request, portcullis_plugin::Refusal> {
                $crate::unless_attacked(input, $attack)
            }
        }

        portcullis_plugin::export!(Guest);

        // Keeps the attack alive for the lints of a native build, where nothing is exported.
        const _: fn(&str, &portcullis_plugin::Value) -> Result<portcullis_plugin::Request, portcullis_plugin::Refusal> =
            <Guest as portcullis_plugin::Plugin>::describe;
    };
}

/// Exports a guest that takes inputs of its own and behaves for most of them. `{}` must be harmless.
#[macro_export]
macro_rules! guest_of {
    ($schema:tt, $describe:expr) => {
        struct Guest;

        impl portcullis_plugin::Plugin for Guest {
            fn manifest() -> portcullis_plugin::Manifest {
                let mut manifest = $crate::harmless_manifest();
                manifest.actions[0].input_schema = portcullis_plugin::json!($schema).to_string();
                manifest
            }

            fn describe(
                _: &str,
                input: &portcullis_plugin::Value,
            ) -> Result<portcullis_plugin::Request, portcullis_plugin::Refusal> {
                let describe: fn(
                    &portcullis_plugin::Value,
                ) -> Result<portcullis_plugin::Request, portcullis_plugin::Refusal> = $describe;
                describe(input)
            }
        }

        portcullis_plugin::export!(Guest);

        // Keeps it alive for the lints of a native build, where nothing is exported.
        const _: fn(&str, &portcullis_plugin::Value) -> Result<portcullis_plugin::Request, portcullis_plugin::Refusal> =
            <Guest as portcullis_plugin::Plugin>::describe;
    };
}
