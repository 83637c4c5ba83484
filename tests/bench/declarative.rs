//! Declarative plugins: a call among three hundred actions against a call of one that is alone, and what it takes to
//! declare them all.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use portcullis_gateway::template;
use portcullis_model::{Definition, Digest, ManifestDraft};
use portcullis_sandbox::{Limits, Plugin};
use serde_json::{Value, json};

use crate::figure::{Budget, Figure};
use crate::samples::{Duel, Samples};
use crate::stage::Stage;

const ROUNDS: usize = 200;
const EACH: usize = 25;

/// Actions of the large definition, and bytes of each one's schema.
const MANY: usize = 300;
const SCHEMA_BYTES: usize = 5_000;

pub(crate) fn figures(stage: &Stage) -> Result<Vec<Figure>> {
    let load = |actions| -> Result<Arc<Plugin>> {
        let definition = Arc::new(Definition::new(Digest::of(template()), manifest(actions)?)?);
        Ok(stage.host.sandbox()?.load_template(template(), definition, Limits::default(), &|_| {})?)
    };
    let (alone, among) = (load(1)?, load(MANY)?);
    describe(&alone, 200)?;
    describe(&among, 200)?;
    let mut duel = Duel::default();
    for _ in 0..ROUNDS {
        duel.round(describe(&among, EACH)?, describe(&alone, EACH)?);
    }
    let (ratio, low, high) = duel.ratio();
    let (ours, theirs) = (duel.ours.median_us(), duel.theirs.median_us());
    let mut declaring = Samples::default();
    for _ in 0..50 {
        let began = Instant::now();
        let declared = among.manifest_draft()?;
        declaring.push(began.elapsed());
        ensure!(declared.actions.len() == MANY, "not every action is declared");
    }
    let bytes = among.definition().map_or(0, |definition| definition.as_str().len());
    Ok(vec![
        Figure {
            name: format!("declarative describe, one of {MANY} actions against one alone"),
            budget: Budget::AtMost(1.1),
            measured: ratio,
            unit: "x",
            baseline: format!("{ours:.1} us against {theirs:.1} us, half of the rounds {low:.2} to {high:.2}"),
        },
        Figure {
            name: format!("declare {MANY} actions of a definition"),
            budget: Budget::AtMost(50.0),
            measured: declaring.median_us() / 1e3,
            unit: "ms",
            baseline: format!("{bytes} bytes; the limit is {} ms", Limits::default().wall_time_ms),
        },
    ])
}

fn describe(plugin: &Plugin, count: usize) -> Result<Samples> {
    let mut samples = Samples::default();
    for _ in 0..count {
        let began = Instant::now();
        let described = plugin.describe("action-0", r#"{"path":{"id":"a"},"body":{"name-0":"n"}}"#)?;
        samples.push(began.elapsed());
        ensure!(described.path.len() == 3, "the template described another request");
    }
    Ok(samples)
}

fn manifest(actions: usize) -> Result<ManifestDraft> {
    let port = json!({
        "slug": "things", "label": "Things", "description": "Keeps things.", "origin": "https://things.example.com",
        "auth": "bearer", "category": "storage", "tags": [],
        "publisher": {"slug": "example", "name": "Example Ltd", "website_url": null},
    });
    let actions: Vec<Value> = (0..actions).map(action).collect();
    Ok(serde_json::from_value(json!({"version": "1.0.0", "port": port, "actions": actions}))?)
}

fn action(number: usize) -> Value {
    let mut members = serde_json::Map::new();
    let mut schema = String::new();
    while schema.len() < SCHEMA_BYTES {
        let member =
            json!({"type": "string", "maxLength": 100, "description": "A name that one of the things goes by."});
        members.insert(format!("name-{}", members.len()), member);
        schema = json!({
            "type": "object", "additionalProperties": false, "required": ["path"],
            "properties": {
                "path": {"type": "object", "additionalProperties": false, "required": ["id"],
                    "properties": {"id": {"type": "string"}}},
                "body": {"type": "object", "additionalProperties": false, "properties": members},
            },
        })
        .to_string();
    }
    json!({
        "slug": format!("action-{number}"), "label": "Change a thing", "description": "Changes a thing.",
        "method": "PATCH", "path": "/v1/things/{id}", "query": [], "headers": [], "body": "json",
        "input_schema": schema, "output_schema": null, "approval": "require_approval", "effect": "write",
        "result": "json", "traits": {"prompt_bearing": false, "billable": false},
        "examples": [{"title": "One", "input": "{\"path\":{\"id\":\"a\"}}", "expected": {
            "method": "PATCH", "path": ["v1", "things", "a"], "body": {"json": "{}"}}}],
    })
}
