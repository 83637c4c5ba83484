//! Approval modes and traits that fit what an action does.

use portcullis_model::{ActionDraft, ApprovalMode, Effect, Method};

use super::Rule;
use super::finding::{Findings, quoted};

/// First words of names of actions that change something.
const CHANGES: &[&str] = &[
    "add", "append", "approve", "archive", "assign", "book", "cancel", "clear", "close", "create", "delete", "destroy",
    "disable", "drop", "edit", "enable", "erase", "invite", "merge", "move", "pay", "post", "publish", "purge", "put",
    "reject", "remove", "rename", "replace", "reset", "revoke", "schedule", "send", "set", "submit", "transfer",
    "update", "upload", "wipe", "write",
];

/// Those among them that take away what may not come back.
const REMOVES: &[&str] =
    &["cancel", "clear", "delete", "destroy", "drop", "erase", "purge", "remove", "reset", "revoke", "wipe"];

pub(super) fn check(findings: &mut Findings, action: &ActionDraft) {
    let at = |field: &str| format!("{}: {field}", action.slug);
    let verb = action.slug.split('-').next().unwrap_or_default();
    if action.effect == Effect::Read && CHANGES.contains(&verb) {
        findings.add(
            Rule::EffectTooMild,
            &at("effect"),
            format!("`read`, although its name says {}", quoted(verb)),
            "declare `write` or `destructive`, or give it a name that says what it reads",
        );
    }
    if action.effect == Effect::Write && (REMOVES.contains(&verb) || action.method == Method::Delete) {
        findings.add(
            Rule::DestructiveByName,
            &at("effect"),
            format!("`write`, although it is a {} called {}", action.method, quoted(&action.slug)),
            "declare `destructive` where it cannot be undone: such actions are approved one by one",
        );
    }
    let automatic = action.approval == ApprovalMode::Automatic;
    if automatic && action.effect != Effect::Read {
        findings.add(
            Rule::WriteUnattended,
            &at("approval"),
            format!("`automatic`, with the effect `{}`", action.effect),
            "leave it at `require_approval`: hosts heed `automatic` for reads only",
        );
    }
    if automatic && action.traits.billable {
        findings.add(
            Rule::BillableUnattended,
            &at("approval"),
            "`automatic`, although each call costs",
            "declare the effect `write` and leave it at `require_approval`",
        );
    }
    let reason = action.traits.billable || action.traits.prompt_bearing;
    if action.effect == Effect::Read && !automatic && !reason {
        findings.add(
            Rule::ReadAsks,
            &at("approval"),
            "`require_approval` for a read that neither costs nor carries text for a model",
            "declare `automatic`, so that nobody is asked about what changes nothing",
        );
    }
}
