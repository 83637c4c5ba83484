//! The generator against the real check: whatever it calls an input passes, whatever it calls broken does not.

mod any;
mod reach;
mod shipped;
mod words;

use std::sync::Arc;

use portcullis_model::{Digest, Manifest};
use portcullis_registry::{InstalledPort, ResolvedAction};
use serde_json::{Value, json};

use crate::broken;
use crate::dictionary::Dictionary;
use crate::inputs::Stream;
use crate::options::Options;
use crate::schema::{Violation, unreadable, violations};

/// A port with one action of this schema.
pub(crate) fn port(schema: &Value) -> InstalledPort {
    let draft = json!({
        "version": "1.0.0",
        "port": {
            "slug": "weather", "label": "Weather", "description": "Forecasts.", "origin": "https://weather.example",
            "auth": "bearer", "category": "weather", "tags": [],
            "publisher": {"slug": "example", "name": "Example", "website_url": null},
        },
        "actions": [{
            "slug": "read", "label": "Read", "description": "Reads.", "method": "GET", "path": "/v1/{id}", "query": ["q"],
            "headers": [], "body": "none", "input_schema": schema.to_string(), "output_schema": null,
            "approval": "automatic", "effect": "read", "result": "json",
            "traits": {"prompt_bearing": false, "billable": false},
            "examples": [{"title": "One", "input": "{}", "expected": {"method": "GET", "path": ["v1", "a"]}}],
        }],
    });
    let draft = serde_json::from_value(draft).expect("the draft is one");
    InstalledPort::new(Manifest::check(draft).expect("the manifest is right"), Digest::of(b"weather"), None)
}

/// What was made of one action.
pub(crate) struct Made {
    pub(crate) inputs: Vec<String>,
    pub(crate) missed: Vec<String>,
    pub(crate) branches: usize,
    pub(crate) broken: u64,
}

/// Makes inputs of an action, and checks each of them.
pub(crate) fn made(port: &InstalledPort, action: &Arc<ResolvedAction>, seed: u64, count: usize) -> Made {
    let dictionary = Dictionary::of(port.manifest(), None, &Options::default());
    let mut stream = Stream::new(action, &dictionary, seed, 256 << 10).expect("the schema can be used");
    let inputs: Vec<String> = stream.batch(count).into_iter().map(|input| input.text).collect();
    for input in &inputs {
        assert!(action.check(input).is_ok(), "{input}");
    }
    for input in stream.corpus() {
        let broken = violations(&action.binding().action().input_schema, input);
        for Violation { name, text } in broken.into_iter().chain(unreadable(&input.to_string())) {
            assert!(action.check(&text).is_err(), "{name}: {text}");
        }
    }
    let tested = broken::test(action, stream.corpus(), 256 << 10);
    assert!(tested.accepted.is_empty(), "{:?}", tested.accepted);
    let missed = stream.points().missed().map(str::to_owned).collect();
    Made { inputs, missed, branches: stream.points().count(), broken: tested.sums.made }
}

/// The same of a schema.
pub(crate) fn of_schema(schema: &Value, count: usize) -> Made {
    let port = port(schema);
    let action = port.actions().next().expect("there is an action").clone();
    made(&port, &action, 7, count)
}
