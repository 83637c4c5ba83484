//! A campaign: every action of a plugin in its turn, on every core, until calls, time or patience end.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use portcullis_model::{Manifest, Refusal};
use portcullis_registry::ResolvedAction;

use crate::asking::Asker;
use crate::batch::{self, Outcome};
use crate::broken;
use crate::dictionary::Dictionary;
use crate::inputs::Stream;
use crate::merge;
use crate::options::Options;
use crate::report::{ActionReport, Coverage, Ended, MAX_MISSED, Pace, REPORT_FORMAT, Report, Tried, Words};
use crate::subject::Subject;

/// What is to be tried.
pub struct Campaign<'a> {
    /// Whatever describes.
    pub subject: &'a dyn Subject,
    /// What it is.
    pub tried: Tried,
    /// What it declares; its words are tried.
    pub manifest: &'a Manifest,
    /// Bytes of its component, where it is one of its own; its constants are tried.
    pub component: Option<&'a [u8]>,
    /// The actions to try.
    pub actions: Vec<&'a ResolvedAction>,
    /// How much is tried.
    pub options: Options,
    /// How many threads try it; what is found does not depend on it.
    pub threads: usize,
}

/// How far a campaign is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Calls so far.
    pub calls: u64,
    /// As many as there may be.
    pub of: u64,
    /// Findings so far, before they are told apart.
    pub findings: u64,
}

/// One action while it is tried.
struct Turn<'a> {
    asker: Asker<'a>,
    stream: Stream<'a>,
    batches: usize,
    /// Calls that were begun.
    planned: u64,
    exhausted: bool,
}

impl Turn<'_> {
    /// The next batch and its number, unless there is none.
    fn next(&mut self, options: &Options) -> Option<(usize, Vec<crate::inputs::Input>)> {
        if self.exhausted || self.planned >= options.calls_per_action {
            return None;
        }
        let batch = self.stream.batch(batch::SIZE);
        self.exhausted = batch.len() < batch::SIZE;
        if batch.is_empty() {
            return None;
        }
        // Two calls for each, and some more: what is planned decides, and not what was done, so that threads do not.
        let each = if self.asker.subject.has_world() { 12 } else { 9 };
        self.planned += (batch.len() as u64 * each).div_ceil(4) + 1;
        self.batches += 1;
        Some((self.batches - 1, batch))
    }
}

impl Campaign<'_> {
    /// Tries everything. `progress` is told after each batch, on whichever thread tried it; `stop` ends it early.
    ///
    /// # Errors
    /// `bad-manifest` where a schema cannot be used.
    pub fn run(&self, progress: &(dyn Fn(Progress) + Sync), stop: &AtomicBool) -> Result<Report, Refusal> {
        let began = Instant::now();
        let dictionary = Dictionary::of(self.manifest, self.component, &self.options);
        let mut turns = Vec::new();
        for action in &self.actions {
            let stream = Stream::new(action, &dictionary, self.options.seed, self.options.input_bytes)?;
            let asker = Asker { subject: self.subject, action };
            turns.push(Mutex::new(Turn { asker, stream, batches: 0, planned: 0, exhausted: false }));
        }
        let outcomes: Mutex<BTreeMap<(usize, usize), Outcome>> = Mutex::default();
        let ended = self.tried_by_all(&turns, &outcomes, &began, progress, stop);
        let spent = began.elapsed();
        let outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        let turns: Vec<Turn<'_>> =
            turns.into_iter().map(|turn| turn.into_inner().unwrap_or_else(PoisonError::into_inner)).collect();
        let calls: u64 = outcomes.values().map(|outcome| outcome.calls).sum();
        let broken: Vec<broken::Tested> = turns
            .iter()
            .map(|turn| broken::test(turn.asker.action, turn.stream.corpus(), self.options.input_bytes))
            .collect();
        let askers: Vec<&Asker<'_>> = turns.iter().map(|turn| &turn.asker).collect();
        let merged = merge::merge(&askers, outcomes, &broken);
        let actions = turns.iter().zip(&merged.actions).zip(&broken).map(|((turn, sums), broken)| {
            let points = turn.stream.points();
            ActionReport {
                action: turn.asker.binding().id().action.to_string(),
                made: turn.stream.made().clone(),
                calls: sums.calls,
                described: sums.described,
                refused: sums.refused,
                broken: broken.sums.clone(),
                coverage: Coverage {
                    branches: points.count(),
                    reached: points.reached(),
                    missed: points.missed().take(MAX_MISSED).map(str::to_owned).collect(),
                },
                words: turn.stream.words(),
                exhausted: turn.exhausted,
            }
        });
        Ok(Report {
            format: REPORT_FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            subject: self.tried.clone(),
            options: self.options.clone(),
            ended,
            calls: calls + merged.calls,
            inputs: merged.actions.iter().map(|sums| sums.inputs).sum(),
            dictionary: Words {
                strings: dictionary.strings.len(),
                numbers: dictionary.numbers.len(),
                left_out: dictionary.left_out,
            },
            actions: actions.collect(),
            findings: merged.findings,
            notes: merged.notes,
            pace: Pace {
                elapsed_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
                calls_per_second: (calls as f64 / spent.as_secs_f64().max(1e-6)) as u64,
            },
        })
    }

    fn tried_by_all(
        &self,
        turns: &[Mutex<Turn<'_>>],
        outcomes: &Mutex<BTreeMap<(usize, usize), Outcome>>,
        began: &Instant,
        progress: &(dyn Fn(Progress) + Sync),
        stop: &AtomicBool,
    ) -> Ended {
        let (next, over) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (calls, findings) = (AtomicU64::new(0), AtomicU64::new(0));
        let of = self.options.calls_per_action.saturating_mul(turns.len() as u64);
        let work = || {
            let mut idle = 0;
            while idle < turns.len() && !stop.load(Ordering::Relaxed) {
                if began.elapsed() >= self.options.time() {
                    over.store(true, Ordering::Relaxed);
                    return;
                }
                let index = next.fetch_add(1, Ordering::Relaxed) % turns.len();
                let mut turn = turns[index].lock().unwrap_or_else(PoisonError::into_inner);
                let asker = Asker { subject: turn.asker.subject, action: turn.asker.action };
                let batch = turn.next(&self.options);
                drop(turn);
                let Some((number, batch)) = batch else {
                    idle += 1;
                    continue;
                };
                idle = 0;
                let outcome = batch::run(&asker, &batch);
                let calls = calls.fetch_add(outcome.calls, Ordering::Relaxed) + outcome.calls;
                let found = outcome.found.len() as u64;
                let findings = findings.fetch_add(found, Ordering::Relaxed) + found;
                outcomes.lock().unwrap_or_else(PoisonError::into_inner).insert((index, number), outcome);
                progress(Progress { calls, of: of.max(calls), findings });
            }
        };
        thread::scope(|scope| {
            for _ in 1..self.threads.max(1) {
                scope.spawn(work);
            }
            work();
        });
        if stop.load(Ordering::Relaxed) {
            Ended::Stopped
        } else if over.load(Ordering::Relaxed) {
            Ended::Time
        } else {
            Ended::Calls
        }
    }
}
