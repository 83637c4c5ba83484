//! Rules asked: which of them fire, and which cannot be evaluated.
//!
//! Permits and forbids are asked apart, since Cedar names only the rules that settle its own answer: beside a forbid
//! that fires it says nothing of permits.

use std::sync::LazyLock;

use cedar_policy::{
    AuthorizationError, Authorizer, Context, Effect, Entities, EntityUid, EvaluationError, PolicySet, Request,
};

use crate::prepared::uid;
use crate::rule::{INVOKE, Rule, UNATTENDED};

static VERBS: LazyLock<[EntityUid; 2]> = LazyLock::new(|| [INVOKE, UNATTENDED].map(|verb| uid("Action", verb)));

/// The rules about each verb.
#[derive(Default)]
pub(crate) struct Verbs {
    invoke: Side,
    unattended: Side,
}

/// The rules about one verb.
#[derive(Default)]
struct Side {
    permits: PolicySet,
    forbids: PolicySet,
}

/// What came of the rules about one verb.
#[derive(Debug, Default)]
pub(crate) struct Fired {
    pub(crate) permits: Vec<String>,
    pub(crate) forbids: Vec<String>,
    pub(crate) errors: Vec<Erred>,
}

/// A rule that could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Erred {
    pub(crate) rule: String,
    pub(crate) what: String,
}

impl Fired {
    pub(crate) fn permitted(&self) -> bool {
        !self.permits.is_empty() && self.forbids.is_empty()
    }
}

impl Verbs {
    pub(crate) fn add(&mut self, rule: &Rule) {
        for (on, side) in [(rule.on_invoke, &mut self.invoke), (rule.on_unattended, &mut self.unattended)] {
            if on {
                let set = match rule.policy.effect() {
                    Effect::Permit => &mut side.permits,
                    Effect::Forbid => &mut side.forbids,
                };
                // Names are unique when a set of rules is made. A rule that got lost here would be a rule not enforced.
                assert!(set.add(rule.policy.clone()).is_ok(), "two rules have one name");
            }
        }
    }

    /// Asks about both verbs.
    pub(crate) fn ask(
        &self,
        principal: &EntityUid,
        resource: &EntityUid,
        context: &Context,
        entities: &Entities,
    ) -> [Fired; 2] {
        let [invoke, unattended] = &*VERBS;
        [(invoke, &self.invoke), (unattended, &self.unattended)].map(|(verb, side)| {
            let request = Request::new(principal.clone(), verb.clone(), resource.clone(), context.clone(), None);
            match request {
                Ok(request) => side.ask(&request, entities),
                // Without a schema nothing is checked that could fail.
                Err(_) => Fired::default(),
            }
        })
    }
}

impl Side {
    fn ask(&self, request: &Request, entities: &Entities) -> Fired {
        let mut fired = Fired::default();
        for (set, names) in [(&self.permits, &mut fired.permits), (&self.forbids, &mut fired.forbids)] {
            if set.is_empty() {
                continue;
            }
            let response = Authorizer::new().is_authorized(request, set, entities);
            names.extend(response.diagnostics().reason().map(ToString::to_string));
            names.sort_unstable();
            fired.errors.extend(response.diagnostics().errors().map(erred));
        }
        fired
    }
}

/// In our own words: Cedar's quote values, and those are the agent's.
fn erred(error: &AuthorizationError) -> Erred {
    let AuthorizationError::PolicyEvaluationError(error) = error;
    let what = match error.inner() {
        inner @ (EvaluationError::RecordAttrDoesNotExist(_) | EvaluationError::EntityAttrDoesNotExist(_)) => {
            match attribute(&inner.to_string()) {
                Some(name) => format!("there is no `{name}`"),
                None => "it reads what is not there".to_owned(),
            }
        }
        EvaluationError::TypeError(_) => "a value is of another type than it takes".to_owned(),
        EvaluationError::IntegerOverflow(_) => "a number in it grows too large".to_owned(),
        EvaluationError::FailedExtensionFunctionExecution(_) => {
            "a text is not the decimal, time or address it takes it for".to_owned()
        }
        _ => "it cannot be evaluated".to_owned(),
    };
    Erred { rule: error.policy_id().to_string(), what }
}

/// The field that is missing: a word of the rule, not of the call.
fn attribute(message: &str) -> Option<&str> {
    message.split_once("attribute `")?.1.split('`').next()
}
