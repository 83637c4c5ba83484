//! How many calls a second a probe makes, inputs made and judged, against as many threads that do nothing but describe
//! the worked examples of the same plugin.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use portcullis_gateway::{Candidate, Package, Source, built_in, probe};
use portcullis_probe::Options;

use crate::figure::{Budget, Figure};
use crate::stage::Stage;

/// Calls for each action of the plugin.
const CALLS: u64 = 6_000;

pub(crate) fn figure(stage: &Stage) -> Result<Figure> {
    let bytes = built_in("mistral").context("the Mistral plugin is not built in")?;
    let package = Package::component(bytes.to_vec(), Source::Shipped("mistral".to_owned()));
    let candidate = Candidate::examine(&stage.host, package, None)?;
    let options = Options { calls_per_action: CALLS, seconds: 600, ..Options::default() };
    let before = bare(&candidate)?;
    let report = probe(&candidate, options, &|_| {}, &AtomicBool::new(false))?;
    let after = bare(&candidate)?;
    ensure!(report.findings.is_empty(), "the shipped plugin has findings");
    let (ours, theirs) = (report.pace.calls_per_second as f64, f64::midpoint(before, after));
    Ok(Figure {
        name: "probing: calls a second, against bare calls of describe on as many threads".to_owned(),
        budget: Budget::None,
        measured: ours / theirs,
        unit: "x",
        baseline: format!(
            "{ours:.0} against {theirs:.0} a second; {} calls, {} inputs, {} ms",
            report.calls, report.inputs, report.pace.elapsed_ms
        ),
    })
}

/// Bare calls a second: every worked example in its turn, on every core.
fn bare(candidate: &Candidate) -> Result<f64> {
    let plugin = candidate.plugin();
    let actions = candidate.port().manifest().actions();
    let calls: Vec<(&str, &str)> = actions
        .iter()
        .flat_map(|action| action.examples.iter().map(|example| (action.slug.as_str(), example.input.as_str())))
        .collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= 40_000 {
                        return;
                    }
                    let (action, input) = calls[at % calls.len()];
                    if plugin.describe(action, input).is_err() {
                        failed.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    ensure!(!failed.load(Ordering::Relaxed), "a worked example is refused");
    Ok(40_000.0 / began.elapsed().as_secs_f64())
}
