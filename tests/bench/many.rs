//! The HTTP door with a thousand plugins installed: when it answers, and what it keeps resident once an agent has
//! looked at all of them.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use portcullis_model::Digest;
use portcullis_store::{Files, PluginRecord};
use serde_json::Value;

use crate::call::client;
use crate::door::{Door, agent};
use crate::figure::{Budget, Figure};
use crate::stage::{Stage, TOKEN, open};

/// Plugins.
const MANY: usize = 1_000;

pub(crate) async fn figures(stage: &Stage) -> Result<Vec<Figure>> {
    let folder = tempfile::Builder::new().prefix("portcullis-many").tempdir()?;
    std::fs::write(folder.path().join("portcullis.toml"), "[credentials]\nstore = \"file\"\n")?;
    let host = open(folder.path())?;
    let mistral = stage.host.store().installed(&"mistral".parse()?)?.context("mistral is not installed")?;
    for number in 0..MANY {
        // A component is read when it is first called, and nobody calls these.
        let bytes = format!("component {number}");
        let mut manifest = mistral.manifest.clone();
        manifest.port.slug = format!("port-{number}");
        let record = PluginRecord {
            port: manifest.port.slug.parse()?,
            digest: Digest::of(bytes.as_bytes()),
            tier: mistral.line.tier.clone(),
            source: "bench".to_owned(),
            manifest,
            added: None,
            evidence: None,
            before: None,
        };
        host.store().install(&record, Files { plugin: &[bytes.as_bytes()], added: None }, false)?;
    }
    let token = agent(&host, "reader")?;
    drop(host);

    let client = client()?;
    let began = Instant::now();
    let door = Door::open(folder.path(), TOKEN)?;
    let health = client.get(format!("{}/health", door.origin)).send().await?;
    let ready = began.elapsed();
    ensure!(health.status().is_success(), "{}", health.status());
    let ports = client.get(format!("{}/v1/ports", door.origin)).bearer_auth(&token).send().await?;
    let ports: Value = serde_json::from_slice(&ports.bytes().await?)?;
    let listed = began.elapsed();
    ensure!(ports.as_array().map(Vec::len) == Some(MANY), "not every port is listed");
    let resident = door.resident_mib()?;
    door.close()?;
    Ok(vec![
        Figure {
            name: format!("door with {MANY} plugins: start to ready"),
            budget: Budget::AtMost(500.0),
            measured: ready.as_secs_f64() * 1e3,
            unit: "ms",
            baseline: format!("{:.0} ms until all of their ports were listed", listed.as_secs_f64() * 1e3),
        },
        Figure {
            name: format!("door with {MANY} plugins: resident"),
            budget: Budget::AtMost(200.0),
            measured: resident,
            unit: "MiB",
            baseline: format!("after listing them, {} actions in all", MANY * mistral.manifest.actions.len()),
        },
    ])
}
