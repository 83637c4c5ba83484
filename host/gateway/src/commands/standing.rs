//! The parts of `portcullis approvals` that are about approvals which stand for more than one call.

use std::fmt;

use anyhow::Result;
use clap::builder::NonEmptyStringValueParser;
use portcullis_model::Shown;
use portcullis_policy::{Approval, ApprovalId, Approver, Clock as _, StandingId, Terms, latitude};
use serde_json::json;

use super::Done;
use super::agent::length_ms;
use crate::doors::{end_standing, wire::StandingView};
use crate::host::Host;
use crate::terminal::{self, BOLD, YELLOW, styled};

/// For how long or how often a yes stands, and what may differ.
#[derive(clap::Args)]
pub(super) struct TermsArgs {
    /// Approve requests like it for this long, such as 30m or 2h; at most 7 days.
    #[arg(long = "for", value_name = "TIME", value_parser = NonEmptyStringValueParser::new())]
    life: Option<String>,
    /// Approve so many more requests like it; within 24 hours unless `--for` says otherwise.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    uses: Option<u32>,
    /// A place of the body that may differ or be left out: a JSON Pointer such as /messages, or a form field's name.
    /// Can be given more than once.
    #[arg(long, value_name = "PLACE")]
    free: Vec<String>,
}

impl TermsArgs {
    /// Nothing where only the one request is meant.
    pub(super) fn parse(self) -> Result<Option<Terms>> {
        let life_ms = self.life.map(|life| length_ms(&life, "30m or 2h")).transpose()?;
        let terms = Terms { life_ms, uses: self.uses, free: self.free };
        Ok((terms != Terms::default()).then_some(terms))
    }
}

/// Says what will not be asked about any more.
pub(super) fn show_terms(host: &Host, held: &Approval, terms: &Terms) -> Result<()> {
    let latitude = latitude(held, &host.routed(held)?, terms)?;
    let how_long = match terms.life_ms {
        Some(life_ms) => format!("until {}", terminal::moment(host.clock().now_ms().saturating_add(life_ms))),
        None => "for 24 hours".to_owned(),
    };
    let how_often = terms.uses.map_or_else(String::new, |uses| format!(", at most {uses} times"));
    let what = format!(
        "agent `{}` will send requests like this one without being asked again, {how_long}{how_often}",
        held.agent
    );
    terminal::say(styled(YELLOW, what));
    terminal::say(latitude);
    terminal::note("");
    Ok(())
}

/// The terms as they are typed.
pub(super) fn typed(terms: &Terms) -> String {
    let mut words = String::new();
    if let Some(life_ms) = terms.life_ms {
        words.push_str(&match life_ms {
            ms if ms % 60_000 == 0 => format!(" --for {}m", ms / 60_000),
            ms => format!(" --for {}s", ms.div_ceil(1000)),
        });
    }
    if let Some(uses) = terms.uses {
        words.push_str(&format!(" --uses {uses}"));
    }
    for place in &terms.free {
        words.push_str(&format!(" --free '{}'", place.replace('\'', "'\\''")));
    }
    words
}

/// Says what stands from now on, whether or not the first request came through.
pub(super) fn say_made(host: &Host, approval: &ApprovalId) -> Result<()> {
    for made in host.store().list_standing(false)?.iter().filter(|standing| &standing.approval == approval) {
        let uses = made.uses_left.map_or_else(String::new, |left| format!(", {left} more times"));
        let until = terminal::moment(made.expires_ms);
        terminal::note(format_args!(
            "{} stands until {until}{uses}; to end it: portcullis approvals revoke {}",
            styled(BOLD, &made.id),
            made.id
        ));
    }
    Ok(())
}

/// Lists what stands.
pub(super) fn list(host: &Host, all: bool, json: bool) -> Result<Done> {
    let now_ms = host.clock().now_ms();
    let standing = host.store().list_standing(all)?;
    let views: Vec<StandingView> = standing.into_iter().map(|standing| StandingView::new(standing, now_ms)).collect();
    if json {
        terminal::json(&views.iter().map(data).collect::<Vec<_>>())?;
        return Ok(Done::Well);
    }
    if views.is_empty() {
        terminal::note("nothing is approved in advance\n  next: portcullis approvals approve ID --for 30m");
    }
    for view in &views {
        show(view);
    }
    Ok(Done::Well)
}

/// Ends one.
pub(super) async fn revoke(host: &Host, id: &StandingId, json: bool) -> Result<Done> {
    let view = end_standing(host, id, &Approver::Terminal).await?;
    if json {
        terminal::json(&data(&view))?;
    } else {
        terminal::say(format_args!("{id} revoked"));
    }
    Ok(Done::Well)
}

fn show(view: &StandingView) {
    let field = |name: &str, value: &dyn fmt::Display| terminal::say(format_args!("  {name:<10} {value}"));
    terminal::say(format_args!("{} {}", styled(BOLD, &view.id), view.state));
    field("agent", &view.agent);
    field("action", &view.action);
    field("request", &Shown::new(&view.request).limit_bytes(1000));
    let free: Vec<String> = view.free.iter().map(|place| Shown::new(place).limit_bytes(300).to_string()).collect();
    field("may differ", &if free.is_empty() { "nothing".to_owned() } else { free.join(", ") });
    field("the rest", &format_args!("as in {}", view.approval));
    let left = view.uses_left.map_or_else(String::new, |left| format!(", {left} left"));
    let last = view.last_used_ms.map_or_else(String::new, |at| format!(", last {}", terminal::moment(at)));
    field("uses", &format_args!("{}{left}{last}", view.uses));
    field("made", &format_args!("{} by {}", terminal::moment(view.created_ms), view.by));
    match (view.revoked_ms, &view.revoked_by, &view.why) {
        (Some(at), Some(by), Some(why)) => field("ended", &format_args!("{} by {by}: {why}", terminal::moment(at))),
        _ => field("ends", &terminal::moment(view.expires_ms)),
    }
}

fn data(view: &StandingView) -> serde_json::Value {
    json!({
        "id": view.id, "state": view.state, "agent": view.agent, "action": view.action, "digest": view.digest,
        "request": view.request, "free": view.free, "approval": view.approval, "by": view.by,
        "created_ms": view.created_ms, "expires_ms": view.expires_ms, "uses_left": view.uses_left, "uses": view.uses,
        "last_used_ms": view.last_used_ms, "revoked_ms": view.revoked_ms, "revoked_by": view.revoked_by,
        "why": view.why, "words": view.words,
    })
}
