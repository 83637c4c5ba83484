//! `portcullis secret`: credentials in, never out.

use std::io::BufRead as _;

use anyhow::{Context as _, Result};
use portcullis_catalog::Repository;
use portcullis_egress::{Credential, Slot, Source, check_key, webhook_slot};
use portcullis_model::{Code, PortSlug, Refusal};
use portcullis_policy::{AuditLog as _, Event};
use serde_json::json;

use super::{Context, Done};
use crate::host::Host;
use crate::terminal;

/// Keeps, lists and removes credentials. A value is never an argument and is never printed.
#[derive(clap::Subcommand)]
#[command(after_help = "\
Examples:
  portcullis secret set mistral
  portcullis secret set mistral < key.txt
  printf 'whsec_%s' \"$(openssl rand -base64 32)\" | portcullis secret set --webhook
  echo \"$USER:$PASSWORD\" | portcullis secret set --registry registry.example
  portcullis secret list --json")]
pub(super) enum Verb {
    /// Keeps a port's credential, from a prompt or from standard input.
    Set {
        #[command(flatten)]
        whose: Whose,
    },
    /// Lists installed ports and where each one's credential is, never its value.
    List,
    /// Removes a port's credential.
    Remove {
        #[command(flatten)]
        whose: Whose,
    },
}

/// Whose credential.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Whose {
    /// Which port.
    port: Option<PortSlug>,
    /// The key that signs the messages to the webhook under [notify].
    #[arg(long)]
    webhook: bool,
    /// A registry's user and password, as USER:PASSWORD, or its token.
    #[arg(long, value_name = "HOST")]
    registry: Option<String>,
}

impl Whose {
    fn slot(self) -> Result<Slot, Refusal> {
        match (self.port, self.registry) {
            // The one name that no port can have.
            (Some(port), _) if port == webhook_slot() => {
                Err(Refusal::new(Code::BadRequest, format!("`{port}` is no port"))
                    .fix("portcullis secret set --webhook"))
            }
            (Some(port), _) => Ok(Slot::from(&port)),
            // As it is written in a reference, so that it is the same registry there and here.
            (None, Some(host)) => Ok(Slot::registry(format!("{host}/x").parse::<Repository>()?.registry())),
            (None, None) => Ok(Slot::from(&webhook_slot())),
        }
    }
}

pub(super) async fn run(verb: Verb, context: Context) -> Result<Done> {
    let as_json = context.json;
    let host = context.host()?;
    match verb {
        Verb::Set { whose } => set(&host, whose.slot()?, as_json).await,
        Verb::List => list(&host, as_json).await,
        Verb::Remove { whose } => {
            let slot = whose.slot()?;
            let removed = host.egress().credentials().remove(slot.clone()).await?;
            if !removed {
                return Err(Refusal::new(Code::CredentialMissing, format!("no credential is kept for `{slot}`")).into());
            }
            record(&host, "secret-removed", &slot).await?;
            if as_json {
                terminal::json(&json!({"id": slot.as_str(), "removed": true}))?
            } else {
                terminal::say(format_args!("the credential of {slot} is removed"))
            }
            Ok(Done::Well)
        }
    }
}

async fn set(host: &Host, slot: Slot, as_json: bool) -> Result<Done> {
    let text = if terminal::can_ask() {
        rpassword::prompt_password(format!("credential for {slot}: ")).context("the terminal cannot be read")?
    } else {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("standard input cannot be read")?;
        line.truncate(line.trim_end_matches(['\r', '\n']).len());
        line
    };
    let credential = Credential::new(text)?;
    if slot == Slot::from(&webhook_slot()) {
        check_key(&credential)?;
    }
    let source = host.egress().credentials().set(slot.clone(), credential).await?;
    record(host, "secret-set", &slot).await?;
    if as_json {
        terminal::json(&json!({"id": slot.as_str(), "credential": source.as_str()}))?;
    } else {
        terminal::say(format_args!("the credential of {slot} is kept in the {}", source.as_str()));
    }
    Ok(Done::Well)
}

async fn list(host: &Host, as_json: bool) -> Result<Done> {
    let ports: Vec<PortSlug> = host.store().installed_all()?.into_iter().map(|line| line.port).collect();
    let places = host.egress().credentials().list(&ports).await?;
    let word = |source: &Option<Source>| source.map_or("missing", Source::as_str);
    if as_json {
        let lines: Vec<_> =
            places.iter().map(|(port, source)| json!({"id": port, "credential": word(source)})).collect();
        terminal::json(&lines)?;
    } else {
        terminal::table(
            &places.iter().map(|(port, source)| vec![port.to_string(), word(source).to_owned()]).collect::<Vec<_>>(),
        );
    }
    Ok(Done::Well)
}

async fn record(host: &Host, kind: &'static str, slot: &Slot) -> Result<()> {
    host.store().note(Event { kind, call: None, facts: json!({"port": slot.as_str()}) }).await?;
    Ok(())
}
