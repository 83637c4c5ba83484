//! `portcullis new`: a small project to begin with.

use std::env;

use anyhow::{Context as _, Result};
use portcullis_authoring::{Language, ProjectName, Starter, prompt};
use serde_json::json;

use super::{Context, Done};
use crate::terminal::{self, GREEN, styled};

/// Begins a plugin: a small, commented project that builds, passes its tests and runs without edits.
///
/// The folder gets the project's name, which is the port's, too. Nothing that is there is overwritten.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis new my-notes --lang rust
  portcullis new my-notes --lang python --json
  portcullis new --print-guide > guide.md            for an agent that writes plugins")]
pub(super) struct Args {
    /// Name of the project: lower-case letters, digits and single dashes.
    #[arg(required_unless_present = "print_guide")]
    name: Option<String>,
    /// Which language: rust, javascript or python.
    #[arg(long, value_name = "LANGUAGE", required_unless_present = "print_guide")]
    lang: Option<Language>,
    /// Print the guide for authors as a prompt for an agent, and make nothing.
    #[arg(long, conflicts_with_all = ["name", "lang"])]
    print_guide: bool,
}

pub(super) fn run(args: Args, context: &Context) -> Result<Done> {
    let (Some(name), Some(language)) = (args.name, args.lang) else {
        if context.json {
            terminal::json(&json!({"guide": prompt()}))?;
        } else {
            terminal::say(prompt().trim_end());
        }
        return Ok(Done::Well);
    };
    let starter = Starter::new(name.parse::<ProjectName>()?, language);
    starter.write(&env::current_dir().context("the current folder is not there")?)?;
    let name = starter.name().as_str();
    let next = [
        format!("cd {name}"),
        "portcullis build".to_owned(),
        "portcullis check".to_owned(),
        "portcullis test".to_owned(),
    ];
    if context.json {
        let files: Vec<&str> = starter.files().map(|(path, _)| path).collect();
        terminal::json(&json!({"id": name, "language": language, "folder": name, "files": files, "next": next}))?;
        return Ok(Done::Well);
    }
    terminal::say(styled(GREEN, format_args!("{name} is there: a plugin in {language}, in ./{name}")));
    terminal::note(format_args!("  next: {}", next.join(" && ")));
    Ok(Done::Well)
}
