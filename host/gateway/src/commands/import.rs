//! `portcullis import openapi`: a service's own description made into a document.

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;
use portcullis_catalog::openapi::{self, Imported, MAX_BYTES, Only, SchemaCheck, Wishes};
use portcullis_model::PortSlug;
use portcullis_registry::Schema;
use serde_json::{Value, json};

use super::{Context, Done, export::write_new};
use crate::obtain::read;
use crate::terminal::{self, GREEN, YELLOW, styled};

/// Makes a document of a service's own description.
#[derive(Subcommand)]
#[command(after_help = "Example:\n  portcullis import openapi api.yaml --port acme --output acme.json")]
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
    #[arg(long, value_name = "PATTERN,…")]
    only: Option<String>,
    /// The server, in place of those that the description names.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Write it there instead of to standard output. A file that is there is not overwritten.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Tries schemas as they will be tried at install.
struct Registry;

impl SchemaCheck for Registry {
    fn check(&self, schema: &Value, values: &[&Value]) -> Result<Vec<Option<String>>, String> {
        let schema = Schema::compile(schema, "the operation").map_err(|refusal| refusal.message().to_owned())?;
        let wrong = |value: &&Value| schema.check(value).err().map(|refusal| refusal.to_string());
        Ok(values.iter().map(wrong).collect())
    }
}

pub(super) fn run(verb: Verb, context: &Context) -> Result<Done> {
    let Verb::Openapi(args) = verb;
    let bytes = read(&args.file, MAX_BYTES)?;
    let text = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("`{}` is no text", args.file.display()))?;
    let wishes = Wishes { port: args.port, only: args.only.as_deref().map(Only::new), server: args.server };
    let imported = openapi::import(&text, &wishes, &Registry)?;
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

fn report(imported: &Imported) -> Value {
    let left_out: Vec<Value> = imported
        .left_out
        .iter()
        .map(|left| json!({"operation": left.operation, "kind": left.reason.kind(), "reason": left.reason.to_string()}))
        .collect();
    json!({
        "operations": imported.operations, "notChosen": imported.not_chosen,
        "actions": imported.document.action_templates.len(), "leftOut": left_out, "notes": imported.told(),
    })
}

/// Tells on standard error what became of the description.
fn told(imported: &Imported) {
    for left in &imported.left_out {
        terminal::note(format_args!("{} {}: {}", styled(YELLOW, "left out"), left.operation, left.reason));
    }
    for told in imported.told() {
        let whose = match told.operations.as_slice() {
            [] => String::new(),
            [one] => format!(" ({one})"),
            [first, more @ ..] => format!(" ({first} and {} more)", more.len()),
        };
        terminal::note(format_args!("note: {}{whose}", told.remark));
    }
    let Imported { operations, not_chosen, document, left_out, .. } = imported;
    let actions = document.action_templates.len();
    terminal::note(format_args!(
        "{operations} operations: {actions} actions, {} left out, {not_chosen} not chosen",
        left_out.len()
    ));
}
