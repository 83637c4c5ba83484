//! What a process keeps resident: this one, or a fresh one with a host that has one plugin loaded and nothing to do.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::figure::{Budget, Figure};
use crate::stage::{Stage, open};

/// The word with which this program is an idle host in the folder that follows.
pub(crate) const VERB: &str = "__idle";

/// Resident memory of this process in MiB: all of it, and what no file backs.
pub(crate) fn resident_mib() -> Result<(f64, f64)> {
    let status = std::fs::read_to_string("/proc/self/status").context("this system does not tell resident memory")?;
    let line = |name: &str| -> Option<f64> {
        let kib: f64 =
            status.lines().find_map(|l| l.strip_prefix(name))?.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kib / 1024.0)
    };
    Ok((line("VmRSS:").context("VmRSS")?, line("RssAnon:").context("RssAnon")?))
}

pub(crate) fn idle(folder: &Path) -> Result<()> {
    let host = open(folder)?;
    host.port(&"mistral".parse()?)?;
    let (all, anonymous) = resident_mib()?;
    println!("{all} {anonymous}");
    Ok(())
}

pub(crate) fn figure(stage: &Stage) -> Result<Figure> {
    let output = Command::new(std::env::current_exe()?).arg(VERB).arg(stage.folder()).output()?;
    let text = String::from_utf8(output.stdout)?;
    let (all, anonymous) = text.trim().split_once(' ').context("the idle host said nothing")?;
    Ok(Figure {
        name: "resident memory of an idle host, one plugin loaded".to_owned(),
        budget: Budget::None,
        measured: all.parse()?,
        unit: "MiB",
        baseline: format!("of these {:.1} MiB not backed by a file", anonymous.parse::<f64>()?),
    })
}
