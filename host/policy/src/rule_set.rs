//! All rules that hold: the bundled ones, the words of `portcullis.toml`, and the operator's files.
//!
//! Reads no files: whoever opens the host does. A set that was made is whole and checked; where one file is wrong there
//! is no set at all, since a rule left out could be the one that forbids.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr as _;
use std::sync::Arc;

use cedar_policy::{Effect, PolicySet, ffi::DetailedError};
use portcullis_model::{ActionId, AgentName, Binding, Digest, Hasher, RoutedRequest};
use serde::Serialize;

use crate::bounds;
use crate::prepared::{Kept, Prepared};
use crate::problem::RuleProblem;
use crate::rule::{Mode, Rule};
use crate::rules::{OperatorApproval, Rules};

/// Name of the bundled file, as rules of it are named.
pub(crate) const BUNDLED: &str = "default";

const BUNDLED_TEXT: &str = include_str!("default.cedar");

/// Most rules in all files.
const MAX_RULES: usize = 2_000;

/// A file of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// Its name without folders, such as `limits.cedar`.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

/// A file in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileLine {
    /// Its name.
    pub name: String,
    /// Digest of its bytes.
    pub digest: Digest,
    /// How many rules stand in it.
    pub rules: usize,
}

/// A rule, for people to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleLine {
    /// Its full name, such as `limits.cedar#large-requests`.
    pub id: String,
    /// `permit` or `forbid`.
    pub effect: &'static str,
    /// Whether it counts.
    pub mode: Mode,
    /// Whether it is part of Portcullis.
    pub bundled: bool,
    /// What its writer says of it.
    pub why: Option<String>,
    /// The rule itself.
    pub text: String,
}

/// The rules.
pub struct RuleSet {
    words: Rules,
    files: Vec<FileLine>,
    /// The files whole, to say in which line something stands.
    texts: Vec<RuleFile>,
    rules: Vec<Rule>,
    digest: Digest,
    kept: Kept,
}

impl fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuleSet")
            .field("digest", &self.digest)
            .field("rules", &self.rules.len())
            .finish_non_exhaustive()
    }
}

impl Default for RuleSet {
    fn default() -> Self {
        Self::bundled(Rules::default())
    }
}

