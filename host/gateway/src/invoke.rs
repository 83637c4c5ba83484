//! One call, room by room.

use portcullis_model::{ActionId, AgentName, Code, Preview, Refusal, RoutedRequest};
use portcullis_policy::{
    Approval, ApprovalId, ApprovalStore as _, ApprovedRequest, Approver, AuditLog as _, AuditTicket, CallId,
    Clock as _, Decision, Event, Explanation, Outcome, RuleSet, Sent, TimestampMs, decide, hold, still_waits,
};
use serde_json::json;

use crate::admit::{Admitted, Turned, admit, situation};
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
    let admitted = match route(host, &invocation) {
        Ok(request) => admit(host, &call, request, &invocation.agent, &invocation.input).await,
        Err(refusal) => Err(refusal.into()),
    };
    match admitted {
        Ok(Admitted::Open(ticket)) => send(host, call, ticket).await.map(Answered::Done),
        Ok(Admitted::Held(pending)) => {
            let preview = Preview::new(pending.request());
            let (data, shown) = (preview.data(), preview.to_string());
            let now_ms = host.clock().now_ms();
            let new = hold(host.store(), host.new_approval()?, &pending, &host.rules(), now_ms).await?;
            Ok(Answered::Held(Held::new(new, data, shown)))
        }
        Err(turned) => Err(refused(host, &call, &invocation.action, &invocation.agent, turned).await),
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
    let rules = host.rules();
    let situation = situation(host, &rules, &request, &invocation.agent, Some(&invocation.input))?;
    let (decision, rule) = match decide(request, invocation.agent, &rules, &situation) {
        Decision::Allowed(approved) => ("allowed", approved.rule().to_owned()),
        Decision::NeedsApproval(pending) => ("needs-approval", pending.rule().to_owned()),
        Decision::Denied(denial) => ("denied", denial.refusal.message().to_owned()),
    };
    Ok(DryRun { action: invocation.action, decision, rule, request: data, shown })
}

/// Says how a call would be decided and why, and does nothing. `at` and `sent` take the place of now and of what was
/// sent.
///
/// # Errors
/// The refusal of whichever room would refuse before policy.
pub fn explain(
    host: &Host,
    rules: &RuleSet,
    invocation: &Invocation,
    at: Option<TimestampMs>,
    sent: Option<Sent>,
) -> Result<Explanation, Refusal> {
    let request = route(host, invocation)?;
    let mut situation = situation(host, rules, &request, &invocation.agent, Some(&invocation.input))?;
    situation.now_ms = at.unwrap_or(situation.now_ms);
    situation.sent = sent.or(situation.sent);
    Ok(portcullis_policy::explain(&request, &invocation.agent, rules, &situation))
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
        Ok(request) => say_yes(host, &held, request, by).await,
        Err(refusal) => Err(refusal),
    };
    let opened = match approved {
        Ok(approved) => AuditTicket::open(host.store(), call.clone(), approved, host.clock().now_ms()).await,
        Err(refusal) => Err(refusal),
    };
    match opened {
        Ok(ticket) => send(host, call, ticket).await,
        Err(refusal) => Err(refused(host, &call, &held.action, &held.agent, refusal.into()).await),
    }
}

/// Policy again, with the rules that hold now: what they deny, nobody can approve.
async fn say_yes(
    host: &Host,
    held: &Approval,
    request: RoutedRequest,
    by: &Approver,
) -> Result<ApprovedRequest, Refusal> {
    let rules = host.rules_in_force().await?;
    let situation = situation(host, &rules, &request, &held.agent, held.input.as_deref())?;
    portcullis_policy::approve(host.store(), held, request, by, &rules, &situation).await
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

/// Egress, audit closes. The answer is kept whole; whoever hands it out shapes it.
async fn send(host: &Host, call: CallId, ticket: AuditTicket) -> Result<Answer, Refusal> {
    let binding = ticket.request().binding().clone();
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

async fn refused(host: &Host, call: &CallId, action: &ActionId, agent: &AgentName, turned: Turned) -> Refusal {
    record(host, Some(call.clone()), action, agent, turned, 0).await
}

/// Records what a door refused before it became a call, and how many such refusals before it were not recorded.
pub(crate) async fn refused_at_door(
    host: &Host,
    action: &ActionId,
    agent: &AgentName,
    refusal: Refusal,
    unrecorded: u64,
) -> Refusal {
    record(host, None, action, agent, refusal.into(), unrecorded).await
}

/// Records a refusal. One that cannot be recorded becomes a louder one.
async fn record(
    host: &Host,
    call: Option<CallId>,
    action: &ActionId,
    agent: &AgentName,
    Turned { refusal, basis }: Turned,
    unrecorded: u64,
) -> Refusal {
    let mut facts = json!({
        "action": action, "agent": agent, "code": refusal.code(), "room": refusal.code().room(),
        "message": refusal.message(),
    });
    if let Some(basis) = basis {
        facts["policy"] = json!(basis.policy);
        if !basis.shadow.is_empty() {
            facts["shadow"] = json!(basis.shadow);
        }
    }
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
