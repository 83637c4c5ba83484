//! `portcullis build`: the component of a project, by its language's own tool.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use portcullis_authoring::Project;
use portcullis_sandbox::Tier;
use serde_json::json;

use super::{Context, Done};
use crate::authors::{Made, make};
use crate::terminal::{self, BOLD, GREEN, YELLOW, styled};

/// Builds a plugin: calls cargo, npm or componentize-py, makes a component of what they give, and looks at its imports.
///
/// Writes NAME.wasm into the project's folder, and prints how little it can reach, its size and its digest.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis build
  portcullis build ./my-notes --json")]
pub(super) struct Args {
    /// The project's folder.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

pub(super) fn run(args: Args, context: &Context) -> Result<Done> {
    let project = Project::find(&args.folder)?;
    let began = Instant::now();
    let made = make(&project)?;
    let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let Made { file, bytes, digest, census } = &made;
    if context.json {
        terminal::json(&json!({
            "id": project.name().as_str(), "language": project.language(), "file": file, "bytes": bytes.len(),
            "digest": digest, "tier": census.tier, "imports": census.imports, "elapsed_ms": elapsed_ms,
        }))?;
        return Ok(Done::Well);
    }
    print(&made);
    let folder = args.folder.display().to_string();
    let there = if folder == "." { String::new() } else { format!(" {folder}") };
    terminal::note(format_args!("  next: portcullis check{there} && portcullis test{there}"));
    Ok(Done::Well)
}

/// Tier, size and digest of what was built.
pub(super) fn print(made: &Made) {
    let Made { file, bytes, digest, census } = made;
    let tier = match census.tier {
        Tier::Sealed => styled(GREEN, "sealed: it imports nothing"),
        Tier::Inert => styled(YELLOW, format_args!("inert: it imports {}", census.imports.join(", "))),
    };
    let field = |name: &str, value: &dyn std::fmt::Display| {
        terminal::say(format_args!("{} {value}", styled(BOLD, format_args!("{name:<7}"))));
    };
    field("file", &file.display());
    field("tier", &tier);
    field("size", &format_args!("{} bytes", bytes.len()));
    field("digest", digest);
}
