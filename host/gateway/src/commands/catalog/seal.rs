//! `portcullis catalog seal`: signs an index, as whoever publishes it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use portcullis_catalog::{Index, IndexDraft, MAX_INDEX_BYTES};
use portcullis_model::{Code, Refusal, parse_strict};
use serde_json::{Value, json};

use super::super::{Context, Done, agent, signing};
use crate::terminal;

/// Signs an index of what you offer, as a whole: from now on, until the time you say.
///
/// The file has `name`, `version` (a number, higher with every change) and `entries` of `name`, `summary`, `version`, `ref`
/// (a reference into a registry, or an https address) and `digest` (SHA-256 of the component or document).
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  portcullis catalog seal index.json --key acme.pem --expires 30d --output index.dsse.json")]
pub(crate) struct Args {
    /// The index, as JSON.
    file: PathBuf,
    /// The private key that signs it; its passphrase is asked for, or read from standard input.
    #[arg(long, value_name = "KEY.pem")]
    key: PathBuf,
    /// How long it holds, such as 30d: then hosts want a newer one.
    #[arg(long, value_name = "TIME")]
    expires: String,
    /// Where to write it.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Done> {
    let length_ms = agent::length_ms(&args.expires, "30d or 12h")?;
    let draft = draft(args, length_ms)?;
    let envelope = Index::seal(&draft, &signing::key(&args.key)?)?;
    fs::write(&args.output, &envelope).with_context(|| format!("`{}` cannot be written", args.output.display()))?;
    if context.json {
        terminal::json(&json!({
            "id": draft.name, "version": draft.version, "expires": draft.expires, "entries": draft.entries.len(),
        }))?;
    } else {
        let (version, entries) = (draft.version, draft.entries.len());
        terminal::say(format_args!("{} version {version} with {entries} entries, until {}", draft.name, draft.expires));
    }
    Ok(Done::Well)
}

fn draft(args: &Args, length_ms: u64) -> Result<IndexDraft> {
    let bytes = fs::read(&args.file).with_context(|| format!("`{}` cannot be read", args.file.display()))?;
    let bad = |why: &str| {
        let what = format!("`{}` is no index: {why}", args.file.display());
        Refusal::new(Code::IndexRefused, what).fix("portcullis catalog seal --help")
    };
    let text = std::str::from_utf8(&bytes).ok().filter(|text| text.len() <= MAX_INDEX_BYTES);
    let mut value =
        parse_strict(text.ok_or_else(|| bad("it is no text, or too large"))?).map_err(|e| bad(&e.to_string()))?;
    let Value::Object(members) = &mut value else { return Err(bad("expected an object").into()) };
    let now = Timestamp::now().round(jiff::Unit::Second).context("the clock cannot be read")?;
    let length = SignedDuration::from_millis(i64::try_from(length_ms).unwrap_or(i64::MAX));
    let end = now.checked_add(length).map_err(|_| bad("it would never end"))?;
    for (name, time) in [("issued", now), ("expires", end)] {
        if members.insert(name.to_owned(), time.to_string().into()).is_some() {
            return Err(bad(&format!("`{name}` is written by this command")).into());
        }
    }
    Ok(IndexDraft::parse(value.to_string().as_bytes())?)
}
