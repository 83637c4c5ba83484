//! `portcullis catalog list` and `search`.

use anyhow::Result;
use portcullis_catalog::Document;
use portcullis_model::Shown;
use serde::Serialize;

use super::super::{Context, Done};
use crate::embedded;
use crate::host::Host;
use crate::remote;
use crate::terminal::{self, DIM, YELLOW, styled};

/// Lists what can be installed by name.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  portcullis catalog list\n  portcullis catalog list --offline --json")]
pub(crate) struct Args {
    /// Take indexes as they were fetched last.
    #[arg(long)]
    offline: bool,
}

/// Lists what fits some words.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  portcullis catalog search chat")]
pub(crate) struct SearchArgs {
    /// Words, all of which must be there.
    #[arg(required = true, value_name = "WORD")]
    words: Vec<String>,
    /// Take indexes as they were fetched last.
    #[arg(long)]
    offline: bool,
}

/// One integration.
#[derive(Serialize)]
struct Line {
    id: String,
    version: String,
    summary: String,
    from: String,
    #[serde(skip)]
    tags: Vec<String>,
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    listed(&[], args.offline, context).await
}

pub(super) async fn search(args: SearchArgs, context: Context) -> Result<Done> {
    listed(&args.words, args.offline, context).await
}

async fn listed(words: &[String], offline: bool, context: Context) -> Result<Done> {
    let as_json = context.json;
    let host = context.host()?;
    let (mut lines, problems) = all(&host, offline).await?;
    lines.retain(|line| words.iter().all(|word| line.has(&word.to_lowercase())));
    if as_json {
        terminal::json(&lines)?;
    } else {
        let rows: Vec<Vec<String>> = lines.iter().map(Line::row).collect();
        terminal::table(&rows);
        if rows.is_empty() {
            terminal::note("nothing fits; `portcullis import openapi` makes a document of a service's own description");
        } else {
            terminal::note(styled(DIM, "to see what one could send: portcullis catalog show NAME"));
        }
    }
    for problem in &problems {
        terminal::note(styled(YELLOW, problem));
    }
    Ok(if problems.is_empty() { Done::Well } else { Done::No })
}

impl Line {
    fn has(&self, word: &str) -> bool {
        let texts = [&self.id, &self.summary].into_iter().chain(&self.tags);
        texts.into_iter().any(|text| text.to_lowercase().contains(word))
    }

    fn row(&self) -> Vec<String> {
        vec![self.id.clone(), self.version.clone(), self.from.clone(), self.summary.clone()]
    }
}

/// Everything that can be installed by name, and what is wrong with an index, each told without keeping the rest back.
async fn all(host: &Host, offline: bool) -> Result<(Vec<Line>, Vec<String>)> {
    let mut lines = Vec::new();
    for (name, text) in embedded::documents() {
        let document = Document::parse(text)?.document;
        lines.push(Line {
            id: name.to_owned(),
            version: document.version,
            summary: document.summary,
            from: "bundled".to_owned(),
            tags: document.tags,
        });
    }
    let mut problems = Vec::new();
    for name in host.settings().distribution().index_names() {
        match remote::index(host, name, offline).await {
            Ok((index, _)) => lines.extend(index.entries().iter().map(|entry| Line {
                id: format!("{name}/{}", entry.name),
                version: Shown::new(&entry.version).limit_bytes(60).to_string(),
                summary: Shown::new(&entry.summary).limit_bytes(200).to_string(),
                from: format!("index {name}"),
                tags: Vec::new(),
            })),
            Err(refusal) => problems.push(format!("index `{name}`: {refusal}")),
        }
    }
    lines.sort_by(|a, b| a.id.cmp(&b.id));
    Ok((lines, problems))
}
