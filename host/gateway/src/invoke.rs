//! One call, room by room.

use portcullis_model::{ActionId, AgentName, Code, Preview, Refusal, RoutedRequest};
use portcullis_policy::{
    ApprovalId, ApprovalStore as _, ApprovedRequest, Approver, AuditLog as _, AuditTicket, CallId, Clock as _,
    Decision, Event, Outcome, decide, hold, still_waits,
};
use serde_json::json;

use crate::answer::{Answer, Answered, DryRun, Held};
use crate::host::Host;
use crate::shape::{Content, Kept};

/// A call as it came through a door.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// What is called.
    pub action: ActionId,
    /// With what: JSON text.
    pub input: String,
    /// By whom.
    pub agent: AgentName,
}

/// Makes a call.
///
/// # Errors
/// The refusal of whichever room refused; it is in the audit log.
pub async fn invoke(host: &Host, invocation: Invocation) -> Result<Answered, Refusal> {
    let call = host.new_call()?;
    let decided = match route(host, &invocation) {
        Ok(request) => decide(request, invocation.agent.clone(), host.rules(), host.clock().now_ms()),
        Err(refusal) => Decision::Denied(refusal),
    };
    match decided {
        Decision::Allowed(approved) => send(host, call, approved).await.map(Answered::Done),
        Decision::NeedsApproval(pending) => {
            let preview = Preview::new(pending.request());
            let (data, shown) = (preview.data(), preview.to_string());
            let new = hold(host.store(), host.new_approval()?, &pending, host.rules(), host.clock().now_ms()).await?;
            Ok(Answered::Held(Held::new(new, data, shown)))
        }
        Decision::Denied(refusal) => Err(refused(host, &call, &invocation.action, &invocation.agent, refusal).await),
    }
}

/// Says what a call would do, and does nothing.
///
/// # Errors
/// The refusal of whichever room would refuse.
pub async fn dry_run(host: &Host, invocation: Invocation) -> Result<DryRun, Refusal> {
    let request = route(host, &invocation)?;
    let preview = Preview::new(&request);
    let (data, shown) = (preview.data(), preview.whole().to_string());
    let (decision, rule) = match decide(request, invocation.agent, host.rules(), host.clock().now_ms()) {
        Decision::Allowed(approved) => ("allowed", approved.rule().to_owned()),
        Decision::NeedsApproval(pending) => ("needs-approval", pending.rule().to_owned()),
        Decision::Denied(refusal) => ("denied", refusal.message().to_owned()),
    };
    Ok(DryRun { action: invocation.action, decision, rule, request: data, shown })
}

/// Sends what somebody approved: the stored description, checked again against what is installed now.
///
/// # Errors
/// `approval-unknown`, `approval-expired`, `approval-used`, `approval-mismatch`, or as [`invoke`].
pub async fn approve(host: &Host, id: &ApprovalId, by: &Approver) -> Result<Answer, Refusal> {
    let held = host.store().get(id).await.map_err(|e| Refusal::new(Code::AuditUnavailable, e.to_string()))?;
    let held = held.ok_or_else(|| unknown_approval(id))?;
    let call = host.new_call()?;
    let now_ms = host.clock().now_ms();
    let request = still_waits(&held, now_ms).and_then(|()| host.routed_afresh(&held));
    let approved = match request {
        Ok(request) => portcullis_policy::approve(host.store(), &held, request, by, host.rules(), now_ms).await,
        Err(refusal) => Err(refusal),
    };
    match approved {
        Ok(approved) => send(host, call, approved).await,
        Err(refusal) => Err(refused(host, &call, &held.action, &held.agent, refusal).await),
    }
}

/// The refusal for an approval that is not there.
pub(crate) fn unknown_approval(id: &ApprovalId) -> Refusal {
    Refusal::new(Code::ApprovalUnknown, format!("there is no approval `{id}`")).fix("portcullis approvals list")
}

/// Registry, schema, sandbox, route check.
fn route(host: &Host, invocation: &Invocation) -> Result<RoutedRequest, Refusal> {
    let action = host.resolve(&invocation.action)?;
    let input = action.check(&invocation.input)?;
    let description = host.describe(&action, &input)?;
    RoutedRequest::check(description, action.binding().clone())
}

/// Audit opens, egress, audit closes. The answer is kept whole; whoever hands it out shapes it.
async fn send(host: &Host, call: CallId, approved: ApprovedRequest) -> Result<Answer, Refusal> {
    let binding = approved.request().binding().clone();
    let agent = approved.agent().clone();
    let ticket = match AuditTicket::open(host.store(), call.clone(), approved, host.clock().now_ms()).await {
        Ok(ticket) => ticket,
        Err(refusal) => return Err(refused(host, &call, &binding.id(), &agent, refusal).await),
    };
    let sent = host.egress().send(ticket, host.clock()).await;
    let declared = binding.action().result;
    let response_bytes = sent.result.as_ref().map_or(0, |response| response.body().len());
    let kept = sent.result.map(|response| Kept {
        call,
        status: response.status(),
        headers: response.headers().to_vec(),
        content: Content::of(&response, declared),
        declared,
        scrubbed: response.scrubbed(),
        duration_us: sent.duration_us,
    });
    let answered = kept.as_ref().ok();
    let outcome = Outcome {
        status: answered.map(|kept| kept.status),
        response_bytes,
        scrubbed: answered.map_or(0, |kept| kept.scrubbed),
        duration_us: sent.duration_us,
        refusal: kept.as_ref().err().map(|refusal| refusal.code().to_string()),
        result: sent.call.approval().and(answered).and_then(|kept| kept.text().ok()),
    };
    let receipt = sent.call.close(host.store(), outcome).await?;
    Ok(Answer { action: binding.id(), kept: kept?, audit: receipt.seq })
}

async fn refused(host: &Host, call: &CallId, action: &ActionId, agent: &AgentName, refusal: Refusal) -> Refusal {
    record(host, Some(call.clone()), action, agent, refusal, 0).await
}

/// Records what a door refused before it became a call, and how many such refusals before it were not recorded.
pub(crate) async fn refused_at_door(
    host: &Host,
    action: &ActionId,
    agent: &AgentName,
    refusal: Refusal,
    unrecorded: u64,
) -> Refusal {
    record(host, None, action, agent, refusal, unrecorded).await
}

/// Records a refusal. One that cannot be recorded becomes a louder one.
async fn record(
    host: &Host,
    call: Option<CallId>,
    action: &ActionId,
    agent: &AgentName,
    refusal: Refusal,
    unrecorded: u64,
) -> Refusal {
    let mut facts = json!({
        "action": action, "agent": agent, "code": refusal.code(), "room": refusal.code().room(),
        "message": refusal.message(),
    });
    if unrecorded > 0 {
        facts["unrecorded"] = unrecorded.into();
    }
    let event = Event { kind: "refused", call, facts };
    match host.store().note(event).await {
        Ok(_) => refusal,
        Err(_) if refusal.code() == Code::AuditUnavailable => refusal,
        Err(error) => {
            let what = format!("{refusal}; and this could not be recorded: {error}");
            Refusal::new(Code::AuditUnavailable, what).fix("portcullis doctor")
        }
    }
}
