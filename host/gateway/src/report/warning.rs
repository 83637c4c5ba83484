//! What a reviewer should look at before anything else.
//!
//! Each rule has a name that stays. A warning is no refusal: what is refused never gets as far as a report.

use std::collections::BTreeSet;
use std::fmt;

use portcullis_model::{Action, ActionSlug, ApprovalMode, BodyMode, DeclaredHeader, Effect, Shown};
use portcullis_sandbox::Tier;
use serde::Serialize;

use super::{Report, reach};

/// How much a warning weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// Something could happen that nobody expects.
    Danger,
    /// Worth a decision.
    Caution,
    /// Worth knowing.
    Note,
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Warning {
    /// How much it weighs.
    pub(crate) level: Level,
    /// Name of the rule.
    pub(crate) rule: &'static str,
    /// The action it is about, where it is about one.
    pub(crate) action: Option<ActionSlug>,
    /// What is so, in the host's words.
    pub(crate) what: String,
}

impl Level {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Danger => "danger",
            Self::Caution => "caution",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Everything there is to warn of, the heaviest first.
pub(super) fn all(report: &Report<'_>) -> Vec<Warning> {
    let mut warnings = of_the_plugin(report);
    let actions = report.port.manifest().actions();
    for action in actions {
        let mut warn = |level, rule, what| {
            warnings.push(Warning { level, rule, action: Some(action.slug.clone()), what });
        };
        of_approval(action, &mut warn);
        of_reach(action, actions, &mut warn);
    }
    warnings.sort_by_key(|warning| warning.level);
    warnings
}

fn of_the_plugin(report: &Report<'_>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |level, rule, what| warnings.push(Warning { level, rule, action: None, what });
    let census = report.plugin.census();
    if census.tier == Tier::Inert {
        let what = format!("it imports {} interfaces; the host links them to nothing", census.imports.len());
        warn(Level::Caution, "inert-imports", what);
    }
    if report.port.origin_overridden() {
        let declared = &report.port.manifest().port().origin;
        let what = format!("the operator set the origin `{}`; the plugin declares `{declared}`", report.port.origin());
        warn(Level::Caution, "origin-overridden", what);
    }
    if report.vouched.is_none() && !report.is_ours() {
        warn(Level::Note, "not-signed", "nobody vouches for these bytes but whoever fetched them".to_owned());
    }
    for member in report.ignored {
        warn(Level::Note, "ignored-member", format!("of the document, {}", Shown::new(member).limit_bytes(200)));
    }
    if let Some(additions) = report.port.additions() {
        let names: Vec<&str> = additions.actions.iter().map(ActionSlug::as_str).collect();
        let what = format!("published drafts stand beside the plugin's actions: {}", names.join(", "));
        warn(Level::Note, "additions", what);
    }
    warnings
}

/// What it would like to do without a person.
fn of_approval(action: &Action, warn: &mut impl FnMut(Level, &'static str, String)) {
    if action.approval == ApprovalMode::Automatic {
        let asks = "asks to run without a person";
        match action.effect {
            Effect::Destructive => warn(Level::Danger, "unattended-destruction", format!("{asks}, and may destroy")),
            Effect::Write => warn(Level::Danger, "unattended-write", format!("{asks}, and changes something")),
            Effect::Read if action.traits.billable => {
                warn(Level::Caution, "unattended-bill", format!("{asks}, and the service charges for it"));
            }
            Effect::Read if action.traits.prompt_bearing => {
                let what = format!("{asks}, and carries text that a model will read");
                warn(Level::Caution, "unattended-prompt", what);
            }
            Effect::Read => {}
        }
    }
    if action.effect == Effect::Read && action.method.may_carry_body() {
        let what = format!("says of a {} that it changes nothing; that is only its word", action.method);
        warn(Level::Caution, "reading-by-writing", what);
    }
}

/// What it could send beyond what a line of the table names.
fn of_reach(action: &Action, all: &[Action], warn: &mut impl FnMut(Level, &'static str, String)) {
    if action.path.to_string().ends_with("+}") {
        warn(Level::Caution, "rest-of-path", format!("any path below `{}` may be named", action.path));
    }
    let others: BTreeSet<String> = reach::also_matched(action, all).map(ToString::to_string).collect();
    if !others.is_empty() {
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let what = format!("its path also matches `{}`, unless the input's schema keeps that out", others.join("`, `"));
        warn(Level::Note, "shared-shape", what);
    }
    if !action.headers.is_empty() {
        let names: Vec<&str> = action.headers.iter().map(DeclaredHeader::as_str).collect();
        warn(Level::Note, "own-headers", format!("may set {}", names.join(", ")));
    }
    if action.body != BodyMode::None {
        let open = reach::open_places(&action.input_schema);
        if let Some(first) = open.first() {
            let what = format!("takes members that no schema names, at {}", Shown::new(first));
            let what = match open.len() - 1 {
                0 => what,
                more => format!("{what} and {more} more places"),
            };
            warn(Level::Note, "open-input", what);
        }
    }
}
