//! `portcullis import openapi`: a service's own description made into a document.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use portcullis_catalog::openapi::{self, Imported, Wishes};
use portcullis_model::PortSlug;
use serde_json::json;

use super::{Context, Done, export::write_new};
use crate::obtain::read;
use crate::terminal::{self, GREEN, YELLOW, styled};

/// Largest description, in bytes.
const MAX_BYTES: usize = 32 << 20;

/// Makes a document of a service's own description.
#[derive(Subcommand)]
pub(super) enum Verb {
    Openapi(OpenapiArgs),
}

/// Makes a document of an OpenAPI 3.0 or 3.1 description, JSON or YAML.
///
/// Reads are automatic, the rest needs approval. What cannot be said by a document is left out and named with its reason.
/// Look at the document before you install it: it says what its author says.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis import openapi petstore.yaml --port petstore --output petstore.json
  portcullis import openapi api.json --port acme --only 'list-*,get-*' > acme.json
  portcullis install ./petstore.json")]
pub(super) struct OpenapiArgs {
    /// The description.
    file: PathBuf,
    /// Name of the port that the document makes.
    #[arg(long, value_name = "PORT")]
    port: PortSlug,
    /// Only operations whose action name or path fits one of these patterns; `*` stands for anything.
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    only: Vec<String>,
    /// Write it there instead of to standard output. A file that is there is not overwritten.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(verb: Verb, context: &Context) -> Result<Done> {
    let Verb::Openapi(args) = verb;
    let bytes = read(&args.file, MAX_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("`{}` is no text", args.file.display()))?;
    let imported = openapi::import(&text, &Wishes { port: args.port, only: args.only })?;
    let document = serde_json::to_string_pretty(&imported.document)?;
    match &args.output {
        Some(path) => write_new(path, &document)?,
        None => terminal::say(&document),
    }
    if context.json && args.output.is_some() {
        terminal::json(&report(&imported))?;
    } else {
        told(&imported);
        if let Some(path) = &args.output {
            terminal::note(styled(GREEN, format_args!("{} is written", path.display())));
            terminal::note(format_args!("  next: portcullis install ./{}", path.display()));
        }
    }
    Ok(Done::Well)
}

fn report(imported: &Imported) -> serde_json::Value {
    let left_out: Vec<_> = imported
        .left_out
        .iter()
        .map(|left| json!({"operation": left.operation, "reason": left.reason.to_string()}))
        .collect();
    json!({
        "actions": imported.document.action_templates.len(), "leftOut": left_out,
        "notes": imported.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// Tells on standard error what became of the description.
fn told(imported: &Imported) {
    for left in &imported.left_out {
        terminal::note(format_args!("{} {}: {}", styled(YELLOW, "left out:"), left.operation, left.reason));
    }
    for note in &imported.notes {
        terminal::note(format_args!("note: {note}"));
    }
    terminal::note(format_args!(
        "{} actions, {} operations left out",
        imported.document.action_templates.len(),
        imported.left_out.len()
    ));
}
