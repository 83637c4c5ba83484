//! Sixty-four agents at the HTTP door at once, beside as many bare clients of the same service.
//!
//! Each call asks for a name of its own, so that the service sees what was sent twice, and the audit log is counted
//! against it: either of them wrong is an error, not a figure.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use portcullis_store::{AuditFilter, Verdict};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::call::client;
use crate::counting::Counting;
use crate::door::{Door, agent};
use crate::figure::{Budget, Figure};
use crate::samples::Samples;
use crate::stage::{TOKEN, open, take_in};

/// Agents, and bare clients.
const AGENTS: usize = 64;

/// Limits that nobody meets here.
const LIMITS: &str = "[doors.limits]\ncalls_per_minute = 10000000\naction_calls_per_minute = 10000000\n";

/// What a crowd saw.
struct Seen {
    samples: Samples,
    calls: usize,
    seconds: f64,
}

impl Seen {
    fn per_second(&self) -> f64 {
        self.calls as f64 / self.seconds
    }

    fn ms(&self, of_hundred: usize) -> f64 {
        self.samples.percentile_us(of_hundred) / 1000.0
    }
}

pub(crate) async fn figures(full: bool) -> Result<Vec<Figure>> {
    let time = Duration::from_secs(if full { 60 } else { 5 });
    let service = Counting::start().await?;
    let folder = tempfile::Builder::new().prefix("portcullis-crowd").tempdir()?;
    let settings =
        format!("[ports.mistral]\norigin = \"{}\"\n[credentials]\nstore = \"file\"\n{LIMITS}", service.origin);
    std::fs::write(folder.path().join("portcullis.toml"), settings)?;
    let host = open(folder.path())?;
    take_in(&host, "mistral")?;
    let tokens = (0..AGENTS).map(|n| agent(&host, &format!("agent-{n}"))).collect::<Result<Vec<_>>>()?;

    let bare = crowd(time / 4, |_, number| {
        let url = format!("{}/v1/models/bare-{number}", service.origin);
        move |client: Client| async move {
            let answer: Value = serde_json::from_slice(&client.get(url).send().await?.bytes().await?)?;
            ensure!(answer["object"] == "model", "{answer}");
            Ok(())
        }
    })
    .await?;
    service.forget();

    let door = Door::open(folder.path(), TOKEN)?;
    let url = format!("{}/v1/actions/mistral/get-model/execute", door.origin);
    let call = |agent: usize, number: u64| {
        let (url, token) = (url.clone(), tokens[agent].clone());
        move |client: Client| async move {
            let name = format!("model-{number}");
            let body = json!({"input": {"model_id": name}}).to_string();
            let request = client.post(url).bearer_auth(token).header("content-type", "application/json").body(body);
            let answer: Value = serde_json::from_slice(&request.send().await?.bytes().await?)?;
            ensure!(answer["result"]["id"] == name.as_str(), "{answer}");
            Ok(())
        }
    };
    // What grows once, such as caches and the allocator's arenas, grows here.
    let warm = crowd(time / 4, &call).await?;
    let before = door.resident_mib()?;
    let ours = crowd(time, |agent, number| call(agent, warm.calls as u64 + number)).await?;
    let after = door.resident_mib()?;
    ensure!(door.close()?.success(), "the door did not close well");

    let calls = warm.calls + ours.calls;
    let (asked, twice) = service.tally();
    ensure!(twice == 0, "{twice} calls were sent twice");
    ensure!(asked == calls, "{calls} calls were answered, {asked} were sent");
    let rows = |kind: &str| {
        let filter = AuditFilter { kind: Some(kind.to_owned()), ..AuditFilter::default() };
        anyhow::Ok(host.store().audit().list(&filter)?.len())
    };
    let (intents, outcomes) = (rows("intent")?, rows("outcome")?);
    ensure!((intents, outcomes) == (calls, calls), "{calls} calls, {intents} intents, {outcomes} outcomes");
    ensure!(matches!(host.store().audit().verify()?, Verdict::Intact(_)), "the audit log is not whole");

    let seconds = time.as_secs();
    Ok(vec![
        Figure {
            name: format!("{AGENTS} agents for {seconds} s: calls a second, against bare clients"),
            budget: Budget::None,
            measured: ours.per_second() / bare.per_second(),
            unit: "x",
            baseline: format!(
                "{:.0} calls/s against {:.0}; {calls} calls, as many rows of intent and outcome, none sent twice",
                ours.per_second(),
                bare.per_second()
            ),
        },
        Figure {
            name: format!("{AGENTS} agents: p50"),
            budget: Budget::None,
            measured: ours.ms(50),
            unit: "ms",
            baseline: format!("{:.1} ms bare", bare.ms(50)),
        },
        Figure {
            name: format!("{AGENTS} agents: p99"),
            budget: Budget::None,
            measured: ours.ms(99),
            unit: "ms",
            baseline: format!("{:.1} ms bare", bare.ms(99)),
        },
        Figure {
            name: format!("{AGENTS} agents for {seconds} s: resident growth of the door"),
            budget: Budget::AtMost(16.0),
            measured: after - before,
            unit: "MiB",
            baseline: format!("{before:.1} MiB before, {after:.1} MiB after"),
        },
    ])
}

/// Everybody calls for as long as that; a call that fails ends it all.
async fn crowd<C, F>(time: Duration, call: impl Fn(usize, u64) -> C) -> Result<Seen>
where
    C: FnOnce(Client) -> F + Send + 'static,
    F: Future<Output = Result<()>> + Send,
{
    let began = Instant::now();
    let number = Arc::new(AtomicU64::new(0));
    let mut done = Seen { samples: Samples::default(), calls: 0, seconds: 0.0 };
    let mut running = JoinSet::new();
    let mut clients = Vec::new();
    for _ in 0..AGENTS {
        clients.push(client()?);
    }
    let start = |agent: usize, running: &mut JoinSet<Result<(usize, Duration)>>| {
        let once = call(agent, number.fetch_add(1, Ordering::Relaxed));
        let client = clients[agent].clone();
        running.spawn(async move {
            let began = Instant::now();
            once(client).await?;
            Ok((agent, began.elapsed()))
        });
    };
    (0..AGENTS).for_each(|agent| start(agent, &mut running));
    while let Some(ended) = running.join_next().await {
        let (agent, took) = ended??;
        done.samples.push(took);
        done.calls += 1;
        if began.elapsed() < time {
            start(agent, &mut running);
        }
    }
    done.seconds = began.elapsed().as_secs_f64();
    Ok(done)
}
