//! Thousands of hostile calls through the whole host, and what they leave behind.

use anyhow::Result;
use portcullis_gateway::GALLERY;

use crate::figure::{Budget, Figure};
use crate::memory::resident_mib;
use crate::stage::{Stage, call, host, take_in};

pub(crate) async fn figure(stage: &Stage, full: bool) -> Result<Figure> {
    let calls = if full { 10_000 } else { 2_000 };
    let folder = tempfile::tempdir()?;
    // A loop is a loop after 10 ms too, and the soak is about what stays.
    let host = host(folder.path(), &stage.service, "[sandbox.limits]\nwall_time_ms = 10\n")?;
    // The two that import what nobody may are not even installed.
    let guests: Vec<_> = GALLERY.iter().filter(|hostile| !hostile.guest.ends_with("_import")).collect();
    let attack = |count: usize, guest: &'static str| {
        let host = &host;
        async move {
            take_in(host, guest)?;
            for _ in 0..count {
                drop(call(host, "hostile/forecast", r#"{"attack":true}"#).await);
            }
            anyhow::Ok(())
        }
    };
    for hostile in &guests {
        attack(3, hostile.guest).await?;
    }
    let (before, _) = resident_mib()?;
    for hostile in &guests {
        attack(calls / guests.len(), hostile.guest).await?;
    }
    let (after, _) = resident_mib()?;
    Ok(Figure {
        name: format!("resident growth over {calls} hostile calls"),
        budget: Budget::AtMost(64.0),
        measured: after - before,
        unit: "MiB",
        baseline: format!("{before:.1} MiB before, {after:.1} MiB after, {} kinds of attack", guests.len()),
    })
}
