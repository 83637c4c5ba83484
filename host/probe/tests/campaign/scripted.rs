//! A plugin that is a function of its input, of what its instance keeps, and of the world it is in.

use std::sync::atomic::AtomicBool;

use portcullis_model::{ActionSlug, Code, Description, Digest, Manifest, ManifestDraft, Method, Refusal};
use portcullis_probe::{Campaign, Finding, Kept, Options, Report, Subject, Tried};
use portcullis_registry::InstalledPort;
use serde_json::{Value, json};

/// What an instance keeps, and its world: 0 in a call.
#[derive(Default)]
pub(crate) struct Instance {
    pub(crate) last: String,
    pub(crate) calls: u32,
    pub(crate) world: u64,
}

type Describe = fn(&Value, &mut Instance) -> Result<Description, Refusal>;

/// The plugin.
pub(crate) struct Scripted {
    pub(crate) describe: Describe,
    pub(crate) has_world: bool,
}

struct Staying(Describe, Instance);

impl Kept for Staying {
    fn describe(&mut self, input: &str) -> Result<Description, Refusal> {
        (self.0)(&serde_json::from_str(input).unwrap(), &mut self.1)
    }
}

impl Subject for Scripted {
    fn fresh(&self, _: &ActionSlug, input: &str) -> Result<Description, Refusal> {
        Staying(self.describe, Instance::default()).describe(input)
    }

    fn elsewhere(&self, _: &ActionSlug, input: &str, other: u64) -> Result<Description, Refusal> {
        let world = if self.has_world { other.max(1) } else { 0 };
        Staying(self.describe, Instance { world, ..Instance::default() }).describe(input)
    }

    fn has_world(&self) -> bool {
        self.has_world
    }

    fn keep(&self, _: &ActionSlug) -> Result<Box<dyn Kept + '_>, Refusal> {
        Ok(Box::new(Staying(self.describe, Instance::default())))
    }
}

/// `GET /v1/{id}?q=`, with `id` and `q` as given.
pub(crate) fn request(id: &str, q: Option<&str>) -> Description {
    Description {
        method: Method::Get,
        path: vec!["v1".to_owned(), id.to_owned()],
        query: q.map(|q| ("q".to_owned(), q.to_owned())).into_iter().collect(),
        headers: Vec::new(),
        body: None,
    }
}

/// The honest one.
pub(crate) fn honest(input: &Value, _: &mut Instance) -> Result<Description, Refusal> {
    Ok(request("a", input["city"].as_str()))
}

/// A refusal as the sandbox makes one.
pub(crate) fn refused(code: Code, what: &str) -> Refusal {
    Refusal::new(code, what)
}

pub(crate) fn port() -> InstalledPort {
    port_of(&json!({"type": "object", "additionalProperties": false, "properties": {
        "city": {"type": "string", "maxLength": 100}, "days": {"type": "integer", "minimum": 0}, "deep": {"type": "object",
            "additionalProperties": false, "properties": {"note": {"type": "string", "maxLength": 60}, "plain": {"type": "boolean"}}}}}))
}

pub(crate) fn port_of(schema: &Value) -> InstalledPort {
    let draft: ManifestDraft = serde_json::from_value(json!({
        "version": "1.0.0",
        "port": {
            "slug": "weather", "label": "Weather", "description": "Forecasts.", "origin": "https://weather.example",
            "auth": "bearer", "category": "weather", "tags": [],
            "publisher": {"slug": "example", "name": "Example", "website_url": null},
        },
        "actions": [{
            "slug": "read", "label": "Read", "description": "Reads.", "method": "GET", "path": "/v1/{id}", "query": ["q"],
            "headers": ["x-trace"], "body": "none", "input_schema": schema.to_string(), "output_schema": null,
            "approval": "automatic", "effect": "read", "result": "json",
            "traits": {"prompt_bearing": false, "billable": false},
            "examples": [{"title": "One", "input": "{\"city\":\"oslo\"}",
                "expected": {"method": "GET", "path": ["v1", "a"], "query": [["q", "oslo"]]}}],
        }],
    }))
    .unwrap();
    InstalledPort::new(Manifest::check(draft).unwrap(), Digest::of(b"weather"), None)
}

/// Some thousand inputs, and time enough on any machine.
pub(crate) fn options() -> Options {
    Options { calls_per_action: 8_000, seconds: 600, ..Options::default() }
}

pub(crate) fn probed_with(subject: &Scripted, options: Options, threads: usize, stop: bool) -> Report {
    probed_of(&port(), subject, options, threads, stop)
}

pub(crate) fn probed_of(
    port: &InstalledPort,
    subject: &Scripted,
    options: Options,
    threads: usize,
    stop: bool,
) -> Report {
    let component = wat::parse_str(
        r#"(module (memory 1) (data (i32.const 64) "xxswordfishxx") (func i32.const 66 drop i32.const 9 drop))"#,
    );
    let component = component.unwrap();
    let campaign = Campaign {
        subject,
        tried: Tried::new("weather", port.digest(), "sealed", "1.0.0"),
        manifest: port.manifest(),
        component: Some(&component),
        actions: port.actions().map(AsRef::as_ref).collect(),
        options,
        threads,
    };
    campaign.run(&|_| {}, &AtomicBool::new(stop)).unwrap()
}

pub(crate) fn probed(describe: Describe) -> Report {
    probed_with(&Scripted { describe, has_world: false }, options(), 2, false)
}

/// The one finding there is.
pub(crate) fn only(report: &Report) -> &Finding {
    assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);
    &report.findings[0]
}
