//! Worked examples: every member that may be left out is given once and left out once, and every form is taken once.

use portcullis_model::ActionDraft;
use serde_json::Value;

use super::Rule;
use super::finding::{Findings, quoted};
use super::schema::resolved;
use super::shown::could_be;

/// Deepest place whose forms are looked for in the examples.
const MAX_DEPTH: usize = 16;

pub(super) fn check(findings: &mut Findings, action: &ActionDraft, schema: &Value) {
    let inputs: Vec<Value> =
        action.examples.iter().filter_map(|example| serde_json::from_str(&example.input).ok()).collect();
    for (index, input) in inputs.iter().enumerate() {
        if inputs[..index].contains(input) {
            findings.add(
                Rule::SameExample,
                &format!("{}: examples[{index}]", action.slug),
                "an earlier example has the same input",
                "show something else with it, or take it away",
            );
        }
    }
    if inputs.is_empty() {
        return;
    }
    let mut look = Look { findings, action, root: schema };
    look.options(schema, &inputs);
    look.forms(schema, &inputs.iter().collect::<Vec<_>>(), "input-schema", 0);
}

struct Look<'a, 'f> {
    findings: &'f mut Findings,
    action: &'a ActionDraft,
    root: &'a Value,
}

impl<'a> Look<'a, '_> {
    /// Members of the input itself that may be left out.
    fn options(&mut self, schema: &'a Value, inputs: &[Value]) {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
        let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        let optional: Vec<&String> =
            properties.keys().filter(|name| !required.iter().any(|known| known == name.as_str())).collect();
        for name in &optional {
            if !inputs.iter().any(|input| input.get(name.as_str()).is_some()) {
                self.findings.add(
                    Rule::OptionNotShown,
                    &format!("{}: input-schema/properties/{name}", self.action.slug),
                    format!("no example gives {}", quoted(name)),
                    "add it to an example, or add an example with it",
                );
            }
        }
        let bare = |input: &Value| optional.iter().all(|name| input.get(name.as_str()).is_none());
        // Where something must be given for there to be a request at all, one of them is the least.
        let least = |input: &Value| optional.iter().filter(|name| input.get(name.as_str()).is_some()).count() <= 1;
        let may_be_bare = schema.get("minProperties").is_none() && schema.get("anyOf").is_none();
        let shown = if may_be_bare { inputs.iter().any(bare) } else { inputs.iter().any(least) };
        if !optional.is_empty() && !shown {
            self.findings.add(
                Rule::OptionNeverLeftOut,
                &format!("{}: examples", self.action.slug),
                "each example gives something that may be left out",
                "add an example of the least that works",
            );
        }
    }

    /// Forms that a value may take, wherever one of several may be taken.
    fn forms(&mut self, schema: &'a Value, values: &[&Value], at: &str, depth: usize) {
        let schema = resolved(self.root, schema);
        if depth > MAX_DEPTH {
            return;
        }
        for word in ["oneOf", "anyOf"] {
            let Some(Value::Array(branches)) = schema.get(word) else { continue };
            for (index, branch) in branches.iter().enumerate() {
                if !values.is_empty() && !values.iter().any(|value| could_be(self.root, branch, value, 0)) {
                    self.findings.add(
                        Rule::BranchNotShown,
                        &format!("{}: {at}/{word}/{index}", self.action.slug),
                        "no example takes this form",
                        "add an example that does",
                    );
                }
                let taken: Vec<&Value> =
                    values.iter().copied().filter(|value| could_be(self.root, branch, value, 0)).collect();
                self.forms(branch, &taken, &format!("{at}/{word}/{index}"), depth + 1);
            }
        }
        for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let given: Vec<&Value> = values.iter().filter_map(|value| value.get(name)).collect();
            self.forms(member, &given, &format!("{at}/properties/{name}"), depth + 1);
        }
        if let Some(items) = schema.get("items") {
            let given: Vec<&Value> = values.iter().filter_map(|value| value.as_array()).flatten().collect();
            self.forms(items, &given, &format!("{at}/items"), depth + 1);
        }
    }
}
