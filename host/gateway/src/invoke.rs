//! One call, room by room.

use portcullis_model::{ActionId, AgentName, Code, Preview, Refusal, RoutedRequest};
use portcullis_policy::{
    ApprovalId, ApprovalStore as _, ApprovedRequest, Approver, AuditLog as _, AuditTicket, CallId, Clock as _,
    Decision, Event, NotOpened, Outcome, PendingRequest, Terms, decide, hold, stand_in, still_waits,
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
    let mut decided = match route(host, &invocation) {
        Ok(request) => decide(request, invocation.agent.clone(), host.rules(), host.clock().now_ms()),
        Err(refusal) => Decision::Denied(refusal),
    };
    loop {
        if let Decision::NeedsApproval(pending) = decided {
            decided = stood_in(host, pending).await;
        }
        decided = match decided {
            Decision::Allowed(approved) => match send(host, &call, approved).await {
                Ok(answer) => return Ok(Answered::Done(answer)),
                Err(NotSent::Refused(refusal)) => return Err(refusal),
                // What stood for it ended in the meantime: something else may, and otherwise a person is asked.
                Err(NotSent::Asks(pending)) => Decision::NeedsApproval(*pending),
            },
            Decision::NeedsApproval(pending) => return held(host, &pending).await.map(Answered::Held),
            Decision::Denied(refusal) => {
                return Err(refused(host, &call, &invocation.action, &invocation.agent, refusal).await);
            }
        };
    }
}

/// Whether something stands for a question, so that nobody need be asked. No use is spent where there is no
/// credential: the call is refused then.
async fn stood_in(host: &Host, pending: PendingRequest) -> Decision {
    let standing = match host.store().standing_for(pending.agent(), &pending.request().binding().id()) {
        Ok(standing) => standing,
        Err(error) => return Decision::Denied(Refusal::new(Code::AuditUnavailable, error.to_string())),
    };
    match stand_in(pending, &standing, host.clock().now_ms()) {
        Decision::Allowed(approved) => match host.egress().ready(approved.request().binding()).await {
            Ok(()) => Decision::Allowed(approved),
            Err(refusal) => Decision::Denied(refusal),
        },
        asks => asks,
    }
}

async fn held(host: &Host, pending: &PendingRequest) -> Result<Held, Refusal> {
    let preview = Preview::new(pending.request());
    let (data, shown) = (preview.data(), preview.to_string());
    let new = hold(host.store(), host.new_approval()?, pending, host.rules(), host.clock().now_ms()).await?;
    Ok(Held::new(new, data, shown))
}

/// Says what a call would do, and does nothing.
///
/// # Errors
/// The refusal of whichever room would refuse.
pub async fn dry_run(host: &Host, invocation: Invocation) -> Result<DryRun, Refusal> {
    let request = route(host, &invocation)?;
    let preview = Preview::new(&request);
    let (data, shown) = (preview.data(), preview.whole().to_string());
    let mut decided = decide(request, invocation.agent, host.rules(), host.clock().now_ms());
    if let Decision::NeedsApproval(pending) = decided {
        let standing = host.store().standing_for(pending.agent(), &invocation.action);
        let standing = standing.map_err(|e| Refusal::new(Code::AuditUnavailable, e.to_string()))?;
        decided = stand_in(pending, &standing, host.clock().now_ms());
    }
    let (decision, rule) = match decided {
        Decision::Allowed(approved) => ("allowed", approved.rule().to_owned()),
        Decision::NeedsApproval(pending) => ("needs-approval", pending.rule().to_owned()),
        Decision::Denied(refusal) => ("denied", refusal.message().to_owned()),
    };
    Ok(DryRun { action: invocation.action, decision, rule, request: data, shown })
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
    let now_ms = host.clock().now_ms();
    let request = still_waits(&held, now_ms).and_then(|()| host.routed_afresh(&held));
    let approved = match request {
        Ok(request) => match host.egress().ready(request.binding()).await {
            Ok(()) => {
                let terms = terms.map(|terms| host.new_standing().map(|id| (id, terms))).transpose()?;
                portcullis_policy::approve_for(host.store(), &held, request, by, host.rules(), now_ms, terms).await
            }
            Err(refusal) => Err(refusal),
        },
        Err(refusal) => Err(refusal),
    };
    match approved {
        Ok(approved) => Ok(send(host, &call, approved).await?),
        Err(refusal) => Err(refused(host, &call, &held.action, &held.agent, refusal).await),
    }
}

/// The refusal for an approval that is not there.
pub(crate) fn unknown_approval(id: &ApprovalId) -> Refusal {
    Refusal::new(Code::ApprovalUnknown, format!("there is no approval `{id}`")).fix("portcullis approvals list")
}

/// Why a request that was allowed was not answered.
enum NotSent {
    /// Refused, and recorded.
    Refused(Refusal),
    /// What stood in for a person stands no more; nothing is recorded yet.
    Asks(Box<PendingRequest>),
}

impl From<Refusal> for NotSent {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<NotSent> for Refusal {
    /// A question that nothing answers, where nobody can be asked.
    fn from(not_sent: NotSent) -> Self {
        match not_sent {
            NotSent::Refused(refusal) => refusal,
            NotSent::Asks(_) => Self::new(Code::ApprovalRequired, "a person must approve this request"),
        }
    }
}

/// Registry, schema, sandbox, route check.
fn route(host: &Host, invocation: &Invocation) -> Result<RoutedRequest, Refusal> {
    let action = host.resolve(&invocation.action)?;
    let input = action.check(&invocation.input)?;
    let description = host.describe(&action, &input)?;
    RoutedRequest::check(description, action.binding().clone())
}

/// Audit opens, egress, audit closes. The answer is kept whole; whoever hands it out shapes it.
async fn send(host: &Host, call: &CallId, approved: ApprovedRequest) -> Result<Answer, NotSent> {
    let binding = approved.request().binding().clone();
    let agent = approved.agent().clone();
    let ticket = match AuditTicket::open(host.store(), call.clone(), approved, host.clock().now_ms()).await {
        Ok(ticket) => ticket,
        Err(not_opened) => {
            let NotOpened { refusal, question } = *not_opened;
            return Err(match question {
                Some(question) => NotSent::Asks(Box::new(question)),
                None => NotSent::Refused(refused(host, call, &binding.id(), &agent, refusal).await),
            });
        }
    };
    let sent = host.egress().send(ticket, host.clock()).await;
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
