//! `portcullis policy test`: tables of cases, each a call and what must become of it. Sends nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use portcullis_model::{ActionId, AgentName, Shown};
use portcullis_policy::{RuleSet, Sent, Windows};
use serde::{Deserialize, Serialize};

use super::{Context, Done, moment};
use crate::doors::OPERATOR;
use crate::home::Home;
use crate::host::Host;
use crate::invoke::{Invocation, explain};
use crate::terminal::{self, GREEN, RED, styled};

/// How the files of the folder end.
const ENDING: &str = ".cases.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default = "operator")]
    agent: String,
    action: ActionId,
    /// A table, or a text that is JSON: what TOML cannot say, such as null, can be said so.
    #[serde(default = "nothing")]
    input: toml::Value,
    at: Option<String>,
    #[serde(default)]
    calls: Windows,
    #[serde(default)]
    calls_of_agent: Windows,
    expect: Expected,
    /// Words that must stand in the reason, such as a rule's name.
    rule: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Expected {
    Allowed,
    NeedsApproval,
    Denied,
}

impl Expected {
    fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::NeedsApproval => "needs-approval",
            Self::Denied => "denied",
        }
    }
}

fn operator() -> String {
    OPERATOR.to_owned()
}

fn nothing() -> toml::Value {
    toml::Value::String("{}".to_owned())
}

/// What came of a case.
#[derive(Serialize)]
struct Outcome {
    id: String,
    file: String,
    passed: bool,
    expected: Expected,
    expected_rule: Option<String>,
    got: String,
    rule: String,
}

pub(super) fn run(files: Vec<PathBuf>, context: Context) -> Result<Done> {
    let json = context.json;
    let files = if files.is_empty() { tables(&Home::find()?.policies())? } else { files };
    let host = context.host()?;
    let rules = host.rules();
    let mut outcomes = Vec::new();
    for path in &files {
        let text = std::fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
        let table: Table =
            toml::from_str(&text).map_err(|e| anyhow!("`{}`: {}", path.display(), e.to_string().trim_end()))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        for case in table.case {
            let name = case.name.clone();
            outcomes
                .push(one(&host, &rules, case, &file).with_context(|| format!("`{}`: case `{name}`", path.display()))?);
        }
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.passed).count();
    if json {
        terminal::json(&outcomes)?;
    } else {
        outcomes.iter().for_each(print);
        terminal::note(format_args!("{} cases, {failed} failed", outcomes.len()));
    }
    Ok(if failed == 0 { Done::Well } else { Done::No })
}

/// Tables beside the rules.
fn tables(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if folder.is_dir() {
        for entry in std::fs::read_dir(folder).with_context(|| format!("`{}` cannot be read", folder.display()))? {
            let path = entry?.path();
            if path.to_str().is_some_and(|path| path.ends_with(ENDING)) {
                found.push(path);
            }
        }
    }
    if found.is_empty() {
        bail!("there is no `*{ENDING}` in `{}`: name a file, or put one there", folder.display());
    }
    found.sort();
    Ok(found)
}

fn one(host: &Host, rules: &RuleSet, case: Case, file: &str) -> Result<Outcome> {
    let agent: AgentName = case.agent.parse().with_context(|| format!("agent `{}`", Shown::new(&case.agent)))?;
    let input = match case.input {
        toml::Value::String(json) => json,
        table => serde_json::to_string(&table).context("input")?,
    };
    let at = case.at.map(|text| moment(rules, &text)).transpose()?;
    let sent = Sent { calls: case.calls, calls_of_agent: case.calls_of_agent };
    let invocation = Invocation { action: case.action, input, agent };
    let (got, rule) = match explain(host, rules, &invocation, at, Some(sent)) {
        Ok(why) => (why.decision.to_owned(), why.rule),
        Err(refusal) => (format!("refused: {}", refusal.code()), refusal.to_string()),
    };
    let named = case.rule.as_ref().is_none_or(|expected| rule.contains(expected));
    let passed = got == case.expect.as_str() && named;
    let (id, expected, expected_rule) = (case.name, case.expect, case.rule);
    Ok(Outcome { id, file: file.to_owned(), passed, expected, expected_rule, got, rule })
}

fn print(outcome: &Outcome) {
    if outcome.passed {
        terminal::say(format_args!("{} {}", styled(GREEN, "ok    "), Shown::new(&outcome.id)));
        return;
    }
    terminal::say(format_args!("{} {} ({})", styled(RED, "failed"), Shown::new(&outcome.id), outcome.file));
    let because = outcome.expected_rule.as_deref().map_or_else(String::new, |rule| format!(", by {rule}"));
    terminal::say(format_args!("  - {}{}", outcome.expected.as_str(), Shown::new(&because)));
    terminal::say(format_args!("  + {}, by {}", outcome.got, Shown::block(&outcome.rule)));
}
