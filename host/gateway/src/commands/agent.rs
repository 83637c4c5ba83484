//! `portcullis agent`: who may call, and what.

use anyhow::{Context as _, Result};
use clap::builder::NonEmptyStringValueParser;
use jiff::{SignedDuration, Span, SpanRelativeTo};
use portcullis_model::{AgentName, Code, Grant, Grants, PortSet, PortSlug, Refusal};
use portcullis_policy::{Clock as _, TimestampMs};
use portcullis_store::{NewToken, TokenKind, TokenRecord};
use serde_json::{Value, json};

use super::{Context, Done};
use crate::doors::Token;
use crate::host::Host;
use crate::terminal::{self, BOLD, DIM, YELLOW, styled};

/// Makes, lists and revokes agents: callers with a name, a token and a list of what exists for them.
#[derive(clap::Subcommand)]
#[command(after_help = "\
Examples:
  portcullis agent create helper --actions 'mistral/*'
  portcullis agent create reader --actions 'mistral/list-*,mistral/get-model' --ttl 7d
  portcullis agent create builder --propose mistral
  portcullis agent list
  portcullis agent revoke helper")]
pub(super) enum Verb {
    /// Makes an agent and prints its token, once.
    Create {
        /// Its name, as approvals and the audit log will show it. A name is never used twice.
        name: AgentName,
        /// What it may see and call: PORT/ACTION, PORT/*, PORT/PREFIX-* or *. Every action of every port that is
        /// installed now, where this is left out.
        #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
        actions: Vec<Grant>,
        /// How long its token is good, such as 30d or 12h, or `never`.
        #[arg(long, value_name = "TIME", default_value = "90d", value_parser = NonEmptyStringValueParser::new())]
        ttl: String,
        /// Let the program that the agent runs in answer for the person who approves, by a form of MCP. That program
        /// can then approve by itself.
        #[arg(long)]
        allow_form_approval: bool,
        /// Let it propose actions for these ports, as drafts that you publish or reject; with commas for more than one.
        #[arg(long, value_name = "PORT", value_delimiter = ',')]
        propose: Vec<PortSlug>,
    },
    /// Lists agents; the tokens themselves are not kept.
    List,
    /// Ends an agent's token at once, and what it waits for.
    Revoke {
        /// Its name.
        name: AgentName,
    },
}

pub(super) fn run(verb: Verb, context: Context) -> Result<Done> {
    let json = context.json;
    let host = context.host()?;
    match verb {
        Verb::Create { name, actions, ttl, allow_form_approval, propose } => {
            let grants = if actions.is_empty() { installed_now(&host)? } else { Grants::new(actions) };
            let rights = Rights { grants, forms: allow_form_approval, propose: PortSet::new(propose) };
            create(&host, TokenKind::Agent, &name, rights, &ttl, json)
        }
        Verb::List => list(&host, TokenKind::Agent, json),
        Verb::Revoke { name } => revoke(&host, TokenKind::Agent, &name, json),
    }
}

/// Every action of every port there is: not of those that come later.
fn installed_now(host: &Host) -> Result<Grants> {
    let ports = host.store().installed_all()?;
    if ports.is_empty() {
        let refusal = Refusal::new(Code::BadRequest, "nothing is installed that an agent could call");
        return Err(refusal.fix("portcullis install mistral, or name the actions with --actions").into());
    }
    let grants = ports.iter().map(|line| format!("{}/*", line.port).parse::<Grant>());
    Ok(Grants::new(grants.collect::<Result<Vec<_>, _>>()?))
}

/// What a token is to be good for; an operator's for none of it.
#[derive(Default)]
pub(super) struct Rights {
    grants: Grants,
    forms: bool,
    propose: PortSet,
}

/// Makes a token of either kind.
pub(super) fn create(
    host: &Host,
    kind: TokenKind,
    name: &AgentName,
    Rights { grants, forms, propose }: Rights,
    ttl: &str,
    json: bool,
) -> Result<Done> {
    if name.as_str() == crate::doors::OPERATOR {
        let what = format!("`{name}` is the name under which the operator's own calls are recorded");
        return Err(Refusal::new(Code::TokenTaken, what).fix("choose another name").into());
    }
    let expires_ms = expiry(ttl, host.clock().now_ms())?;
    let token = Token::generate(kind)?;
    let new = NewToken { kind, name: name.clone(), grants, forms, propose, hash: token.digest(), expires_ms };
    if !host.store().issue_token(&new)? {
        let what = format!("there is or was {kind} `{name}` already, and a name is never used twice");
        return Err(Refusal::new(Code::TokenTaken, what).fix(format!("portcullis {kind} create another-name")).into());
    }
    let record = host.store().tokens(kind)?.into_iter().find(|record| &record.name == name);
    let record = record.context("the new token is gone already")?;
    if json {
        let mut line = line(&record);
        line["token"] = token.reveal().to_string().into();
        terminal::json(&line)?;
        return Ok(Done::Well);
    }
    terminal::say(token.reveal());
    terminal::note(format_args!("{} {kind} `{name}`, {}", styled(BOLD, "made"), until(&record)));
    for grant in record.grants.iter() {
        terminal::note(format_args!("  may call {grant}"));
    }
    if record.forms {
        terminal::note(styled(YELLOW, "  the program it runs in may approve in your place"));
    }
    for port in record.propose.iter() {
        terminal::note(format_args!("  may propose actions for {port}"));
    }
    let use_it = match kind {
        TokenKind::Agent => "set PORTCULLIS_TOKEN to it where the agent runs, or send it as a bearer",
        TokenKind::Operator => "send it as a bearer, or sign in with it at the page",
    };
    terminal::note(styled(DIM, format_args!("the token is not kept and not shown again; {use_it}")));
    Ok(Done::Well)
}

