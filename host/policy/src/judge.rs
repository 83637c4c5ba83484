//! The judgement: what the rules come to, in one verdict and in words.
//!
//! It fails closed, and to a person: what cannot be evaluated, held or counted makes a call wait. It never makes a call
//! run, and never makes a denied one wait.

use portcullis_model::{ActionId, AgentName, ApprovalMode, Binding, Digest, Effect, Hasher, RoutedRequest};

use crate::context::{Seen, Sources};
use crate::decide::unattended_by_default;
use crate::prepared::{Prepared, Shadow};
use crate::reads::Need;
use crate::rule_set::{BUNDLED, RuleSet};
use crate::side::{Erred, Fired};
use crate::situation::Situation;
use crate::values::Unheld;

/// Most rules named in one line of words.
const MAX_NAMED: usize = 8;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allow,
    Ask,
    Deny,
}

/// What the rules come to.
pub(crate) struct Judgement {
    pub(crate) verdict: Verdict,
    /// The rules behind it, in words.
    pub(crate) rule: String,
    /// What it is that a person is asked: every rule behind it by name and text, which the words may cut.
    pub(crate) question: Option<Digest>,
    /// What rules on trial would have done otherwise.
    pub(crate) shadow: Vec<String>,
    pub(crate) invoke: Fired,
    pub(crate) unattended: Fired,
    pub(crate) seen: Seen,
    /// Whether it rests on how many calls were sent.
    pub(crate) rests_on_sent: bool,
}

/// Judges a request.
pub(crate) fn judge(
    request: &RoutedRequest,
    agent: &AgentName,
    rules: &RuleSet,
    situation: &Situation<'_>,
) -> Judgement {
    let binding = request.binding();
    let prepared = rules.prepared(binding, agent, situation.tier, situation.draft.is_some());
    let zone = rules.words().zone();
    let sources = Sources { request, situation, zone, input: &prepared.input, body: &prepared.body };
    let seen = sources.see(&prepared.reads);
    let [invoke, unattended] =
        prepared.enforced.ask(&prepared.principal, &prepared.resource, &seen.context, &prepared.entities);
    let sure = seen.unheld.is_empty() && invoke.errors.is_empty() && unattended.errors.is_empty();
    let drafted = situation.draft.is_some();
    let verdict = verdict(invoke.permitted(), unattended.permitted() && sure && !drafted);
    let words = Words { binding, id: binding.id(), rules };
    let rule = match verdict {
        Verdict::Allow => words.list(unattended.permits.iter()),
        Verdict::Ask => words.asks(&invoke, &unattended, &seen.unheld, &prepared.reads, drafted),
        Verdict::Deny if invoke.forbids.is_empty() => "no rule, since none permits it".to_owned(),
        Verdict::Deny => words.list(invoke.forbids.iter()),
    };
    // What a draft is tried for is a question that no standing approval answers.
    let question = (verdict == Verdict::Ask && !drafted).then(|| words.question(&invoke, &unattended, &seen.unheld));
    let shadow = match &prepared.shadow {
        Some(shadow) => trial(&prepared, shadow, &sources, verdict, &invoke, &unattended, sure && !drafted),
        None => Vec::new(),
    };
    let rests_on_sent = prepared.rests_on_sent();
    Judgement { verdict, rule, question, shadow, invoke, unattended, seen, rests_on_sent }
}

fn verdict(invoke: bool, unattended: bool) -> Verdict {
    match (invoke, unattended) {
        (false, _) => Verdict::Deny,
        (true, false) => Verdict::Ask,
        (true, true) => Verdict::Allow,
    }
}

/// What each rule on trial would have made of it, were it enforced alone beside the others.
fn trial(
    prepared: &Prepared,
    shadow: &Shadow,
    sources: &Sources<'_>,
    as_it_is: Verdict,
    invoke: &Fired,
    unattended: &Fired,
    sure: bool,
) -> Vec<String> {
    let seen = sources.see(&shadow.reads);
    let [on_invoke, on_unattended] =
        shadow.verbs.ask(&prepared.principal, &prepared.resource, &seen.context, &prepared.entities);
    let mut notes = Vec::new();
    for (name, reads) in &shadow.each {
        let with = |now: &Fired, tried: &Fired| {
            let permits = now.permitted() || (now.forbids.is_empty() && tried.permits.contains(name));
            permits && !tried.forbids.contains(name)
        };
        let erred = |fired: &Fired| fired.errors.iter().any(|erred| &erred.rule == name);
        let sure = sure
            && !erred(&on_invoke)
            && !erred(&on_unattended)
            && !seen.unheld.iter().any(|unheld| reads.touches(&unheld.path));
        let otherwise = verdict(with(invoke, &on_invoke), with(unattended, &on_unattended) && sure);
        if otherwise != as_it_is {
            let would = match otherwise {
                Verdict::Allow => "would allow",
                Verdict::Ask => "would ask",
                Verdict::Deny => "would deny",
            };
            notes.push(format!("{name}: {would}"));
        }
    }
    notes
}

