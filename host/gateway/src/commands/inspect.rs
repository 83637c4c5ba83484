//! `portcullis inspect`: one page that says everything a plugin could ever send.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use anyhow::Result;
use portcullis_model::{Code, Refusal};

use super::export::write_new;
use super::{Context, Done};
use crate::host::Host;
use crate::install::Candidate;
use crate::obtain::obtain;
use crate::report::Report;
use crate::terminal;

/// Shows what a plugin could ever send: what to look at first, tier, imports, digest, origin, credential, every route.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis inspect mistral
  portcullis inspect slack-web-api --json
  portcullis inspect ./my-plugin.wasm --html --output my-plugin.html
  portcullis inspect registry.example/acme/weather:1.2")]
pub(super) struct Args {
    /// An installed port, or whatever `install` takes.
    #[arg(value_name = "PORT|NAME|FILE|REF|URL")]
    what: String,
    /// Write one page of HTML that needs nothing else, and prints well.
    #[arg(long, conflicts_with = "json")]
    html: bool,
    /// Where to write the page; a file that is there is not overwritten.
    #[arg(long, value_name = "FILE", requires = "html")]
    output: Option<PathBuf>,
}

/// How a report is wanted.
enum Form {
    Page,
    Data,
    Html(Option<PathBuf>),
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let form = match (context.json, args.html) {
        (true, _) => Form::Data,
        (false, true) => Form::Html(args.output),
        (false, false) => Form::Page,
    };
    if matches!(form, Form::Html(None)) && std::io::stdout().is_terminal() {
        return Err(Refusal::new(Code::BadRequest, "a page of HTML is nothing for a terminal")
            .fix(format!("portcullis inspect {} --html --output report.html", args.what))
            .into());
    }
    let host = context.host()?;
    if !std::path::Path::new(&args.what).is_file()
        && let Ok(slug) = args.what.parse()
        && let Some(installed) = host.store().installed(&slug)?
    {
        let (port, plugin) = host.serving(&slug)?;
        form.give(&Report::of_installed(&host, &slug, &port, &plugin, installed.line.source)?)?;
        return Ok(Done::Well);
    }
    examined(&host, &args.what, form).await
}

/// Shows an integration by its name in the catalog, whatever is installed.
pub(super) async fn named(name: &str, context: Context) -> Result<Done> {
    let form = if context.json { Form::Data } else { Form::Page };
    examined(&context.host()?, name, form).await
}

async fn examined(host: &Host, what: &str, form: Form) -> Result<Done> {
    let candidate = Candidate::examine(host, obtain(host, what).await?, None)?;
    form.give(&Report::of(host, &candidate)?)?;
    Ok(Done::Well)
}

impl Form {
    fn give(self, report: &Report<'_>) -> Result<()> {
        match self {
            Self::Page => report.print_whole(),
            Self::Data => terminal::json(&report.data())?,
            Self::Html(None) => terminal::say(report.html()?),
            Self::Html(Some(path)) => {
                write_new(&path, &report.html()?)?;
                terminal::note(format_args!("{} is written", path.display()));
            }
        }
        Ok(())
    }
}
