//! What stays the same from call to call of one agent and one action: who they are to Cedar, and which rules can speak
//! of them at all.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use cedar_policy::{
    Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy, PrincipalConstraint, ResourceConstraint,
    RestrictedExpression as Expression,
};
use portcullis_model::{AgentName, Binding};

use crate::reads::Need;
use crate::rule::{Mode, Rule};
use crate::rules::Rules;
use crate::shape::Shape;
use crate::side::Verbs;

/// Pairs of agent and action that are kept. Beyond that all are forgotten: they cost some microseconds to make.
const MAX_KEPT: usize = 1_024;

/// An agent and an action, as rules see them.
pub(crate) struct Prepared {
    /// Keeps the binding where it is, since its place in memory is part of the key.
    binding: Arc<Binding>,
    pub(crate) principal: EntityUid,
    pub(crate) resource: EntityUid,
    pub(crate) entities: Entities,
    pub(crate) enforced: Verbs,
    /// What the enforced rules read.
    pub(crate) reads: Need,
    pub(crate) shadow: Option<Shadow>,
    pub(crate) input: Shape,
    pub(crate) body: Shape,
}

/// Rules on trial that can speak of a pair.
pub(crate) struct Shadow {
    pub(crate) verbs: Verbs,
    /// What they and the enforced ones read.
    pub(crate) reads: Need,
    /// What each reads, by name.
    pub(crate) each: Vec<(String, Need)>,
}

impl Prepared {
    pub(crate) fn new(
        binding: &Arc<Binding>,
        agent: &AgentName,
        tier: Option<&'static str>,
        words: &Rules,
        rules: &[Rule],
    ) -> Self {
        let id = binding.id();
        let principal = uid("Agent", agent.as_str());
        let resource = uid("PortAction", &id.to_string());
        let port = uid("Port", id.port.as_str());
        let groups: HashSet<EntityUid> = words.groups_of(agent).map(|group| uid("Group", group)).collect();
        let entities = entities(binding, &principal, &resource, &port, &groups, agent, tier, words);

        let speaks = |policy: &Policy| {
            let of_agent = match policy.principal_constraint() {
                PrincipalConstraint::Any => true,
                PrincipalConstraint::Eq(other) => other == principal,
                PrincipalConstraint::In(other) => other == principal || groups.contains(&other),
                PrincipalConstraint::Is(kind) => kind == *principal.type_name(),
                PrincipalConstraint::IsIn(kind, other) => {
                    kind == *principal.type_name() && (other == principal || groups.contains(&other))
                }
            };
            let of_action = match policy.resource_constraint() {
                ResourceConstraint::Any => true,
                ResourceConstraint::Eq(other) => other == resource,
                ResourceConstraint::In(other) => other == resource || other == port,
                ResourceConstraint::Is(kind) => kind == *resource.type_name(),
                ResourceConstraint::IsIn(kind, other) => {
                    kind == *resource.type_name() && (other == resource || other == port)
                }
            };
            of_agent && of_action
        };
        let mut enforced = Verbs::default();
        let mut reads = Need::default();
        let mut shadow: Option<Shadow> = None;
        for rule in rules.iter().filter(|rule| speaks(&rule.policy)) {
            match rule.mode {
                Mode::Enforced => {
                    enforced.add(rule);
                    reads.merge(&rule.reads);
                }
                Mode::Shadow => {
                    let shadow = shadow.get_or_insert_with(|| Shadow {
                        verbs: Verbs::default(),
                        reads: Need::default(),
                        each: Vec::new(),
                    });
                    shadow.verbs.add(rule);
                    shadow.reads.merge(&rule.reads);
                    shadow.each.push((rule.name.clone(), rule.reads.clone()));
                }
            }
        }
        let input = Shape::of_input(binding.action());
        let body = Shape::of_body(binding.action(), &input);
        Self { binding: binding.clone(), principal, resource, entities, enforced, reads, shadow, input, body }
    }