/// Lists tokens of one kind.
pub(super) fn list(host: &Host, kind: TokenKind, json: bool) -> Result<Done> {
    let records = host.store().tokens(kind)?;
    if json {
        terminal::json(&records.iter().map(line).collect::<Vec<_>>())?;
        return Ok(Done::Well);
    }
    if records.is_empty() {
        terminal::note(format_args!("there is no {kind}\n  next: portcullis {kind} create NAME"));
    }
    let now_ms = host.clock().now_ms();
    let row = |record: &TokenRecord| {
        let state = if record.revoked_ms.is_some() {
            "revoked".to_owned()
        } else if record.live_at(now_ms) {
            until(record)
        } else {
            "expired".to_owned()
        };
        let used =
            record.last_used_ms.map_or_else(|| "never used".to_owned(), |at| format!("used {}", terminal::moment(at)));
        let mut rights: Vec<String> = record.grants.iter().map(ToString::to_string).collect();
        if !record.propose.is_empty() {
            rights.push(format!("(proposes for {})", record.propose));
        }
        vec![record.name.to_string(), record.fingerprint.clone(), state, used, rights.join(" ")]
    };
    terminal::table(&records.iter().map(row).collect::<Vec<_>>());
    Ok(Done::Well)
}

/// Ends a token.
pub(super) fn revoke(host: &Host, kind: TokenKind, name: &AgentName, json: bool) -> Result<Done> {
    if !host.store().revoke_token(kind, name)? {
        let what = format!("there is no {kind} `{name}` with a token to revoke");
        return Err(Refusal::new(Code::BadRequest, what).fix(format!("portcullis {kind} list")).into());
    }
    if json {
        terminal::json(&json!({"id": name, "revoked": true}))?;
    } else {
        terminal::say(format_args!("{name} revoked"));
    }
    Ok(Done::Well)
}

fn line(record: &TokenRecord) -> Value {
    json!({
        "id": record.name, "fingerprint": record.fingerprint, "grants": record.grants,
        "form_approval": record.forms, "propose": record.propose, "created_ms": record.created_ms, "expires_ms": record.expires_ms,
        "last_used_ms": record.last_used_ms, "revoked_ms": record.revoked_ms,
    })
}

fn until(record: &TokenRecord) -> String {
    record.expires_ms.map_or_else(|| "good for ever".to_owned(), |at| format!("good until {}", terminal::moment(at)))
}

/// When a token made now ends. A day has 24 hours here.
fn expiry(ttl: &str, now_ms: TimestampMs) -> Result<Option<TimestampMs>> {
    if ttl == "never" {
        return Ok(None);
    }
    Ok(Some(now_ms.saturating_add(length_ms(ttl, "30d, 12h or never")?)))
}

/// Reads a length of time, in milliseconds. A day has 24 hours here.
pub(super) fn length_ms(text: &str, such_as: &str) -> Result<u64> {
    let bad = || {
        let what = format!("`{}` is no length of time", portcullis_model::Shown::new(text));
        Refusal::new(Code::BadRequest, what).fix(format!("write such as {such_as}"))
    };
    let span: Span = text.parse().map_err(|_| bad())?;
    let duration: SignedDuration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| bad())?;
    Ok(u64::try_from(duration.as_millis()).ok().filter(|ms| *ms > 0).ok_or_else(bad)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_live_is_read_or_refused() {
        let day = 24 * 3600 * 1000;
        for (text, ms) in [("30d", 30 * day), ("12h", day / 2), ("1w", 7 * day), ("90s", 90_000)] {
            assert_eq!(expiry(text, 5).unwrap(), Some(5 + ms), "{text}");
        }
        assert_eq!(expiry("never", 5).unwrap(), None);
        for bad in ["", "30", "-1d", "0s", "soon", "1y 2", "30dd"] {
            assert!(expiry(bad, 5).is_err(), "{bad}");
        }
    }
}
