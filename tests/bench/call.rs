//! A whole call against a bare HTTP client that asks the same of the same service.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use portcullis_gateway::Host;
use reqwest::Client;
use rustls::{ClientConfig, RootCertStore, crypto};

use crate::figure::{Budget, Figure};
use crate::samples::{Duel, Samples};
use crate::stage::{Stage, TOKEN, call};

const ROUNDS: usize = 300;
const EACH: usize = 20;

pub(crate) async fn figure(stage: &Stage) -> Result<Figure> {
    let client = client()?;
    let url = format!("{}/v1/models", stage.service.origin);
    ours(&stage.host, 200).await?;
    theirs(&client, &url, 200).await?;
    let mut duel = Duel::default();
    for _ in 0..ROUNDS {
        let (a, b) = (ours(&stage.host, EACH).await?, theirs(&client, &url, EACH).await?);
        duel.round(a, b);
    }
    let (ratio, low, high) = duel.ratio();
    let (a, b) = (duel.ours.median_us(), duel.theirs.median_us());
    Ok(Figure {
        name: "full call, against a bare reqwest call".to_owned(),
        budget: Budget::AtMost(1.8),
        measured: ratio,
        unit: "x",
        baseline: format!("{a:.0} us against {b:.0} us, half of the rounds {low:.2} to {high:.2}"),
    })
}

async fn ours(host: &Host, count: usize) -> Result<Samples> {
    let mut samples = Samples::default();
    for _ in 0..count {
        let began = Instant::now();
        let answer = call(host, "mistral/list-models", "{}").await?;
        samples.push(began.elapsed());
        ensure!(answer.kept.status == 200, "the service answered {}", answer.kept.status);
    }
    Ok(samples)
}

/// So many calls of a bare client.
pub(crate) async fn theirs(client: &Client, url: &str, count: usize) -> Result<Samples> {
    let mut samples = Samples::default();
    for _ in 0..count {
        let began = Instant::now();
        let response = client
            .get(url)
            .header("user-agent", "portcullis/0.1.0")
            .header("accept", "application/json")
            .header("accept-encoding", "identity")
            .header("authorization", format!("Bearer {TOKEN}"))
            .send()
            .await?;
        let status = response.status();
        let body = response.bytes().await?;
        samples.push(began.elapsed());
        ensure!(status == 200 && !body.is_empty(), "the service answered {status}");
    }
    Ok(samples)
}

/// Set up as any program would, but for TLS, of which none is spoken here.
pub(crate) fn client() -> Result<Client> {
    let tls = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(Client::builder().no_proxy().http1_only().tls_backend_preconfigured(tls).build()?)
}