    /// Whether any rule reads how many calls were sent.
    pub(crate) fn reads_sent(&self) -> bool {
        counts(&self.reads) || self.shadow.as_ref().is_some_and(|shadow| counts(&shadow.reads))
    }

    /// Whether a decision rests on how many calls were sent.
    pub(crate) fn rests_on_sent(&self) -> bool {
        counts(&self.reads)
    }
}

fn counts(need: &Need) -> bool {
    need.of("calls").is_some() || need.of("callsOfAgent").is_some()
}

/// An entity's name. The types are ours, so they parse.
pub(crate) fn uid(kind: &'static str, id: &str) -> EntityUid {
    let kind: Result<EntityTypeName, _> = kind.parse();
    match kind {
        Ok(kind) => EntityUid::from_type_name_and_id(kind, EntityId::new(id)),
        Err(_) => unreachable!("a type of ours is no type"),
    }
}

#[expect(clippy::too_many_arguments, reason = "one place that puts them together")]
fn entities(
    binding: &Binding,
    principal: &EntityUid,
    resource: &EntityUid,
    port: &EntityUid,
    groups: &HashSet<EntityUid>,
    agent: &AgentName,
    tier: Option<&'static str>,
    words: &Rules,
) -> Entities {
    let id = binding.id();
    let action = binding.action();
    let text = |value: &str| Expression::new_string(value.to_owned());
    let flags = [(action.traits.prompt_bearing, "prompt_bearing"), (action.traits.billable, "billable")];
    let flags = flags.iter().filter(|(set, _)| *set).map(|(_, name)| text(name));
    let mut of_action = vec![
        ("slug", text(id.action.as_str())),
        ("effect", text(action.effect.as_str())),
        ("method", text(action.method.as_str())),
        ("approval", text(action.approval.as_str())),
        ("flags", Expression::new_set(flags)),
        ("publisher", text(binding.publisher())),
        ("digest", text(&binding.digest().to_string())),
        ("origin", text(&binding.origin().to_string())),
        ("originOverridden", Expression::new_bool(binding.origin_overridden())),
    ];
    of_action.extend(words.of(&id).map(|word| ("operator", text(word.as_str()))));
    of_action.extend(tier.map(|tier| ("tier", text(tier))));
    let of_port = vec![
        ("slug", text(id.port.as_str())),
        ("origin", text(&binding.origin().to_string())),
        ("publisher", text(binding.publisher())),
        ("category", text(binding.category())),
    ];
    let entity = |uid: &EntityUid, fields: Vec<(&str, Expression)>, parents: HashSet<EntityUid>| {
        let fields: HashMap<String, Expression> = fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        Entity::new(uid.clone(), fields, parents).ok()
    };
    let all = [
        entity(principal, vec![("name", text(agent.as_str()))], groups.clone()),
        entity(resource, of_action, HashSet::from([port.clone()])),
        entity(port, of_port, HashSet::new()),
    ];
    let groups = groups.iter().map(|group| Entity::new_no_attrs(group.clone(), HashSet::new()));
    // Constants cannot fail to be built; if they did, every rule that reads them would fail, and nothing go unattended.
    Entities::from_entities(all.into_iter().flatten().chain(groups), None).unwrap_or_default()
}

/// Pairs that were prepared before.
#[derive(Default)]
pub(crate) struct Kept(Mutex<HashMap<Key, Arc<Prepared>>>);

#[derive(PartialEq, Eq, Hash)]
struct Key {
    binding: usize,
    agent: AgentName,
    tier: Option<&'static str>,
}

impl Kept {
    pub(crate) fn get(
        &self,
        binding: &Arc<Binding>,
        agent: &AgentName,
        tier: Option<&'static str>,
        make: impl FnOnce() -> Prepared,
    ) -> Arc<Prepared> {
        let key = Key { binding: Arc::as_ptr(binding) as usize, agent: agent.clone(), tier };
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(found) = found {
            debug_assert!(Arc::ptr_eq(&found.binding, binding));
            return found;
        }
        let made = Arc::new(make());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(key, made.clone());
        made
    }
}
