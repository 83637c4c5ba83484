//! The audit log: how fast it is verified, and whether a row costs more when there are many.

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};
use portcullis_policy::{AuditLog as _, Event};
use portcullis_store::{Store, StoreConfig, Verdict};
use serde_json::json;

use crate::figure::{Budget, Figure};
use crate::samples::{Duel, Samples};

const WRITERS: usize = 64;
const ROUNDS: usize = 60;
const EACH: usize = 50;

pub(crate) async fn figures(full: bool) -> Result<Vec<Figure>> {
    let rows = if full { 1_000_000 } else { 200_000 };
    let (few, many) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let (few, many) = (store(few.path())?, store(many.path())?);
    append(&few, 10).await?;
    fill(&many, rows).await?;
    append(&many, 200).await?;
    let mut duel = Duel::default();
    for _ in 0..ROUNDS {
        let (a, b) = (append(&many, EACH).await?, append(&few, EACH).await?);
        duel.round(a, b);
    }
    let (ratio, low, high) = duel.ratio();
    let (a, b) = (duel.ours.median_us(), duel.theirs.median_us());
    let appending = Figure {
        name: format!("appending at {rows} rows, against 10 rows"),
        budget: Budget::AtMost(1.2),
        measured: ratio,
        unit: "x",
        baseline: format!("{a:.1} us against {b:.1} us, half of the rounds {low:.2} to {high:.2}"),
    };
    Ok(vec![verifying(&many)?, appending])
}

fn store(folder: &Path) -> Result<Store> {
    Ok(Store::open(StoreConfig::new(folder))?)
}

fn event() -> Event {
    // As long as the intent of a call.
    Event { kind: "noted", call: None, facts: json!({"action": "bench/read", "filler": "x".repeat(400)}) }
}

async fn append(store: &Store, count: usize) -> Result<Samples> {
    let mut samples = Samples::default();
    for _ in 0..count {
        let event = event();
        let began = Instant::now();
        store.note(event).await?;
        samples.push(began.elapsed());
    }
    Ok(samples)
}

async fn fill(store: &Store, rows: usize) -> Result<()> {
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { append(&store, rows / WRITERS).await })
        })
        .collect();
    for writer in writers {
        writer.await??;
    }
    Ok(())
}

fn verifying(store: &Store) -> Result<Figure> {
    let (mut samples, mut rows) = (Samples::default(), 0);
    for _ in 0..5 {
        let began = Instant::now();
        let Verdict::Intact(head) = store.audit().verify()? else { bail!("the log is broken") };
        samples.push(began.elapsed());
        rows = head.rows;
    }
    let rate = |of_hundred| rows as f64 / samples.percentile_us(of_hundred) * 1e6;
    Ok(Figure {
        name: "verifying the audit log".to_owned(),
        budget: Budget::AtLeast(300_000.0),
        measured: rate(50),
        unit: "rows/s",
        baseline: format!("{rows} rows of some 450 bytes, best run {:.0}k", rate(0) / 1000.0),
    })
}
