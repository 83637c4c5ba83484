//! `portcullis attest`: a signed statement of what was inspected and probed, on which bytes, by whom.

use std::path::PathBuf;

use anyhow::Result;
use jiff::Timestamp;
use portcullis_catalog::{Review, Verdict};
use portcullis_model::{Code, Refusal};
use portcullis_policy::{AuditLog as _, Event};
use portcullis_probe::{Ended, Summary};
use serde_json::{Value, json};

use super::export::write_new;
use super::install::consent;
use super::trying::Trying;
use super::{Context, Done, signing};
use crate::install::Candidate;
use crate::obtain::obtain;
use crate::probe::probe;
use crate::report::Report;
use crate::terminal::{self, GREEN, YELLOW, styled};

/// Signs a review of a plugin: what it could send, and what came of trying it.
///
/// Inspects and probes the plugin, shows both, asks, and writes an in-toto statement in a signed envelope. An operator who
/// lists the key under [reviews] in portcullis.toml can require one: `install --review FILE`. Where the probe found
/// something the statement says so, and counts for nobody.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis attest ./weather.wasm --key jane.pem --by \"Jane Doe, Acme security\" --output weather.review.json
  portcullis attest registry.example/acme/weather:1.2 --key jane.pem --by \"Jane Doe\" --yes > weather.review.json
  portcullis install ./weather.wasm --review weather.review.json")]
pub(super) struct Args {
    /// Whatever `install` takes.
    #[arg(value_name = "NAME|FILE|REF|URL")]
    what: String,
    /// The reviewer's private key; its passphrase is asked for, or read from standard input.
    #[arg(long, value_name = "KEY.pem")]
    key: PathBuf,
    /// Who reviews, in one line.
    #[arg(long, value_name = "NAME")]
    by: String,
    #[command(flatten)]
    trying: Trying,
    /// Where to write the statement; a file that is there is not overwritten. Standard output if left out.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let Args { what, key, by, trying, output, yes } = args;
    // First, so that nobody waits for a probe that ends in a wrong passphrase.
    let key = signing::key(&key)?;
    let host = context.host()?;
    let candidate = Candidate::examine(&host, obtain(&host, &what).await?, None)?;
    let report = Report::of(&host, &candidate)?;
    // What is printed on standard output is the statement alone, where it goes there.
    if output.is_some() && !as_json {
        report.print();
    }
    let probed = trying.run(|options, progress, stop| probe(&candidate, options, progress, stop)).await?;
    let verdict = if probed.findings.is_empty() { Verdict::Passed } else { Verdict::Findings };
    if probed.ended == Ended::Stopped {
        return Err(Refusal::new(Code::BadRequest, "the probe was stopped, and half a probe is no review")
            .fix("type the same again, with fewer --calls if it takes too long")
            .into());
    }
    terminal::note(Summary(&probed));
    if !yes {
        let question = match verdict {
            Verdict::Passed => "you looked at everything above, and sign that it is right?",
            Verdict::Findings => "sign that this was found?",
        };
        let again = format!("portcullis attest {what} --key KEY.pem --by {by:?} --yes");
        if !consent(question, "nothing was signed", &again)? {
            return Ok(Done::No);
        }
    }
    let review = Review {
        reviewer: by,
        reviewed_on: now()?,
        host_version: env!("CARGO_PKG_VERSION").to_owned(),
        verdict,
        inspected: report.in_short(),
        probed: serde_json::to_value(&probed)?,
    };
    let digest = candidate.plugin().digest();
    let sealed = String::from_utf8(review.seal(candidate.slug().as_str(), digest, &key)?)?;
    let signer = key.public("").map(|public| public.fingerprint());
    let facts = json!({"digest": digest, "verdict": verdict, "reviewer": review.reviewer, "signer": signer});
    host.store().note(Event { kind: "attested", call: None, facts }).await?;
    match &output {
        Some(path) => write_new(path, &sealed)?,
        None => terminal::say(&sealed),
    }
    if output.is_some() && as_json {
        let review: Value = serde_json::to_value(&review)?;
        terminal::json(&json!({"id": digest, "verdict": verdict, "signer": signer, "review": review}))?;
    }
    let said = match verdict {
        Verdict::Passed => styled(GREEN, format_args!("signed: {digest} is reviewed")),
        Verdict::Findings => styled(YELLOW, format_args!("signed, with what was found: nobody can install by it")),
    };
    terminal::note(said);
    Ok(if verdict == Verdict::Passed { Done::Well } else { Done::No })
}

/// To the second: nobody reviews faster.
fn now() -> Result<Timestamp> {
    Ok(Timestamp::now().round(jiff::Unit::Second)?)
}
