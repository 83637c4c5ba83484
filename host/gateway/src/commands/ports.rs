//! `portcullis ports`: what is installed.

use anyhow::Result;
use portcullis_egress::Source;
use serde_json::json;

use super::{Context, Done};
use crate::doors::Local;
use crate::terminal;

/// Lists installed ports: origin, credential present or not, tier, digest.
#[derive(clap::Args)]
pub(super) struct Args {}

pub(super) async fn run(_: Args, context: Context) -> Result<Done> {
    let (json, token) = (context.json, context.token());
    let host = context.host()?;
    let caller = Local::new(&host, token.as_ref().map(|t| t.as_str())).await?;
    let mut lines = Vec::new();
    let mut rows = Vec::new();
    for line in host.store().installed_all()?.into_iter().filter(|line| caller.sees(&line.port)) {
        let plugin = host.store().installed(&line.port)?;
        let declared = plugin.map(|p| p.manifest.port.origin).unwrap_or_default();
        let overridden = host.settings().origin(&line.port)?.map(|o| o.to_string());
        let credential = match host.egress().credentials().source(&line.port).await {
            Ok(source) => source.map_or("missing", Source::as_str),
            Err(_) => "unknown",
        };
        let origin = overridden.clone().unwrap_or(declared);
        lines.push(json!({
            "id": line.port, "origin": origin, "originOverridden": overridden.is_some(), "credential": credential,
            "tier": line.tier, "version": line.version, "digest": line.digest, "source": line.source,
            "installed_ms": line.installed_ms,
        }));
        let mark = if overridden.is_some() { " (set by the operator)" } else { "" };
        let digest = line.digest.to_hex();
        rows.push(vec![
            line.port.to_string(),
            format!("{origin}{mark}"),
            format!("credential: {credential}"),
            line.tier,
            digest[..12].to_owned(),
        ]);
    }
    if json {
        terminal::json(&lines)?;
    } else if rows.is_empty() {
        let names: Vec<&str> = crate::embedded::plugin_names().collect();
        terminal::note(format_args!("nothing is installed; shipped with this program: {}", names.join(", ")));
        terminal::note("  next: portcullis install mistral");
    } else {
        terminal::table(&rows);
    }
    Ok(Done::Well)
}
