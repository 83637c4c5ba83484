//! One call, room by room.

use portcullis_model::{ActionId, AgentName, Code, Preview, Refusal, RoutedRequest};
use portcullis_policy::{
    Approval, ApprovalId, ApprovalStore as _, Approver, AuditTicket, CallId, Clock as _, Decision, Explanation,
    Outcome, PendingRequest, RuleSet, Sent, Terms, TimestampMs, decide, hold, still_waits,
};

use crate::admit::{Admitted, admit, open, situation, stood_in, turn};
use crate::answer::{Answer, Answered, DryRun, Held};
use crate::host::Host;
use crate::refused::{Turned, refused};
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
    let Invocation { action, input, agent } = invocation;
    let admitted = match route(host, invocation, watch) {
        Ok(request) => admit(host, call, request, agent, input, watch).await,
        Err(refusal) => Err(refusal.into()),
    };
    match admitted {
        Ok(Admitted::Open(ticket)) => send(host, call, ticket, watch).await.map(Answered::Done),
        Ok(Admitted::Held(pending)) => held(host, pending, watch).await.map(Answered::Held),
        Err(turned) => Err(refused(host, call, action, agent, turned, watch).await),
    }
}

/// Holds a request for a person.
pub(crate) async fn held(host: &Host, mut pending: PendingRequest, watch: &mut Stopwatch) -> Result<Held, Refusal> {
    pending.timed(watch.times());
    let preview = Preview::new(pending.request());
    let (data, shown) = (preview.data(), preview.to_string());
    let held = hold(host.store(), host.new_approval()?, &pending, &host.rules(), host.clock().now_ms()).await;
    watch.lap(Lap::Approval);
    Ok(Held::new(held?, data, shown))
}

/// Says what a call would do, and does nothing.
///
/// # Errors
/// The refusal of whichever room would refuse.
pub async fn dry_run(host: &Host, invocation: Invocation) -> Result<DryRun, Refusal> {
    let request = route(host, &invocation, &mut Stopwatch::start())?;
    let preview = Preview::new(&request);
    let (data, shown) = (preview.data(), preview.whole().to_string());
    let rules = host.rules();
    let situation = situation(host, &rules, &request, &invocation.agent, Some(&invocation.input), None)?;
    let mut decided = decide(request, invocation.agent, &rules, &situation);
    if let Decision::NeedsApproval(pending) = decided {
        decided = stood_in(host, pending)?;
    }
    let (decision, rule) = match decided {
        Decision::Allowed(approved) => ("allowed", approved.rule().to_owned()),
        Decision::NeedsApproval(pending) => ("needs-approval", pending.rule().to_owned()),
        Decision::Denied(denial) => ("denied", denial.refusal.message().to_owned()),
    };
    Ok(DryRun { action: invocation.action, decision, rule, request: data, shown })
}

/// The standing approval that would let a call go now which rules would have a person see, in words.
pub(crate) fn stood_for(host: &Host, invocation: Invocation) -> Result<Option<String>, Refusal> {
    let request = route(host, &invocation, &mut Stopwatch::start())?;
    let rules = host.rules();
    let situation = situation(host, &rules, &request, &invocation.agent, Some(&invocation.input), None)?;
    let Decision::NeedsApproval(pending) = decide(request, invocation.agent, &rules, &situation) else {
        return Ok(None);
    };
    match stood_in(host, pending)? {
        Decision::Allowed(approved) => Ok(Some(approved.rule().to_owned())),
        _ => Ok(None),
    }
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
    let request = route(host, invocation, &mut Stopwatch::start())?;
    let mut situation = situation(host, rules, &request, &invocation.agent, Some(&invocation.input), None)?;
    situation.now_ms = at.unwrap_or(situation.now_ms);
    situation.sent = sent.or(situation.sent);
    Ok(portcullis_policy::explain(&request, &invocation.agent, rules, &situation))
}

/// Sends what somebody approved: the stored description, checked again against what is installed now.
///
/// # Errors
/// `approval-unknown`, `approval-expired`, `approval-used`, `approval-mismatch`, or as [`invoke`]. Where the credential
/// is missing, the approval still waits.
pub async fn approve(host: &Host, id: &ApprovalId, by: &Approver) -> Result<Answer, Refusal> {
    approve_for(host, id, by, None).await
}

/// As [`approve`]; with terms, the yes stands for requests like this one too.
///
/// # Errors
/// As [`approve`]; `forbidden` or `bad-request` for terms that cannot hold.
pub(crate) async fn approve_for(
    host: &Host,
    id: &ApprovalId,
    by: &Approver,
    terms: Option<&Terms>,
) -> Result<Answer, Refusal> {
    let held = host.store().get(id).await.map_err(|e| Refusal::new(Code::AuditUnavailable, e.to_string()))?;
    let held = held.ok_or_else(|| unknown_approval(id))?;
    let call = host.new_call()?;
    let mut watch = Stopwatch::start();
    let sent = match say_yes(host, &call, &held, by, terms, &mut watch).await {
        Ok(ticket) => send(host, &call, ticket, &mut watch).await,
        Err(refusal) => {
            let turned = Turned { refusal, basis: None, by: Some(by.to_string()) };
            Err(refused(host, &call, &held.action, &held.agent, turned, &mut watch).await)
        }
    };
    let refused = sent.as_ref().err().map(Refusal::code);
    host.watching().told(&Told { call: &call, agent: &held.agent, approval: Some(id), refused, watch: &watch });
    sent
}

/// A person's yes to what was held, as far as the rules that hold now allow one.
async fn say_yes(
    host: &Host,
    call: &CallId,
    held: &Approval,
    by: &Approver,
    terms: Option<&Terms>,
    watch: &mut Stopwatch,
) -> Result<AuditTicket, Refusal> {
    still_waits(held, host.clock().now_ms())?;
    // What was held was installed then, unless it tries a draft: the name of that is its agent's word.
    if held.draft.is_none() {
        watch.known(held.action.clone());
    }
    let request = host.routed_afresh(held)?;
    watch.lap(Lap::Route);
    host.egress().ready(request.binding()).await?;
    let terms = terms.map(|terms| host.new_standing().map(|id| (id, terms))).transpose()?;
    let rules = host.rules_in_force().await?;
    let draft = held.draft.as_ref();
    let _turn = turn(host, &rules, &request, &held.agent, draft).await?;
    let situation = situation(host, &rules, &request, &held.agent, held.input.as_deref(), draft)?;
    let approved = portcullis_policy::approve_for(host.store(), held, request, by, &rules, &situation, terms).await?;
    watch.lap(Lap::Approval);
    watch.decided(Decided::Approved);
    let ticket = open(host, call, held, approved).await?;
    watch.lap(Lap::AuditOpen);
    Ok(ticket)
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

/// Egress, audit closes. The answer is kept whole; whoever hands it out shapes it.
async fn send(host: &Host, call: &CallId, ticket: AuditTicket, watch: &mut Stopwatch) -> Result<Answer, Refusal> {
    let binding = ticket.request().binding().clone();
    let request_bytes = ticket.request().body().map_or(0, |body| body.bytes().len());
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
