//! The switch by which a caller asks for a stream instead of an answer: a truth value called `stream`.

use serde_json::{Value, json};

use super::kinds::Kinds;
use super::parameter::Said;
use super::pool::{Converted, Pool};
use super::reason::Reason;

/// What the switch is called.
const NAME: &str = "stream";

/// What is said where it is set.
const WORDS: &str = "a streamed answer has no end to wait for: leave this out or false";

/// Places that are looked at before there is no switch.
const MAX_STEPS: usize = 500;

/// A switch in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Switch {
    /// The service streams where nothing is said.
    on_by_default: bool,
}

impl Switch {
    /// The schema of the switch as it may stand.
    fn off() -> Value {
        json!({"const": false, "description": WORDS})
    }

    /// A body's schema with its switch held.
    pub(super) fn held(self, schema: Value) -> Value {
        let mut hold = json!({"properties": {NAME: Self::off()}});
        if self.on_by_default {
            hold["required"] = json!([NAME]);
        }
        json!({"allOf": [schema, hold]})
    }
}

/// Holds an input that is a switch. One that is on by default must be given.
pub(super) fn hold(pool: &mut Pool<'_>, said: &mut Said, described: Option<&Value>) -> Result<bool, Reason> {
    let Some(schema) = said.parameter.schema.as_ref().filter(|_| said.parameter.name == NAME) else { return Ok(false) };
    let kinds = pool.look(|looker| looker.kinds(schema))?;
    if kinds.and(Kinds::BOOLEAN) == Kinds::NONE {
        return Ok(false);
    }
    let on =
        described.and_then(|schema| pool.description.resolve(schema).ok()?.get("default")).and_then(Value::as_bool);
    said.parameter.required |= on == Some(true);
    said.parameter.schema = Some(Switch::off());
    said.parameter.description = None;
    said.converted = Converted::default();
    said.examples.clear();
    Ok(true)
}

/// The switch of a body, wherever its schema is composed of others.
pub(super) fn switch(pool: &mut Pool<'_>, schema: &Value) -> Result<Option<Switch>, Reason> {
    let mut waiting = vec![schema.clone()];
    let mut steps = 0;
    while let Some(schema) = waiting.pop() {
        steps += 1;
        if steps > MAX_STEPS {
            break;
        }
        if let Some(member) = schema.get("properties").and_then(|members| members.get(NAME)) {
            let kinds = pool.look(|looker| looker.kinds(member))?;
            if kinds.and(Kinds::BOOLEAN) != Kinds::NONE {
                let on_by_default = member.get("default") == Some(&Value::Bool(true));
                return Ok(Some(Switch { on_by_default }));
            }
        }
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/$defs/"));
        waiting.extend(target.and_then(|name| pool.definition(name)).map(|found| found.schema.clone()));
        for keyword in ["allOf", "anyOf", "oneOf"] {
            waiting.extend(schema.get(keyword).and_then(Value::as_array).into_iter().flatten().cloned());
        }
    }
    pool.spend(steps)?;
    Ok(None)
}
