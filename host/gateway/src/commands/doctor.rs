//! `portcullis doctor`: whether everything a call needs works here.

use anyhow::Result;
use portcullis_egress::webhook_slot;
use portcullis_model::{Code, Refusal};
use portcullis_registry::InstalledPort;
use portcullis_store::Verdict;
use serde::Serialize;

use super::{Context, Done};
use crate::home::Home;
use crate::host::Host;
use crate::notify::{self, Desktop};
use crate::settings::Settings;
use crate::terminal::{self, GREEN, RED, YELLOW, styled};
use crate::watch;

/// Checks folders, settings, database, audit chain, sandbox, credential store and installed plugins.
#[derive(clap::Args)]
pub(super) struct Args {}

#[derive(Serialize)]
struct Check {
    id: &'static str,
    ok: bool,
    what: String,
    next: Option<String>,
}

fn good(id: &'static str, what: impl Into<String>) -> Check {
    Check { id, ok: true, what: what.into(), next: None }
}

fn bad(id: &'static str, what: impl Into<String>, next: impl Into<String>) -> Check {
    Check { id, ok: false, what: what.into(), next: Some(next.into()) }
}

pub(super) async fn run(_: Args, context: Context) -> Result<Done> {
    let json = context.json;
    let mut checks = Vec::new();
    let home = Home::find()?;
    match Settings::read(home.settings()) {
        Ok(settings) => {
            checks.push(good("settings", home.settings().display().to_string()));
            match context.host() {
                Ok(host) => examine(&host, &settings, &mut checks).await,
                Err(error) => {
                    let what = format!("{error:#}").replace('\n', "; ");
                    let rules = home.policies().try_exists().unwrap_or(true) && what.contains("policies");
                    let next = "make the folder writable, or set PORTCULLIS_HOME";
                    checks.push(bad("host", what, if rules { "portcullis policy check" } else { next }));
                }
            }
        }
        Err(error) => {
            let next = error.downcast_ref::<Refusal>().and_then(Refusal::way_out).unwrap_or("correct that line");
            checks.push(bad("settings", format!("{error:#}"), next));
        }
    }
    let well = checks.iter().all(|c| c.ok);
    if json {
        terminal::json(&checks)?;
    } else {
        for check in &checks {
            let mark = if check.ok { styled(GREEN, "ok  ") } else { styled(RED, "bad ") };
            terminal::say(format_args!("{mark} {:<12} {}", check.id, check.what));
            if let Some(next) = &check.next {
                terminal::say(format_args!("     {} {next}", styled(YELLOW, "next:")));
            }
        }
    }
    Ok(if well { Done::Well } else { Done::No })
}

