//! One rule of a file: named, checked as far as that goes without knowing any plugin.

use cedar_policy::{ActionConstraint, EntityUid, Policy, PolicyId};
use portcullis_model::Digest;

use crate::context::PARTS;
use crate::problem::RuleProblem;
use crate::reads::{Need, Reads};

/// The two things that rules permit and forbid.
pub(crate) const INVOKE: &str = "invoke";
pub(crate) const UNATTENDED: &str = "invokeUnattended";

/// Fields of the entities.
const OF_AGENT: [&str; 1] = ["name"];
const OF_ACTION: [&str; 11] = [
    "slug",
    "effect",
    "method",
    "approval",
    "operator",
    "flags",
    "publisher",
    "tier",
    "digest",
    "origin",
    "originOverridden",
];
const TYPES: [&str; 4] = ["Agent", "Group", "PortAction", "Port"];

/// Whether a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It does.
    Enforced,
    /// It does not; what it would have done is recorded.
    Shadow,
}

/// A rule.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// `file.cedar#id`.
    pub(crate) name: String,
    /// Empty for the bundled ones.
    pub(crate) file: String,
    pub(crate) mode: Mode,
    pub(crate) why: Option<String>,
    pub(crate) reads: Need,
    /// Entities it names, by type and id.
    pub(crate) entities: Vec<(String, String)>,
    pub(crate) policy: Policy,
    /// Of its text, annotations included.
    pub(crate) digest: Digest,
    /// Whether its scope lets it speak of each verb.
    pub(crate) on_invoke: bool,
    pub(crate) on_unattended: bool,
}

impl Rule {
    /// Names and checks a rule. `ordinal` counts from 1.
    pub(crate) fn new(file: &str, ordinal: usize, policy: &Policy, problems: &mut Vec<RuleProblem>) -> Option<Self> {
        let before = problems.len();
        let id = match policy.annotation("id") {
            None => ordinal.to_string(),
            Some(id) if is_id(id) => id.to_owned(),
            Some(_) => {
                problems.push(RuleProblem::of_rule(
                    file,
                    &ordinal.to_string(),
                    "its `@id` is no name",
                    "write 1 to 64 letters, digits, `-`, `_` and `.`, not digits alone: @id(\"large-requests\")",
                ));
                return None;
            }
        };
        let complain = |problems: &mut Vec<RuleProblem>, what: String, fix: String| {
            problems.push(RuleProblem::of_rule(file, &id, what, fix));
        };
        let mut mode = Mode::Enforced;
        for (key, value) in policy.annotations() {
            match (key, value) {
                ("id", _) => {}
                ("mode", "shadow") => mode = Mode::Shadow,
                ("mode", _) => complain(
                    problems,
                    "it has a mode that is none".to_owned(),
                    "write @mode(\"shadow\") to try a rule out, and nothing to enforce it".to_owned(),
                ),
                ("why", why) if !why.is_empty() && why.len() <= 200 && !why.chars().any(char::is_control) => {}
                ("why", _) => complain(
                    problems,
                    "its `@why` is not one line of at most 200 bytes".to_owned(),
                    "say it shorter".to_owned(),
                ),
                (key, _) => complain(
                    problems,
                    format!("`@{key}` means nothing here"),
                    "annotations are @id, @why and @mode".to_owned(),
                ),
            }
        }
        let reads = match policy.to_json() {
            Ok(json) => Reads::of(&json),
            Err(_) => {
                complain(problems, "it cannot be read back".to_owned(), "write it more simply".to_owned());
                return None;
            }
        };
        vocabulary(&reads, |what, fix| complain(problems, what, fix));
        if problems.len() > before {
            return None;
        }
        let on = |verb: &str| match policy.action_constraint() {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(uid) => is_verb(&uid, verb),
            ActionConstraint::In(uids) => uids.iter().any(|uid| is_verb(uid, verb)),
        };
        let name = format!("{file}#{id}");
        Some(Self {
            mode,
            why: policy.annotation("why").map(str::to_owned),
            reads: reads.context,
            entities: reads.entities,
            policy: policy.new_id(PolicyId::new(&name)),
            digest: Digest::of(policy.to_string().as_bytes()),
            on_invoke: on(INVOKE),
            on_unattended: on(UNATTENDED),
            file: file.to_owned(),
            name,
        })
    }
}

fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && !text.bytes().all(|b| b.is_ascii_digit())
}

fn is_verb(uid: &EntityUid, verb: &str) -> bool {
    uid.type_name().to_string() == "Action" && uid.id().unescaped() == verb
}

/// That a rule speaks only of what there is. Anything else would be an error at each call, or match nothing for ever.
fn vocabulary(reads: &Reads, mut complain: impl FnMut(String, String)) {
    if let Need::Fields(fields) = &reads.context {
        for name in fields.keys().filter(|name| !PARTS.contains(&name.as_str())) {
            complain(format!("the context has no `{name}`"), format!("it has {}", PARTS.join(", ")));
        }
    }
    for (root, name) in &reads.attributes {
        let known = if *root == "principal" { &OF_AGENT[..] } else { &OF_ACTION[..] };
        if !known.contains(&name.as_str()) {
            complain(format!("`{root}` has no `{name}`"), format!("it has {}", known.join(", ")));
        }
    }
    for (kind, id) in &reads.entities {
        match kind.as_str() {
            "Action" if id == INVOKE || id == UNATTENDED => {}
            "Action" => complain(
                format!("there is no Action::\"{id}\""),
                format!("write Action::\"{INVOKE}\" or Action::\"{UNATTENDED}\"; an action of a port is a PortAction"),
            ),
            kind if TYPES.contains(&kind) => {}
            kind => complain(format!("there is no type `{kind}`"), format!("there are {}", TYPES.join(", "))),
        }
    }
    for kind in reads.types.iter().filter(|kind| !TYPES.contains(&kind.as_str())) {
        complain(format!("there is no type `{kind}`"), format!("there are {}", TYPES.join(", ")));
    }
}
