//! Trying a draft: described and decided, and then held for a person or nothing at all.
//!
//! There is no way from here to a send: a person's yes goes the way of every approval.

use portcullis_model::{AgentName, Code, Preview, Refusal, RoutedRequest};
use portcullis_policy::{Decision, DraftId, PendingRequest, decide};

use super::bound::Bound;
use crate::admit::{situation, tell_shadow};
use crate::answer::{DryRun, Held};
use crate::host::Host;
use crate::invoke::held;
use crate::refused::{Turned, refused};
use crate::watch::{Decided, Lap, Stopwatch, Told};

/// What is tried, by whom, with what.
#[derive(Clone, Copy)]
pub(crate) struct Trial<'a> {
    /// The draft.
    pub(crate) draft: &'a DraftId,
    /// What it comes to now.
    pub(crate) bound: &'a Bound,
    /// JSON text.
    pub(crate) input: &'a str,
    /// Whose it is.
    pub(crate) agent: &'a AgentName,
}

/// Says what a call of a draft would send, and whether a person could let it go; does nothing.
///
/// # Errors
/// The refusal of whichever room would refuse.
pub(crate) fn dry_run(host: &Host, trial: Trial<'_>) -> Result<DryRun, Refusal> {
    let Trial { draft, bound, input, agent } = trial;
    let request = route(host, bound, input, &mut Stopwatch::start())?;
    let preview = Preview::new(&request);
    let (data, shown) = (preview.data(), preview.whole().to_string());
    let rules = host.rules();
    let situation = situation(host, &rules, &request, agent, Some(input), Some(draft))?;
    let (decision, rule) = match decide(request, agent.clone(), &rules, &situation) {
        Decision::NeedsApproval(pending) => ("needs-approval", pending.rule().to_owned()),
        Decision::Denied(denial) => ("denied", denial.refusal.message().to_owned()),
        Decision::Allowed(_) => return Err(unattended()),
    };
    Ok(DryRun { action: bound.action.binding().id(), decision, rule, request: data, shown })
}

/// Asks a person to let a call of a draft go.
///
/// # Errors
/// The refusal of whichever room refused; it is in the audit log.
pub(crate) async fn ask(host: &Host, trial: Trial<'_>) -> Result<Held, Refusal> {
    let call = host.new_call()?;
    // The name of the action is its agent's word, and not known to the watch.
    let mut watch = Stopwatch::start();
    let asked = match admitted(host, trial, &mut watch).await {
        Ok(pending) => held(host, pending, &mut watch).await,
        Err(turned) => {
            let id = trial.bound.action.binding().id();
            Err(refused(host, &call, &id, trial.agent, turned, &mut watch).await)
        }
    };
    let (approval, code) = (asked.as_ref().ok().map(|held| &held.approval), asked.as_ref().err().map(Refusal::code));
    host.watching().told(&Told { call: &call, agent: trial.agent, approval, refused: code, watch: &watch });
    asked
}

async fn admitted(host: &Host, trial: Trial<'_>, watch: &mut Stopwatch) -> Result<PendingRequest, Turned> {
    let Trial { draft, bound, input, agent } = trial;
    let request = route(host, bound, input, watch)?;
    let rules = host.rules_in_force().await?;
    let situation = situation(host, &rules, &request, agent, Some(input), Some(draft))?;
    let decision = decide(request, agent.clone(), &rules, &situation);
    watch.lap(Lap::Policy);
    match decision {
        Decision::NeedsApproval(pending) => {
            watch.decided(Decided::Held);
            tell_shadow(host, pending.basis());
            Ok(pending)
        }
        Decision::Denied(denial) => {
            watch.decided(Decided::Denied);
            tell_shadow(host, &denial.basis);
            Err(Turned { refusal: denial.refusal, basis: Some(denial.basis), by: None })
        }
        Decision::Allowed(_) => Err(unattended().into()),
    }
}

/// Schema, sandbox, route check.
fn route(host: &Host, bound: &Bound, input: &str, watch: &mut Stopwatch) -> Result<RoutedRequest, Refusal> {
    let checked = bound.action.check(input)?;
    watch.lap(Lap::Schema);
    let description = bound.describe(host, checked.as_str())?;
    watch.lap(Lap::Sandbox);
    let request = RoutedRequest::check(description, bound.action.binding().clone())?;
    watch.lap(Lap::Route);
    Ok(request)
}

/// Policy has no such answer about a draft. Should it ever, nothing is sent.
fn unattended() -> Refusal {
    Refusal::new(Code::Internal, "a draft was to be sent without a person, and was not").fix("report it")
}