async fn examine(host: &Host, settings: &Settings, checks: &mut Vec<Check>) {
    checks.push(match host.store().audit().verify() {
        Ok(Verdict::Intact(head)) => good("audit", format!("{} rows, each as written", head.rows)),
        Ok(Verdict::Broken(breach)) => bad("audit", breach.to_string(), "portcullis audit verify"),
        Err(error) => bad("audit", error.to_string(), "portcullis audit verify"),
    });
    checks.push(match host.sandbox() {
        Ok(_) => good("sandbox", format!("accepts {} plugins", settings.tier())),
        Err(refusal) => bad("sandbox", refusal.to_string(), "use a 64-bit machine that may map executable memory"),
    });
    let rules = host.rules();
    let problems = host.rule_problems();
    checks.push(match problems.first() {
        None => good("policy", format!("{} rules, times in {}", rules.len(), rules.words().timezone())),
        Some(problem) => bad("policy", problem.to_string(), "portcullis policy check"),
    });
    let report = host.egress().credentials().describe().await;
    checks.push(match &report.works {
        Ok(()) => good("credentials", format!("kept in the {}", report.backend.as_str())),
        Err(refusal) => {
            bad("credentials", refusal.message(), refusal.way_out().unwrap_or("portcullis secret set PORT"))
        }
    });
    for name in &report.misnamed {
        let (what, next) = if name == "PORTCULLIS_REGISTRY_SECRET" {
            ("registry", "write its value as HOST=USER:PASSWORD, or HOST=TOKEN")
        } else {
            ("port", "spell it PORTCULLIS_SECRET_<PORT> in capitals, `-` as `_`")
        };
        checks.push(bad("environment", format!("`{name}` names no {what}"), next));
    }
    // Where nobody is listed, nothing from elsewhere runs, and there is nothing to look at.
    if let Some(listed) = settings.distribution().listed() {
        checks.push(match settings.distribution().trust() {
            Ok(_) => good("trust", listed),
            Err(refusal) => bad("trust", refusal.message(), refusal.way_out().unwrap_or("correct portcullis.toml")),
        });
    }
    told(host, settings, checks).await;
    match host.store().installed_all() {
        Ok(lines) => {
            for line in lines {
                checks.push(match host.port(&line.port) {
                    Ok(port) => match unready(host, &port).await {
                        None => good(
                            "plugin",
                            format!("{}: {} actions at {}", line.port, port.actions().count(), port.origin()),
                        ),
                        Some(what) => bad(
                            "plugin",
                            format!("{}: {what}", line.port),
                            format!("portcullis secret set {}", line.port),
                        ),
                    },
                    Err(refusal) => bad(
                        "plugin",
                        format!("{}: {}", line.port, refusal.message()),
                        refusal.way_out().unwrap_or("portcullis ports"),
                    ),
                });
            }
        }
        Err(error) => checks.push(bad("plugins", error.to_string(), "portcullis ports")),
    }
    for port in settings.named_ports() {
        if host.port(port).is_err_and(|refusal| refusal.code() == Code::UnknownAction) {
            let what = format!("[ports.{port}] is of a port that is not installed");
            checks.push(bad("settings", what, "correct the name in portcullis.toml, or install it"));
        }
    }
    for id in settings.named_actions() {
        if let Err(refusal) = host.resolve(&id)
            && refusal.code() == Code::UnknownAction
        {
            checks.push(bad(
                "settings",
                format!("`{id}` has a rule but is not installed"),
                "correct the name in portcullis.toml",
            ));
        }
    }
}

/// Why no call of a port can be sent, where its credential is the reason.
async fn unready(host: &Host, port: &InstalledPort) -> Option<String> {
    let binding = port.actions().next()?.binding().clone();
    host.egress().ready(&binding).await.err().map(|refusal| refusal.message().to_owned())
}

/// Who is told of calls and of what waits.
async fn told(host: &Host, settings: &Settings, checks: &mut Vec<Check>) {
    let (goes, refused) = watch::asked_for();
    if refused.is_empty() {
        let off = "off: OTEL_EXPORTER_OTLP_ENDPOINT is not set".to_owned();
        checks.push(good("collector", if goes.is_empty() { off } else { goes.join(", ") }));
    }
    for what in refused {
        checks.push(bad("collector", what, "correct that variable, or set OTEL_SDK_DISABLED=true"));
    }
    checks.push(match (settings.notify.desktop, notify::desktop_reachable()) {
        (Desktop::Never, _) => good("desktop", "off: [notify] desktop = \"never\""),
        (Desktop::Auto, true) => good("desktop", "`serve` notifies this session"),
        (Desktop::Auto, false) => good("desktop", "off: this is no session with a bus"),
    });
    // Settings with a wrong address were refused before.
    let Ok(Some(address)) = settings.notify.address() else {
        return checks.push(good("webhook", "off: none under [notify]"));
    };
    let origin = address.origin();
    checks.push(match host.egress().credentials().source(&webhook_slot()).await {
        Ok(Some(source)) => good("webhook", format!("{origin}, signed with the key in the {}", source.as_str())),
        Ok(None) => {
            bad("webhook", format!("{origin} is told nothing without a key"), "portcullis secret set --webhook")
        }
        Err(refusal) => {
            bad("webhook", refusal.message(), refusal.way_out().unwrap_or("portcullis secret set --webhook"))
        }
    });
}