/// Rules in words for people.
struct Words<'a> {
    binding: &'a Binding,
    id: ActionId,
    rules: &'a RuleSet,
}

impl Words<'_> {
    /// One rule.
    fn of(&self, name: &str) -> String {
        let setting = |word: &str| {
            format!("portcullis.toml [ports.{}.actions.{}] approval = \"{word}\"", self.id.port, self.id.action)
        };
        match name.strip_prefix(BUNDLED).and_then(|name| name.strip_prefix('#')) {
            Some("settings-deny") => setting("deny"),
            Some("settings-require-approval") => setting("require_approval"),
            Some("settings-automatic") => setting("automatic"),
            Some("automatic-read") => "manifest: automatic read".to_owned(),
            _ => match self.rules.why(name) {
                Some(why) => format!("{name} ({why})"),
                None => name.to_owned(),
            },
        }
    }

    fn list<'a>(&self, names: impl ExactSizeIterator<Item = &'a String>) -> String {
        let more = names.len().saturating_sub(MAX_NAMED);
        let mut all: Vec<String> = names.take(MAX_NAMED).map(|name| self.of(name)).collect();
        if more > 0 {
            all.push(format!("{more} more"));
        }
        all.join("; ")
    }

    /// Why a person must see it.
    fn asks(&self, invoke: &Fired, unattended: &Fired, unheld: &[Unheld], reads: &Need, drafted: bool) -> String {
        let mut all = Vec::new();
        if drafted {
            all.push("a person approves each test of a draft".to_owned());
        }
        if !unattended.forbids.is_empty() {
            all.push(self.list(unattended.forbids.iter()));
        } else if unattended.permits.is_empty() {
            all.push(self.by_default());
        }
        let mut errors: Vec<&Erred> = invoke.errors.iter().chain(&unattended.errors).collect();
        errors.sort_by(|a, b| a.rule.cmp(&b.rule));
        errors.dedup();
        for Erred { rule, what } in errors.iter().take(MAX_NAMED) {
            all.push(format!("{rule} cannot be evaluated: {what}"));
        }
        for Unheld { path, why } in unheld.iter().take(MAX_NAMED) {
            let named = reads.named(path);
            let (path, part) = (named.join("."), if named.len() < path.len() { "of which a part" } else { "which" });
            all.push(format!("a rule reads `context.{path}`, {part} {why}"));
        }
        all.join("; ")
    }

    /// All that makes a person be asked, in one digest: two calls with the same one are the same question.
    fn question(&self, invoke: &Fired, unattended: &Fired, unheld: &[Unheld]) -> Digest {
        let mut rules: Vec<&String> = unattended.forbids.iter().collect();
        rules.sort();
        let mut hasher = Hasher::new("portcullis question 1").count(rules.len());
        for name in rules {
            let text = self.rules.digest_of(name).map_or_else(String::new, |digest| digest.to_string());
            hasher = hasher.field(name.as_bytes()).field(text.as_bytes());
        }
        let default = if unattended.permits.is_empty() { self.by_default() } else { String::new() };
        hasher = hasher.field(default.as_bytes());
        let mut errors: Vec<_> = invoke.errors.iter().chain(&unattended.errors).collect();
        errors.sort_by(|a, b| (&a.rule, &a.what).cmp(&(&b.rule, &b.what)));
        hasher = hasher.count(errors.len());
        for Erred { rule, what } in errors {
            hasher = hasher.field(rule.as_bytes()).field(what.as_bytes());
        }
        hasher = hasher.count(unheld.len());
        for Unheld { path, why } in unheld {
            hasher = path.iter().fold(hasher.count(path.len()), |hasher, step| hasher.field(step.as_bytes()));
            hasher = hasher.field(why.as_bytes());
        }
        hasher.finish()
    }

    /// Where no rule of the operator says anything.
    fn by_default(&self) -> String {
        let action = self.binding.action();
        match (action.approval, action.effect) {
            (ApprovalMode::RequireApproval, _) => "manifest: require_approval".to_owned(),
            (ApprovalMode::Automatic, Effect::Read) if !unattended_by_default(action) => {
                format!("default: a {} is approved by a person, whatever its plugin calls it", action.method)
            }
            (ApprovalMode::Automatic, effect) => {
                format!("default: a {effect} action that declares itself automatic is approved by a person")
            }
        }
    }
}
