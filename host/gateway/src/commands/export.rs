//! `portcullis export`: an installed port back into a document, without secrets.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use portcullis_catalog::{ComponentRef, Document};
use portcullis_model::{Code, Definition, PortSlug, Refusal};

use super::{Context, Done};
use crate::source::Source;
use crate::terminal;

/// Writes an installed port as an integration document, which `install` takes elsewhere.
///
/// Nothing of the credential, of your settings or of who may call it is in it. Actions that were added by drafts are.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  portcullis export slack-web-api > slack.json\n  portcullis export mistral --output mistral.json"
)]
pub(super) struct Args {
    /// Which port.
    port: PortSlug,
    /// Write it there instead of to standard output. A file that is there is not overwritten.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: Args, context: Context) -> Result<Done> {
    let host = context.host()?;
    let Args { port, output } = args;
    let Some(installed) = host.store().installed(&port)? else {
        let refusal = Refusal::new(Code::UnknownAction, format!("no port `{port}` is installed"));
        return Err(refusal.fix("portcullis ports").into());
    };
    let bytes = host.store().component_bytes(installed.line.digest)?;
    let component = match Definition::read(&bytes) {
        Ok(_) => None,
        Err(_) => Some(reference(&port, &installed.line.source, installed.line.digest.to_string())?),
    };
    if component.is_some() && installed.added.is_some() {
        let what = format!("`{port}` is a component with actions that were added to it, and no document says both");
        return Err(Refusal::new(Code::BadDocument, what)
            .fix(format!("portcullis draft retract {port}/ACTION, and export then"))
            .into());
    }
    let document = Document::of_port(&installed.manifest, component)?;
    let text = serde_json::to_string_pretty(&document)?;
    match output {
        Some(path) => {
            write_new(&path, &text)?;
            terminal::note(format_args!("{} is written", path.display()));
        }
        None => terminal::say(text),
    }
    Ok(Done::Well)
}

/// Writes a file that was not there.
pub(super) fn write_new(path: &std::path::Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .with_context(|| format!("`{}` cannot be made", path.display()))?;
    writeln!(file, "{text}").with_context(|| format!("`{}` cannot be written", path.display()))
}

/// Where somebody else gets the component.
fn reference(port: &PortSlug, source: &str, digest: String) -> Result<ComponentRef, Refusal> {
    let reference = match source.parse::<Source>() {
        Ok(Source::Shipped(name)) => format!("shipped:{name}"),
        Ok(Source::At(place)) => place.to_string(),
        _ => {
            let what = format!("`{port}` is a component of a {source}, which nobody else has");
            return Err(Refusal::new(Code::BadDocument, what)
                .fix("publish the component to a registry, install it from there, and export then"));
        }
    };
    Ok(ComponentRef { reference, digest: Some(digest) })
}
