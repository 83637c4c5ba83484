//! `portcullis catalog validate`: whether documents keep every rule.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use portcullis_catalog::Document;
use portcullis_model::{Detail, Manifest, Refusal};
use portcullis_registry::Schema;
use serde::Serialize;
use serde_json::Value;

use super::super::{Context, Done};
use crate::terminal::{self, GREEN, RED, YELLOW, styled};

/// Checks documents. Exits with status 1 where one breaks a rule.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  portcullis catalog validate catalog/integrations/*/*.json")]
pub(crate) struct Args {
    /// Documents.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Verdict {
    id: String,
    ok: bool,
    actions: usize,
    problems: Vec<Detail>,
    ignored: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Done> {
    let mut verdicts = Vec::new();
    for file in &args.files {
        let text = std::fs::read_to_string(file).with_context(|| format!("`{}` cannot be read", file.display()))?;
        verdicts.push(judge(file.display().to_string(), &text));
    }
    if context.json {
        terminal::json(&verdicts)?;
    } else {
        verdicts.iter().for_each(Verdict::print);
    }
    Ok(if verdicts.iter().all(|verdict| verdict.ok) { Done::Well } else { Done::No })
}

fn judge(id: String, text: &str) -> Verdict {
    let (mut problems, mut ignored, mut actions) = (Vec::new(), Vec::new(), 0);
    match Document::parse(text) {
        Ok(read) => {
            ignored = read.warnings.iter().map(ToString::to_string).collect();
            actions = read.document.action_templates.len();
            if read.document.component.is_none() {
                problems = described(&read.document);
            }
        }
        Err(refusal) => problems = places(&refusal),
    }
    Verdict { id, ok: problems.is_empty(), actions, problems, ignored }
}

/// What is wrong with the plugin that a document makes: its manifest, its schemas, its examples.
fn described(document: &Document) -> Vec<Detail> {
    let manifest = match document.manifest() {
        Ok(draft) => Manifest::check(draft),
        Err(refusal) => return places(&refusal),
    };
    let manifest = match manifest {
        Ok(manifest) => manifest,
        Err(problems) => return problems.into_iter().map(|p| Detail { at: p.at, what: p.what }).collect(),
    };
    let mut problems = Vec::new();
    for action in manifest.actions() {
        let checked = Schema::compile(&action.input_schema, action.slug.as_str()).and_then(|schema| {
            let inputs =
                action.examples.iter().map(|example| serde_json::from_str(&example.input).unwrap_or(Value::Null));
            inputs.into_iter().try_for_each(|input| schema.check(&input))
        });
        if let Err(refusal) = checked {
            problems
                .extend(places(&refusal).into_iter().map(|d| Detail { at: format!("{}: {}", action.slug, d.at), ..d }));
        }
    }
    problems
}

fn places(refusal: &Refusal) -> Vec<Detail> {
    if refusal.places().is_empty() {
        return vec![Detail { at: "/".to_owned(), what: refusal.message().to_owned() }];
    }
    refusal.places().to_vec()
}

impl Verdict {
    fn print(&self) {
        let mark = if self.ok { styled(GREEN, "ok  ") } else { styled(RED, "bad ") };
        terminal::say(format_args!("{mark} {}: {} actions", self.id, self.actions));
        for Detail { at, what } in &self.problems {
            terminal::say(format_args!("     at {at}: {what}"));
        }
        for member in &self.ignored {
            terminal::say(format_args!("     {} {member}", styled(YELLOW, "ignored:")));
        }
    }
}
