//! One call, room by room.

use portcullis_model::{ActionId, AgentName, Code, Preview, Refusal, RoutedRequest};
use portcullis_policy::{
    Approval, ApprovalId, ApprovalStore as _, ApprovedRequest, Approver, AuditLog as _, AuditTicket, CallId,
    Clock as _, Decision, Event, Outcome, decide, hold, still_waits,
};
use serde_json::{Value, json};

use crate::answer::{Answer, Answered, DryRun, Held};
use crate::host::Host;
use crate::shape::{Content, Kept};
use crate::watch::{Decided, Lap, Stopwatch, Told};

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
    let mut watch = Stopwatch::start();
    let answered = called(host, &call, &invocation, &mut watch).await;
    let (approval, refused) = match &answered {
        Ok(Answered::Held(held)) => (Some(&held.approval), None),
        Ok(Answered::Done(_)) => (None, None),
        Err(refusal) => (None, Some(refusal.code())),
    };
    host.watching().told(&Told { call: &call, agent: &invocation.agent, approval, refused, watch: &watch });
    answered
}

async fn called(
    host: &Host,
    call: &CallId,
    invocation: &Invocation,
    watch: &mut Stopwatch,
) -> Result<Answered, Refusal> {
    let decided = match route(host, invocation, watch) {
        Ok(request) => {
            let decided = decide(request, invocation.agent.clone(), host.rules(), host.clock().now_ms());
            watch.lap(Lap::Policy);
            decided
        }
        Err(refusal) => return Err(refused(host, call, &invocation.action, &invocation.agent, refusal, watch).await),
    };
    match decided {
        Decision::Allowed(approved) => {
            watch.decided(Decided::Automatic);
            send(host, call, approved, watch).await.map(Answered::Done)
        }
        Decision::NeedsApproval(pending) => {
            watch.decided(Decided::Held);
            let preview = Preview::new(pending.request());
            let (data, shown) = (preview.data(), preview.to_string());
            let held = hold(host.store(), host.new_approval()?, &pending, host.rules(), host.clock().now_ms()).await;
            watch.lap(Lap::Approval);
            Ok(Answered::Held(Held::new(held?, data, shown)))
        }
        Decision::Denied(refusal) => {
            watch.decided(Decided::Denied);
            Err(refused(host, call, &invocation.action, &invocation.agent, refusal, watch).await)
        }
    }
}

/// Says what a call would do, and does nothing.
///
/// # Errors
/// The refusal of whichever room would refuse.
pub async fn dry_run(host: &Host, invocation: Invocation) -> Result<DryRun, Refusal> {
    let request = route(host, &invocation, &mut Stopwatch::start())?;
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
    let mut watch = Stopwatch::start();
    let sent = send_held(host, &call, &held, by, &mut watch).await;
    let refused = sent.as_ref().err().map(Refusal::code);
    host.watching().told(&Told { call: &call, agent: &held.agent, approval: Some(id), refused, watch: &watch });
    sent
}

async fn send_held(
    host: &Host,
    call: &CallId,
    held: &Approval,
    by: &Approver,
    watch: &mut Stopwatch,
) -> Result<Answer, Refusal> {
    let now_ms = host.clock().now_ms();
    // What was held was installed then.
    watch.known(held.action.clone());
    let approved = match still_waits(held, now_ms).and_then(|()| host.routed_afresh(held)) {
        Ok(request) => {
            watch.lap(Lap::Route);
            portcullis_policy::approve(host.store(), held, request, by, host.rules(), now_ms).await
        }
        Err(refusal) => Err(refusal),
    };
    match approved {
        Ok(approved) => {
            watch.lap(Lap::Approval);
            watch.decided(Decided::Approved);
            send(host, call, approved, watch).await
        }
        Err(refusal) => Err(refused(host, call, &held.action, &held.agent, refusal, watch).await),
    }
}

/// The refusal for an approval that is not there.
pub(crate) fn unknown_approval(id: &ApprovalId) -> Refusal {
    Refusal::new(Code::ApprovalUnknown, format!("there is no approval `{id}`")).fix("portcullis approvals list")
}

/// Registry, schema, sandbox, route check.
fn route(host: &Host, invocation: &Invocation, watch: &mut Stopwatch) -> Result<RoutedRequest, Refusal> {
    let action = host.resolve(&invocation.action)?;
    watch.known(action.binding().id());
    watch.lap(Lap::Registry);
    let input = action.check(&invocation.input)?;
    watch.lap(Lap::Schema);
    let description = host.describe(&action, &input)?;
    watch.lap(Lap::Sandbox);
    let request = RoutedRequest::check(description, action.binding().clone())?;
    watch.lap(Lap::Route);
    Ok(request)
}

/// Audit opens, egress, audit closes. The answer is kept whole; whoever hands it out shapes it.
async fn send(host: &Host, call: &CallId, approved: ApprovedRequest, watch: &mut Stopwatch) -> Result<Answer, Refusal> {
    let binding = approved.request().binding().clone();
    let request_bytes = approved.request().body().map_or(0, |body| body.bytes().len());
    let agent = approved.agent().clone();
    let ticket = match AuditTicket::open(host.store(), call.clone(), approved, host.clock().now_ms()).await {
        Ok(ticket) => ticket,
        Err(refusal) => return Err(refused(host, call, &binding.id(), &agent, refusal, watch).await),
    };
    watch.lap(Lap::AuditOpen);
    let sent = host.egress().send(ticket, host.clock()).await;
    watch.lap(Lap::Egress);
    let declared = binding.action().result;
    let response_bytes = sent.result.as_ref().map_or(0, |response| response.body().len());
    let kept = sent.result.map(|response| Kept {
        call: call.clone(),
        status: response.status(),
        headers: response.headers().to_vec(),
        content: Content::of(&response, declared),
        declared,
        scrubbed: response.scrubbed(),
        duration_us: sent.duration_us,
    });
    let answered = kept.as_ref().ok();
    watch.exchanged(request_bytes, answered.map(|kept| kept.status), response_bytes);
    let result = sent.call.approval().and(answered).and_then(|kept| kept.text().ok());
    watch.lap(Lap::Shape);
    let outcome = Outcome {
        status: answered.map(|kept| kept.status),
        response_bytes,
        scrubbed: answered.map_or(0, |kept| kept.scrubbed),
        duration_us: sent.duration_us,
        refusal: kept.as_ref().err().map(|refusal| refusal.code().to_string()),
        rooms_us: watch.times(),
        result,
    };
    let closed = sent.call.close(host.store(), outcome).await;
    watch.lap(Lap::AuditClose);
    let receipt = closed?;
    Ok(Answer { action: binding.id(), kept: kept?, audit: receipt.seq })
}

async fn refused(
    host: &Host,
    call: &CallId,
    action: &ActionId,
    agent: &AgentName,
    refusal: Refusal,
    watch: &mut Stopwatch,
) -> Refusal {
    watch.stopped(refusal.code().room());
    let facts = json!({ "rooms_us": watch.times() });
    let refusal = record(host, Some(call.clone()), action, agent, refusal, facts).await;
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
