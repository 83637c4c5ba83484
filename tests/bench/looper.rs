//! A plugin that never returns: when it is stopped, and what others notice while two of them run without a pause.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use portcullis_gateway::{Host, built_in};
use portcullis_sandbox::Limits;

use crate::figure::{Budget, Figure};
use crate::samples::Samples;
use crate::stage::{Stage, call, take_in};

const LOOPERS: usize = 2;
const WINDOW: Duration = Duration::from_millis(1500);
const WINDOWS: usize = 3;
const ATTACK: &str = r#"{"attack":true}"#;

pub(crate) async fn figures(stage: &Stage) -> Result<Vec<Figure>> {
    Ok(vec![stopped(stage)?, noticed(stage).await?])
}

fn stopped(stage: &Stage) -> Result<Figure> {
    let bytes = built_in("infinite_loop").context("the looping guest is not built in")?;
    let plugin = stage.host.sandbox()?.load(bytes, Limits::default(), &|_| {})?;
    let mut samples = Samples::default();
    for _ in 0..15 {
        let began = Instant::now();
        ensure!(plugin.describe("forecast", ATTACK).is_err(), "a loop came to an end");
        samples.push(began.elapsed());
    }
    Ok(Figure {
        name: "a looping plugin is stopped, at worst".to_owned(),
        budget: Budget::AtMost(250.0),
        measured: samples.worst_us() / 1000.0,
        unit: "ms",
        baseline: format!("limit 100 ms, median {:.1} ms", samples.median_us() / 1000.0),
    })
}

async fn noticed(stage: &Stage) -> Result<Figure> {
    take_in(&stage.host, "infinite_loop")?;
    let (mut without, mut with) = (Samples::default(), Samples::default());
    for _ in 0..WINDOWS {
        without.extend(window(&stage.host).await?);
        let going = Arc::new(AtomicBool::new(true));
        let loopers: Vec<_> = (0..LOOPERS)
            .map(|_| {
                let (host, going) = (stage.host.clone(), going.clone());
                tokio::spawn(async move {
                    while going.load(Ordering::Relaxed) {
                        // A refusal, each time; that it is one is measured above.
                        drop(call(&host, "hostile/forecast", ATTACK).await);
                    }
                })
            })
            .collect();
        with.extend(window(&stage.host).await?);
        going.store(false, Ordering::Relaxed);
        for looper in loopers {
            looper.await?;
        }
    }
    let (a, b) = (with.percentile_us(99), without.percentile_us(99));
    Ok(Figure {
        name: format!("others' p99 while {LOOPERS} plugins loop"),
        budget: Budget::AtMost(2.0),
        measured: a / b,
        unit: "x",
        baseline: format!(
            "{a:.0} us against {b:.0} us; medians {:.0} and {:.0}; {} cores",
            with.median_us(),
            without.median_us(),
            std::thread::available_parallelism().map_or(1, usize::from)
        ),
    })
}

async fn window(host: &Host) -> Result<Samples> {
    let mut samples = Samples::default();
    let end = Instant::now() + WINDOW;
    while Instant::now() < end {
        let began = Instant::now();
        call(host, "mistral/list-models", "{}").await?;
        samples.push(began.elapsed());
    }
    Ok(samples)
}
