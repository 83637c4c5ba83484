//! What is refused is recorded: by whom it was asked, which room said no, and by which rules where it was rules.

use portcullis_model::{ActionId, AgentName, Code, Refusal};
use portcullis_policy::{AuditLog as _, Basis, CallId, DraftId, Event};
use serde_json::{Value, json};

use crate::host::Host;
use crate::watch::{Lap, Stopwatch};

/// A no, and by which rules where it was rules that said it.
pub(crate) struct Turned {
    pub(crate) refusal: Refusal,
    pub(crate) basis: Option<Basis>,
    /// Who was refused, where it was not the agent that asked.
    pub(crate) by: Option<String>,
}

impl From<Refusal> for Turned {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, basis: None, by: None }
    }
}

/// Records that a call was refused.
pub(crate) async fn refused(
    host: &Host,
    call: &CallId,
    action: &ActionId,
    agent: &AgentName,
    Turned { refusal, basis, by }: Turned,
    watch: &mut Stopwatch,
) -> Refusal {
    watch.stopped(refusal.code().room());
    let mut more = json!({ "rooms_us": watch.times() });
    if let Some(basis) = basis {
        more["policy"] = json!(basis.policy);
        if !basis.shadow.is_empty() {
            more["shadow"] = json!(basis.shadow);
        }
    }
    if let Some(by) = by {
        more["by"] = json!(by);
    }
    let refusal = record(host, Some(call.clone()), action, agent, refusal, more).await;
    watch.lap(Lap::AuditClose);
    refusal
}

/// Records what a door refused before it became a call, and how many such refusals before it were not recorded.
pub(crate) async fn refused_at_door(
    host: &Host,
    action: &ActionId,
    agent: &AgentName,
    refusal: Refusal,
    unrecorded: u64,
) -> Refusal {
    let more = if unrecorded > 0 { json!({ "unrecorded": unrecorded }) } else { json!({}) };
    record(host, None, action, agent, refusal, more).await
}

/// Records what was refused about a draft, which is no call, and how many such refusals before it were not recorded.
pub(crate) async fn refused_draft(
    host: &Host,
    draft: Option<&DraftId>,
    agent: &AgentName,
    refusal: Refusal,
    unrecorded: u64,
) -> Refusal {
    let mut facts = json!({
        "draft": draft, "agent": agent, "code": refusal.code(), "room": refusal.code().room(),
        "message": refusal.message(),
    });
    if unrecorded > 0 {
        facts["unrecorded"] = json!(unrecorded);
    }
    noted(host, Event { kind: "refused", call: None, facts }, refusal).await
}

/// Records a refusal. One that cannot be recorded becomes a louder one.
async fn record(
    host: &Host,
    call: Option<CallId>,
    action: &ActionId,
    agent: &AgentName,
    refusal: Refusal,
    more: Value,
) -> Refusal {
    let mut facts = json!({
        "action": action, "agent": agent, "code": refusal.code(), "room": refusal.code().room(),
        "message": refusal.message(),
    });
    if let (Value::Object(facts), Value::Object(more)) = (&mut facts, more) {
        facts.extend(more);
    }
    noted(host, Event { kind: "refused", call, facts }, refusal).await
}

async fn noted(host: &Host, event: Event, refusal: Refusal) -> Refusal {
    match host.store().note(event).await {
        Ok(_) => refusal,
        Err(_) if refusal.code() == Code::AuditUnavailable => refusal,
        Err(error) => {
            let what = format!("{refusal}; and this could not be recorded: {error}");
            Refusal::new(Code::AuditUnavailable, what).fix("portcullis doctor")
        }
    }
}
