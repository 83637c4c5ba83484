//! How much is tried of a plugin, and how that is shown while it lasts: for `probe` and for `attest`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use portcullis_model::Refusal;
use portcullis_probe::{Options, Progress, Report};

/// How much.
#[derive(clap::Args)]
pub(super) struct Trying {
    /// Most calls of `describe` for each action.
    #[arg(long, value_name = "N", default_value_t = Options::default().calls_per_action, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    calls: u64,
    /// Most time for all of it, in seconds. What is found after that depends on the machine.
    #[arg(long, value_name = "S", default_value_t = Options::default().seconds, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
    /// Where chance begins: the same seed tries the same inputs.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

impl Trying {
    /// Tries, with progress on a terminal. Ctrl-C ends it early, with a report of what was found until then.
    pub(super) async fn run(
        &self,
        probe: impl FnOnce(Options, &(dyn Fn(Progress) + Sync), &AtomicBool) -> Result<Report, Refusal>,
    ) -> Result<Report, Refusal> {
        let options =
            Options { seed: self.seed, calls_per_action: self.calls, seconds: self.seconds, ..Options::default() };
        let stop = Arc::new(AtomicBool::new(false));
        let stopping = stop.clone();
        let listening = tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                stopping.store(true, Ordering::Relaxed);
            }
        });
        let bar = bar();
        let progress = |Progress { calls, of, findings }: Progress| {
            bar.set_length(of);
            bar.set_position(calls);
            if findings > 0 {
                bar.set_message("something was found");
            }
        };
        let report = tokio::task::block_in_place(|| probe(options, &progress, &stop));
        bar.finish_and_clear();
        listening.abort();
        report
    }
}

/// Shown on a terminal only.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(1);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent}% {pos} calls, {per_sec} {msg}") {
        bar.set_style(style);
    }
    bar
}
