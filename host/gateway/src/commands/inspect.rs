//! `portcullis inspect`: one page that says everything a plugin could ever send.

use std::fmt::Display;

use anyhow::Result;
use portcullis_catalog::VouchedBy;
use portcullis_model::{Action, Auth, BodyMode, DeclaredHeader, QueryKey, Shown};
use portcullis_registry::InstalledPort;
use portcullis_sandbox::{Plugin, Tier};
use serde_json::json;

use super::{Context, Done};
use crate::host::Host;
use crate::install::Candidate;
use crate::obtain::obtain;
use crate::source::Source;
use crate::terminal::{self, BOLD, DIM, GREEN, YELLOW, styled};

/// Shows what a plugin could ever send: tier, imports, digest, origin, credential, and every route.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  portcullis inspect mistral
  portcullis inspect slack-web-api --json
  portcullis inspect ./my-plugin.wasm
  portcullis inspect registry.example/acme/weather:1.2")]
pub(super) struct Args {
    /// An installed port, or whatever `install` takes.
    #[arg(value_name = "PORT|NAME|FILE|REF|URL")]
    what: String,
}

/// What a page is about.
struct Subject<'a> {
    port: &'a InstalledPort,
    plugin: &'a Plugin,
    bytes: usize,
    source: String,
    vouched: Option<VouchedBy>,
    ignored: &'a [String],
}

pub(super) async fn run(args: Args, context: Context) -> Result<Done> {
    let as_json = context.json;
    let host = context.host()?;
    if !std::path::Path::new(&args.what).is_file()
        && let Ok(slug) = args.what.parse()
        && let Some(installed) = host.store().installed(&slug)?
    {
        let (port, plugin) = host.serving(&slug)?;
        let subject = Subject {
            port: &port,
            plugin: &plugin,
            bytes: host.store().component_bytes(installed.line.digest)?.len(),
            source: installed.line.source,
            vouched: host.vouched_by(&slug)?,
            ignored: &[],
        };
        subject.print(as_json)?;
        return Ok(Done::Well);
    }
    examined(&host, &args.what, as_json).await
}

/// Shows an integration by its name in the catalog, whatever is installed.
pub(super) async fn named(name: &str, context: Context) -> Result<Done> {
    let as_json = context.json;
    examined(&context.host()?, name, as_json).await
}

async fn examined(host: &Host, what: &str, as_json: bool) -> Result<Done> {
    let candidate = Candidate::examine(host, obtain(host, what).await?, None)?;
    Subject::of(host, &candidate)?.print(as_json)?;
    Ok(Done::Well)
}

/// Prints the page about a plugin that is not installed yet.
pub(super) fn candidate(host: &Host, candidate: &Candidate) -> Result<()> {
    Subject::of(host, candidate)?.print(false)
}

impl<'a> Subject<'a> {
    fn of(host: &Host, candidate: &'a Candidate) -> Result<Self> {
        Ok(Self {
            port: candidate.port(),
            plugin: candidate.plugin(),
            bytes: candidate.component_bytes(),
            source: candidate.source().to_string(),
            vouched: candidate.vouched_by(host)?,
            ignored: candidate.ignored(),
        })
    }

    fn print(&self, as_json: bool) -> Result<()> {
        if as_json {
            return self.json();
        }
        self.page();
        Ok(())
    }

    fn json(&self) -> Result<()> {
        let Self { port, plugin, .. } = self;
        terminal::json(&json!({
            "digest": port.digest(), "bytes": self.bytes, "tier": plugin.census().tier,
            "imports": plugin.census().imports, "declarative": plugin.definition().is_some(), "source": self.source,
            "signedBy": self.vouched, "origin": port.origin(), "originOverridden": port.origin_overridden(),
            "limits": plugin.limits(), "manifest": port.manifest(), "ignored": self.ignored,
            "additions": port.additions().map(|additions| {
                json!({"digest": additions.digest, "actions": additions.actions})
            }),
        }))
    }

    /// Words of the plugin are marked as its own.
    fn page(&self) {
        let Self { port, plugin, .. } = self;
        let declared = port.manifest().port();
        field("port", &declared.slug);
        field("origin", &port.origin());
        if port.origin_overridden() {
            let what = format!("set by the operator; the plugin declares {}", declared.origin);
            terminal::say(styled(YELLOW, format_args!("            {what}")));
        }
        field(
            "credential",
            &match &declared.auth {
                Auth::Header(header) => format!("{header}<credential `{}`>", declared.slug),
                Auth::None => "none".to_owned(),
            },
        );
        field("tier", &tier(plugin));
        field("digest", &port.digest());
        field("size", &format_args!("{} bytes", self.bytes));
        field("from", &Shown::new(&self.source).limit_bytes(400));
        match &self.vouched {
            Some(by) => field("signed by", &styled(GREEN, format_args!("{}, for {}", by.who, by.scope))),
            None if self.source.parse::<Source>().is_ok_and(|source| source.is_ours()) => {
                field("signed by", &"nobody: it comes with this program");
            }
            None => field("signed by", &"nobody"),
        }
        let says =
            format!("\"{}\", version {}, by {}", declared.label, port.manifest().version(), declared.publisher.name);
        field("it says", &Shown::new(&says).limit_bytes(400));
        for member in self.ignored {
            field("ignored", &styled(YELLOW, Shown::new(member).limit_bytes(200)));
        }
        terminal::say(format_args!("\n{}", styled(BOLD, "everything it could ever send")));
        let rows: Vec<Vec<String>> = port.manifest().actions().iter().map(|action| row(port, action)).collect();
        terminal::table(&rows);
        terminal::say(styled(DIM, "\nto that origin only; every call is checked against these lines"));
    }
}

fn field(name: &str, value: &dyn Display) {
    terminal::say(format_args!("{} {value}", styled(BOLD, format_args!("{name:<11}"))));
}

fn tier(plugin: &Plugin) -> String {
    let census = plugin.census();
    match census.tier {
        Tier::Sealed if plugin.definition().is_some() => {
            styled(GREEN, "sealed: data, served by the host's template; the digest names both")
        }
        Tier::Sealed => styled(GREEN, "sealed: it imports nothing"),
        Tier::Inert => {
            styled(YELLOW, format_args!("inert: it imports {}, linked to nothing", census.imports.join(", ")))
        }
    }
}

fn row(port: &InstalledPort, action: &Action) -> Vec<String> {
    let mut extras = Vec::new();
    if !action.query.is_empty() {
        let keys: Vec<&str> = action.query.iter().map(QueryKey::as_str).collect();
        extras.push(format!("query {}", keys.join(",")));
    }
    if !action.headers.is_empty() {
        let names: Vec<&str> = action.headers.iter().map(DeclaredHeader::as_str).collect();
        extras.push(format!("headers {}", names.join(",")));
    }
    if action.body != BodyMode::None {
        extras.push(format!("body {}", action.body));
    }
    if port.additions().is_some_and(|additions| additions.actions.contains(&action.slug)) {
        extras.push("added by a draft".to_owned());
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
