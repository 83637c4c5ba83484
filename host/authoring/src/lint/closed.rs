//! Whether an object takes no members but those that are named, by its own word or by that of the forms it may take.

use serde_json::{Map, Value};

use super::schema::resolved;

/// Deepest form that is looked at.
const MAX_DEPTH: usize = 16;

/// Whether it is closed. Where forms are told apart by a condition, each of them must be; what becomes of an input that
/// fits none of the conditions is not looked at.
pub(super) fn is_closed(root: &Value, schema: &Value, depth: usize) -> bool {
    let Value::Object(members) = resolved(root, schema) else { return *schema == Value::Bool(false) };
    if depth > MAX_DEPTH {
        return false;
    }
    let shut = |word: &str| members.get(word) == Some(&Value::Bool(false));
    let list = |word: &str| members.get(word).and_then(Value::as_array);
    let each = |word: &str| {
        list(word).is_some_and(|forms| !forms.is_empty() && forms.iter().all(|form| is_closed(root, form, depth + 1)))
    };
    let both = is_conditional(members) && members.contains_key("else") && by_condition(root, members, depth);
    let one_of_all = list("allOf").is_some_and(|parts| {
        let (conditions, others): (Vec<&Value>, Vec<&Value>) =
            parts.iter().partition(|part| part.as_object().is_some_and(is_conditional));
        let closed = |part: &&Value| part.as_object().is_some_and(|part| by_condition(root, part, depth));
        others.iter().any(|part| is_closed(root, part, depth + 1))
            || (!conditions.is_empty() && conditions.iter().all(closed))
    });
    shut("additionalProperties")
        || shut("unevaluatedProperties")
        || each("oneOf")
        || each("anyOf")
        || both
        || one_of_all
}

fn is_conditional(members: &Map<String, Value>) -> bool {
    members.contains_key("if") && members.contains_key("then")
}

/// Whether both outcomes of a condition are closed, as far as there are two.
fn by_condition(root: &Value, members: &Map<String, Value>, depth: usize) -> bool {
    ["then", "else"].iter().filter_map(|word| members.get(*word)).all(|form| is_closed(root, form, depth + 1))
}
