//! Rules held against installed actions: a misspelt field, a comparison of unlike things, a rule that can never apply.
//!
//! This is for whoever writes rules. Nothing here is needed for a rule to be enforced, and what it cannot see is made
//! up for when a call is decided: what cannot be evaluated waits for a person.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::ffi::DetailedError;
use cedar_policy::{PolicySet, ResourceConstraint, Schema, ValidationMode, ValidationWarning, Validator};
use portcullis_model::{ActionId, Binding};

use crate::prepared::uid;
use crate::problem::RuleProblem;
use crate::rule::Rule;
use crate::rule_set::{BUNDLED, RuleSet};
use crate::schema::{VARIANTS, variant_of};

/// Problems of one rule and one action, from the variant of the schema that has fewest.
type Found = BTreeMap<String, Vec<RuleProblem>>;

impl RuleSet {
    /// Checks the operator's rules against every installed action that they can reach. Slow: some milliseconds an
    /// action.
    #[must_use]
    pub fn check(&self, installed: &[&Binding]) -> Vec<RuleProblem> {
        let mut seen: Vec<(RuleProblem, Vec<ActionId>)> = Vec::new();
        let mut reached = BTreeSet::new();
        let mut possible = BTreeSet::new();
        let own: Vec<&Rule> = self.rules().iter().filter(|rule| rule.file != BUNDLED).collect();
        for binding in installed {
            let here: Vec<&Rule> = own.iter().copied().filter(|rule| reaches(rule, &binding.id())).collect();
            if here.is_empty() {
                continue;
            }
            reached.extend(here.iter().map(|rule| rule.name.as_str()));
            let (found, impossible) = self.against(binding, &here);
            possible.extend(here.iter().map(|rule| rule.name.clone()).filter(|name| !impossible.contains(name)));
            for problem in found.into_values().flatten() {
                // Cedar guesses another field for each action: what is wrong is the same.
                let same = |other: &RuleProblem| {
                    (&other.file, other.at, &other.rule, &other.what)
                        == (&problem.file, problem.at, &problem.rule, &problem.what)
                };
                match seen.iter_mut().find(|(other, _)| same(other)) {
                    Some((_, actions)) if actions.contains(&binding.id()) => {}
                    Some((_, actions)) => actions.push(binding.id()),
                    None => seen.push((problem, vec![binding.id()])),
                }
            }
        }
        let mut problems: Vec<RuleProblem> =
            seen.into_iter().map(|(problem, actions)| of_actions(problem, &actions)).collect();
        problems.sort_by(|a, b| (&a.file, a.at).cmp(&(&b.file, b.at)));
        for rule in own {
            let (file, id) = rule.name.split_once('#').unwrap_or((&rule.name, ""));
            let warn = |what: String, fix: &str| RuleProblem {
                warning: true,
                ..RuleProblem::of_rule(file, id, what, fix.to_owned())
            };
            if !reached.contains(rule.name.as_str()) {
                problems.push(warn(
                    "no installed action is within its scope".to_owned(),
                    "see `portcullis actions` for the names",
                ));
            } else if !possible.contains(&rule.name) && !problems.iter().any(|p| p.rule.as_deref() == Some(id)) {
                problems.push(warn(
                    "by what the actions declare, it never applies".to_owned(),
                    "see what it demands; of fields that a schema leaves open nothing can be told",
                ));
            }
            for (kind, name) in &rule.entities {
                if kind == "Group" && !self.words().groups().contains_key(name) {
                    let fix = "name its agents under `groups` of [policy] in portcullis.toml";
                    problems.push(warn(format!("nobody is in Group::\"{name}\""), fix));
                }
            }
        }
        problems
    }

    /// Checks rules against one action. Also the names of those that can never apply to it.
    fn against(&self, binding: &Binding, rules: &[&Rule]) -> (Found, BTreeSet<String>) {
        let mut best: Option<Found> = None;
        let mut impossible: Option<BTreeSet<String>> = None;
        let policies = PolicySet::from_policies(rules.iter().map(|rule| rule.policy.clone()));
        for variant in 0..VARIANTS {
            let schema = Schema::from_cedarschema_str(&variant_of(binding.action(), variant));
            let (Ok((schema, _)), Ok(policies)) = (schema, &policies) else { continue };
            let result = Validator::new(schema).validate(policies, ValidationMode::Strict);
            let mut found = Found::new();
            for error in result.validation_errors() {
                let name = error.policy_id().to_string();
                let (file, id) = name.split_once('#').unwrap_or((&name, ""));
                let prefix = format!("for policy `{name}`, ");
                for mut problem in RuleProblem::of_cedar(file, self.text(file), &DetailedError::from(error)) {
                    // The same is wrong for both verbs.
                    problem.what = ["invoke", "invokeUnattended"]
                        .iter()
                        .fold(problem.what.replacen(&prefix, "", 1), |what, verb| {
                            what.replace(&format!(" in context for Action::\"{verb}\""), " in the context")
                        });
                    if problem.what.contains("decimal") && problem.what.contains("Long") {
                        problem.fix =
                            "a `number` is a decimal: write such as .greaterThan(decimal(\"1.5\"))".to_owned();
                    }
                    problem.rule = Some(id.to_owned());
                    found.entry(name.clone()).or_default().push(problem);
                }
            }
            let never: BTreeSet<String> = result
                .validation_warnings()
                .filter_map(|warning| match warning {
                    ValidationWarning::ImpossiblePolicy(warning) => Some(warning.policy_id().to_string()),
                    _ => None,
                })
                .collect();
            impossible = Some(impossible.map_or(never.clone(), |all| all.intersection(&never).cloned().collect()));
            best = Some(match best {
                None => found,
                // Right for one kind of value is right.
                Some(best) => best.into_iter().filter(|(name, _)| found.contains_key(name)).collect(),
            });
            if best.as_ref().is_some_and(BTreeMap::is_empty) {
                break;
            }
        }
        (best.unwrap_or_default(), impossible.unwrap_or_default())
    }
}

/// A problem with the actions that have it.
fn of_actions(problem: RuleProblem, actions: &[ActionId]) -> RuleProblem {
    let more = match actions.len() {
        0 | 1 => String::new(),
        all => format!(" and {} more", all - 1),
    };
    let first = actions.first().map_or_else(String::new, ToString::to_string);
    RuleProblem { what: format!("for {first}{more}: {}", problem.what), ..problem }
}

/// Whether a rule's scope lets it speak of an action.
fn reaches(rule: &Rule, id: &ActionId) -> bool {
    let (action, port) = (uid("PortAction", &id.to_string()), uid("Port", id.port.as_str()));
    match rule.policy.resource_constraint() {
        ResourceConstraint::Any => true,
        ResourceConstraint::Eq(other) => other == action,
        ResourceConstraint::In(other) => other == action || other == port,
        ResourceConstraint::Is(kind) => kind == *action.type_name(),
        ResourceConstraint::IsIn(kind, other) => kind == *action.type_name() && (other == action || other == port),
    }
}