impl RuleSet {
    /// Parses and checks files, as far as that goes without knowing any plugin.
    ///
    /// # Errors
    /// Every problem found.
    pub fn new(words: Rules, files: &[RuleFile]) -> Result<Self, Vec<RuleProblem>> {
        let mut problems = Vec::new();
        let mut rules = parsed(BUNDLED, BUNDLED_TEXT, &mut problems);
        let mut lines = Vec::new();
        for file in files {
            let of_file = parsed(&file.name, &file.text, &mut problems);
            let digest = Digest::of(file.text.as_bytes());
            lines.push(FileLine { name: file.name.clone(), digest, rules: of_file.len() });
            rules.extend(of_file);
        }
        if rules.len() > MAX_RULES {
            let fix = format!("keep to {MAX_RULES}; a set of values in one rule does the work of many");
            problems.push(RuleProblem::of_file("policies", "there are too many rules", fix));
        }
        let mut names = HashSet::new();
        for rule in &rules {
            if !names.insert(rule.name.as_str()) {
                let (file, id) = rule.name.split_once('#').unwrap_or((&rule.name, ""));
                problems.push(RuleProblem::of_rule(file, id, "two rules have this id", "give each its own"));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let digest = digest(&words, &lines);
        Ok(Self { words, files: lines, texts: files.to_vec(), rules, digest, kept: Kept::default() })
    }

    /// The bundled rules and the words of `portcullis.toml` alone.
    #[must_use]
    pub fn bundled(words: Rules) -> Self {
        // A test sees that the bundled rules are right. Without any rule nothing is permitted.
        Self::new(words.clone(), &[]).unwrap_or_else(|_| {
            let digest = digest(&words, &[]);
            Self { words, files: Vec::new(), texts: Vec::new(), rules: Vec::new(), digest, kept: Kept::default() }
        })
    }

    /// What decides, in one digest: rules, words, groups, time zone.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The operator's words.
    #[must_use]
    pub fn words(&self) -> &Rules {
        &self.words
    }

    /// The operator's word on an action.
    #[must_use]
    pub fn of(&self, action: &ActionId) -> Option<OperatorApproval> {
        self.words.of(action)
    }

    /// How long an approval waits and lasts, in milliseconds.
    #[must_use]
    pub fn approval_life_ms(&self) -> u64 {
        self.words.approval_life_ms()
    }

    /// The operator's files.
    #[must_use]
    pub fn files(&self) -> &[FileLine] {
        &self.files
    }

    /// Every rule, the bundled ones first.
    #[must_use]
    pub fn lines(&self) -> Vec<RuleLine> {
        let line = |rule: &Rule| RuleLine {
            id: rule.name.clone(),
            effect: match rule.policy.effect() {
                Effect::Permit => "permit",
                Effect::Forbid => "forbid",
            },
            mode: rule.mode,
            bundled: rule.file == BUNDLED,
            why: rule.why.clone(),
            text: rule.policy.to_string(),
        };
        self.rules.iter().map(line).collect()
    }

    /// Whether the operator says nothing but what is bundled, but for the time zone.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.files.is_empty() && self.words.words().next().is_none() && self.words.groups().is_empty()
    }

    /// How many rules there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there is no rule at all, and so nothing permitted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Whether a decision about an installed action needs to know how many calls were sent.
    #[must_use]
    pub fn reads_sent(&self, request: &RoutedRequest, agent: &AgentName, tier: Option<&'static str>) -> bool {
        self.prepared(request.binding(), agent, tier, false).reads_sent()
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub(crate) fn text(&self, file: &str) -> &str {
        self.texts.iter().find(|text| text.name == file).map_or("", |file| &file.text)
    }

    pub(crate) fn why(&self, name: &str) -> Option<&str> {
        self.rules.iter().find(|rule| rule.name == name)?.why.as_deref()
    }

    /// Digest of a rule's own text.
    pub(crate) fn digest_of(&self, name: &str) -> Option<Digest> {
        self.rules.iter().find(|rule| rule.name == name).map(|rule| rule.digest)
    }

    /// What stays the same from call to call. With `once` nothing of it is kept: an agent makes up as many drafts as it
    /// likes, and each is bound anew.
    pub(crate) fn prepared(
        &self,
        binding: &Arc<Binding>,
        agent: &AgentName,
        tier: Option<&'static str>,
        once: bool,
    ) -> Arc<Prepared> {
        let make = || Prepared::new(binding, agent, tier, &self.words, &self.rules);
        if once { Arc::new(make()) } else { self.kept.get(binding, agent, tier, make) }
    }
}

/// The rules of a file.
fn parsed(file: &str, text: &str, problems: &mut Vec<RuleProblem>) -> Vec<Rule> {
    if let Some((what, fix)) = bounds::exceeded(text) {
        problems.push(RuleProblem::of_file(file, what, fix));
        return Vec::new();
    }
    let set = match PolicySet::from_str(text) {
        Ok(set) => set,
        Err(errors) => {
            problems.extend(RuleProblem::of_cedar(file, text, &DetailedError::from(&errors)));
            return Vec::new();
        }
    };
    if set.num_of_templates() > 0 {
        let fix = "write the agent, group, port or action where ?principal or ?resource stands";
        problems.push(RuleProblem::of_file(file, "it holds a template, which is no rule", fix));
    }
    // Cedar names the rules of a file policy0, policy1 …
    let mut rules: Vec<(usize, _)> = set
        .policies()
        .filter_map(|policy| Some((policy.id().to_string().strip_prefix("policy")?.parse().ok()?, policy)))
        .collect();
    if rules.len() != set.policies().count() {
        problems.push(RuleProblem::of_file(file, "its rules cannot be told apart", "write it more simply"));
    }
    rules.sort_by_key(|(at, _)| *at);
    rules.into_iter().filter_map(|(at, policy)| Rule::new(file, at + 1, policy, problems)).collect()
}

/// Everything that decides, each part with its length.
fn digest(words: &Rules, files: &[FileLine]) -> Digest {
    let mut hasher = Hasher::new("portcullis rule set 1").field(BUNDLED_TEXT.as_bytes()).count(files.len());
    for file in files {
        hasher = hasher.field(file.name.as_bytes()).field(file.digest.as_bytes());
    }
    let actions: Vec<_> = words.words().collect();
    hasher = hasher.count(actions.len());
    for (action, word) in actions {
        hasher = hasher.field(action.to_string().as_bytes()).field(word.as_str().as_bytes());
    }
    hasher = hasher.count(words.groups().len());
    for (group, agents) in words.groups() {
        hasher = hasher.field(group.as_bytes()).count(agents.len());
        for agent in agents {
            hasher = hasher.field(agent.as_str().as_bytes());
        }
    }
    hasher.field(words.timezone().as_bytes()).finish()
}
