//! `portcullis inspect`: one page that says everything a plugin could ever send.

use anyhow::Result;
use portcullis_model::{Action, Shown};
use portcullis_registry::InstalledPort;
use portcullis_sandbox::{Census, Tier};
use serde_json::json;

use super::{Context, Done};
use crate::host::Host;
use crate::install::Candidate;
use crate::terminal::{self, BOLD, DIM, GREEN, YELLOW, styled};

/// Shows what a plugin could ever send: tier, imports, digest, origin, credential, and every route.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  portcullis inspect mistral\n  portcullis inspect ./my-plugin.wasm --json")]
pub(super) struct Args {
    /// A component file, an installed port, or a shipped plugin's name.
    #[arg(value_name = "FILE|PORT")]
    what: String,
}

pub(super) fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let host = context.host()?;
    let candidate = Candidate::examine(&host, bytes(&host, &args.what)?)?;
    let (port, census) = (candidate.port(), candidate.plugin().census());
    if as_json {
        terminal::json(&json!({
            "digest": port.digest(), "bytes": candidate.component_bytes(), "tier": census.tier,
            "imports": census.imports, "declarative": census.declarative, "origin": port.origin(),
            "originOverridden": port.origin_overridden(), "limits": candidate.plugin().limits(),
            "manifest": port.manifest(),
        }))?;
    } else {
        page(port, census, candidate.component_bytes());
    }
    Ok(Done::Well)
}

fn bytes(host: &Host, what: &str) -> Result<Vec<u8>> {
    if !std::path::Path::new(what).is_file()
        && let Ok(slug) = what.parse()
        && let Some(plugin) = host.store().installed(&slug)?
    {
        return Ok(host.store().component_bytes(plugin.line.digest)?);
    }
    Ok(super::install::component(what)?.0)
}

/// Prints the page. Words of the plugin are marked as its own.
pub(super) fn page(port: &InstalledPort, census: &Census, component_bytes: usize) {
    let declared = port.manifest().port();
    let field = |name: &str, value: &dyn std::fmt::Display| {
        terminal::say(format_args!("{} {value}", styled(BOLD, format_args!("{name:<11}"))));
    };
    field("port", &declared.slug);
    field("origin", &port.origin());
    if port.origin_overridden() {
        let what = format!("set by the operator; the plugin declares {}", declared.origin);
        terminal::say(styled(YELLOW, format_args!("            {what}")));
    }
    field(
        "credential",
        &match &declared.auth {
            portcullis_model::Auth::Header(header) => format!("{header}<credential `{}`>", declared.slug),
            portcullis_model::Auth::None => "none".to_owned(),
        },
    );
    field(
        "tier",
        &match census.tier {
            Tier::Sealed if census.declarative => {
                styled(GREEN, "sealed: it imports nothing but its definition, which is part of its digest")
            }
            Tier::Sealed => styled(GREEN, "sealed: it imports nothing"),
            Tier::Inert => {
                styled(YELLOW, format_args!("inert: it imports {}, linked to nothing", census.imports.join(", ")))
            }
        },
    );
    field("digest", &port.digest());
    field("size", &format_args!("{component_bytes} bytes"));
    let says = format!("\"{}\", version {}, by {}", declared.label, port.manifest().version(), declared.publisher.name);
    field("it says", &Shown::new(&says).limit_bytes(400));
    terminal::say(format_args!("\n{}", styled(BOLD, "everything it could ever send")));
    let rows: Vec<Vec<String>> = port.manifest().actions().iter().map(row).collect();
    terminal::table(&rows);
    terminal::say(styled(DIM, "\nto that origin only; every call is checked against these lines"));
}

fn row(action: &Action) -> Vec<String> {
    let mut extras = Vec::new();
    if !action.query.is_empty() {
        let keys: Vec<&str> = action.query.iter().map(portcullis_model::QueryKey::as_str).collect();
        extras.push(format!("query {}", keys.join(",")));
    }
    if !action.headers.is_empty() {
        let names: Vec<&str> = action.headers.iter().map(portcullis_model::DeclaredHeader::as_str).collect();
        extras.push(format!("headers {}", names.join(",")));
    }
    if action.body != portcullis_model::BodyMode::None {
        extras.push(format!("body {}", action.body));
    }
    vec![
        action.slug.to_string(),
        action.method.to_string(),
        action.path.to_string(),
        action.effect.to_string(),
        action.approval.to_string(),
        extras.join("; "),
    ]
}
