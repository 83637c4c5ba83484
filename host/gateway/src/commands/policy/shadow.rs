//! `portcullis policy shadow`: what rules on trial would have done, counted from the audit log.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use portcullis_model::Shown;
use portcullis_policy::{Clock as _, SystemClock, TimestampMs};
use portcullis_store::{AuditFilter, AuditReader, StoreConfig};
use serde::Serialize;

use super::Done;
use crate::home::Home;
use crate::terminal;

/// Kinds of the rows that name decisions.
const KINDS: [&str; 3] = ["intent", "approval-asked", "refused"];

/// What one rule would have done.
#[derive(Default, Serialize)]
#[serde(rename_all = "snake_case")]
struct Count {
    id: String,
    would_deny: u64,
    would_ask: u64,
    would_allow: u64,
    /// Number of the newest row that says so.
    last: u64,
}

pub(super) fn run(since: Option<&str>, as_json: bool) -> Result<Done> {
    let home = Home::find()?;
    let audit = AuditReader::open(&StoreConfig::new(home.state())).context("there is no audit log yet")?;
    let since_ms = since.map(moment).transpose()?;
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    for kind in KINDS {
        let filter = AuditFilter { kind: Some(kind.to_owned()), since_ms, ..AuditFilter::default() };
        for row in audit.list(&filter)? {
            for note in row.body["shadow"].as_array().map_or(&[][..], Vec::as_slice) {
                let Some((id, would)) = note.as_str().and_then(|note| note.split_once(": ")) else { continue };
                let count =
                    counts.entry(id.to_owned()).or_insert_with(|| Count { id: id.to_owned(), ..Count::default() });
                match would {
                    "would deny" => count.would_deny += 1,
                    "would ask" => count.would_ask += 1,
                    "would allow" => count.would_allow += 1,
                    _ => continue,
                }
                count.last = count.last.max(row.seq);
            }
        }
    }
    let counts: Vec<Count> = counts.into_values().collect();
    if as_json {
        terminal::json(&counts)?;
        return Ok(Done::Well);
    }
    if counts.is_empty() {
        terminal::note("no rule on trial would have done otherwise");
        return Ok(Done::Well);
    }
    let head = ["rule", "would deny", "would ask", "would allow", "last row"].map(str::to_owned).to_vec();
    let row = |count: &Count| {
        let numbers = [count.would_deny, count.would_ask, count.would_allow, count.last].map(|n| n.to_string());
        std::iter::once(Shown::new(&count.id).to_string()).chain(numbers).collect()
    };
    terminal::table(&std::iter::once(head).chain(counts.iter().map(row)).collect::<Vec<_>>());
    Ok(Done::Well)
}

/// A moment, or how long ago it was.
fn moment(text: &str) -> Result<TimestampMs> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(TimestampMs::try_from(moment.as_millisecond()).unwrap_or_default());
    }
    let ago: Option<SignedDuration> =
        text.parse::<Span>().ok().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let ago = ago.and_then(|ago| u64::try_from(ago.as_millis()).ok()).with_context(|| {
        format!("`{}` is no moment: write such as 7d, 12h, or 2026-01-31T00:00:00Z", Shown::new(text))
    })?;
    Ok(SystemClock.now_ms().saturating_sub(ago))
}
