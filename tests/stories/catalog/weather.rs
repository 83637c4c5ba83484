//! A small document that the stories take in, and what they change about it.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::home::Home;
use crate::tap::Tap;

/// What the service demands.
pub(crate) const TOKEN: &str = "weather-token-0123456789";

/// A document of one read and one write.
pub(crate) fn document() -> Value {
    json!({
        "formatVersion": 1, "kind": "dock_integration", "slug": "weather", "title": "Weather",
        "summary": "Forecasts.", "description": "Forecasts by city.", "version": "1.0.0",
        "publisher": {"slug": "acme", "name": "Acme"}, "category": "Weather", "tags": ["weather"],
        "portTemplates": [{
            "kind": "http_api", "label": "Weather", "description": "Forecasts by city.",
            "baseUrl": "https://api.weather.example", "authMode": "header_token",
            "authHeaderName": "Authorization", "authTokenPrefix": "Bearer"
        }],
        "actionTemplates": [
            {
                "slug": "get-forecast", "label": "Get a forecast", "description": "The forecast of a city.",
                "method": "GET", "path": "/v1/forecasts/{city}",
                "inputs": {"parameters": [
                    {"name": "city", "in": "path", "required": true,
                     "schema": {"type": "string", "minLength": 1, "maxLength": 64}},
                    {"name": "days", "in": "query", "default": 3,
                     "schema": {"type": "integer", "minimum": 1, "maximum": 14}},
                    {"name": "units", "in": "query", "schema": {"enum": ["metric", "imperial"]}}
                ]},
                "approvalMode": "automatic", "requestBodyMode": "none", "resultMode": "json"
            },
            {
                "slug": "report-weather", "label": "Report weather", "description": "Reports what somebody sees.",
                "method": "POST", "path": "/v1/reports",
                "inputs": {"parameters": [
                    {"name": "city", "in": "body", "required": true, "schema": {"type": "string", "minLength": 1}},
                    {"name": "sky", "in": "body", "default": "clear", "schema": {"enum": ["clear", "cloudy"]}}
                ]},
                "approvalMode": "require_approval", "requestBodyMode": "json", "resultMode": "json"
            }
        ],
        "helpText": "Ask Acme for a key."
    })
}

/// Writes a document into the home's folder.
pub(crate) fn written(home: &Home, name: &str, document: &Value) -> PathBuf {
    let path = home.path().join(name);
    std::fs::write(&path, serde_json::to_string_pretty(document).unwrap()).unwrap();
    path
}

/// A home whose port `weather` goes to this server, with nothing installed.
pub(crate) fn home(tap: &Tap, more: &str) -> Home {
    let settings = format!(
        "[ports.weather]\norigin = \"{}\"\n[ports.weather-work]\norigin = \"{}\"\n[sandbox.limits]\nwall_time_ms = 5000\n{more}",
        tap.origin(),
        tap.origin()
    );
    Home::new(&settings).env("PORTCULLIS_SECRET_WEATHER", TOKEN)
}

/// The same, with the document installed.
pub(crate) fn installed(tap: &Tap) -> Home {
    let home = home(tap, "");
    let path = written(&home, "weather.json", &document());
    home.run(["install", path.to_str().unwrap(), "--yes"]).exits(0);
    home
}
