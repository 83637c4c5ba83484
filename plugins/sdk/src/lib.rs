//! Everything a Portcullis plugin needs, and nothing it could reach the world with.
//!
//! A plugin says once what it can do ([`Plugin::manifest`]) and, for each call, which single HTTP
//! request it wants ([`Plugin::describe`]). The host fixes the origin, holds the credential, asks a
//! person where policy says so, and sends.
//!
//! ```
//! use portcullis_plugin::{
//!     Action, Auth, Manifest, Plugin, Port, Publisher, Refusal, Request, Route, Value,
//! };
//!
//! struct Weather;
//!
//! const FORECAST: Route = Route::get("/v2/cities/{city}/forecast").query(&["days"]);
//!
//! impl Plugin for Weather {
//!     fn manifest() -> Manifest {
//!         let port = Port::new("weather", "Weather", "https://weather.example", Auth::Bearer)
//!             .description("Forecasts for cities.")
//!             .category("Weather")
//!             .publisher(Publisher::new("example", "Example Ltd"));
//!         let forecast = FORECAST
//!             .action("forecast")
//!             .description("The forecast for one city.")
//!             .input(r#"{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"],"additionalProperties":false}"#)
//!             .automatic()
//!             .example(
//!                 "Two days in Oslo",
//!                 r#"{"city":"oslo","days":2}"#,
//!                 Request::get(["v2", "cities", "oslo", "forecast"]).query("days", 2),
//!             );
//!         Manifest::new(env!("CARGO_PKG_VERSION"), port).action(forecast)
//!     }
//!
//!     fn describe(action: &str, input: &Value) -> Result<Request, Refusal> {
//!         match action {
//!             "forecast" => FORECAST.request(input),
//!             other => Err(Refusal::unknown_action(other)),
//!         }
//!     }
//! }
//!
//! portcullis_plugin::export!(Weather);
//! # for example in &Weather::manifest().actions[0].examples {
//! #     let input = serde_json::from_str(&example.input).unwrap();
//! #     assert_eq!(Weather::describe("forecast", &input).unwrap(), example.expected);
//! # }
//! ```
//!
//! With the feature `typed` an action's input is a struct, and its schema is made of that: see `TypedAction`, or
//! `Action::input_of` for the schema alone.
//!
//! The types are the contract's own records with their fields public, so a plugin may also write any
//! of them out by hand. What is *not* here: the host's checks. A request built with this crate is
//! still only a claim until the host has compared it with the manifest.

mod action;
#[allow(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    clippy::all,
    reason = "generated from `wit/`: the only code here that touches the component ABI"
)]
#[doc(hidden)]
pub mod bindings;
mod export;
mod manifest;
mod plugin;
mod port;
mod query_text;
mod refusal;
mod request;
mod route;
#[cfg(feature = "typed")]
mod schema;
pub mod template;
#[cfg(feature = "typed")]
mod typed;

pub use bindings::exports::portcullis::action::contract::{
    Action, ApprovalMode, Auth, Body, BodyMode, Effect, Example, HeaderAuth, Manifest, Method, Port, Publisher,
    Refusal, RefusalReason, Request, ResultMode, Traits,
};
#[doc(hidden)]
pub use export::Exported;
pub use plugin::Plugin;
pub use query_text::QueryText;
pub use route::Route;
pub use serde_json::{Value, json};
#[cfg(feature = "typed")]
pub use typed::{Typed, TypedAction};
