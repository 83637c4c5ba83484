//! What an action is called and says of itself, by the words of its operation.

use portcullis_model::{Method, ResultMode};
use serde_json::Value;

use super::operations::Operation;
use super::route::Route;
use super::words;
use crate::{ActionTemplate, Inputs};

const MAX_LABEL_CHARS: usize = 80;
const MAX_DESCRIPTION_CHARS: usize = 2_000;

/// An action without inputs. Reads may run unattended; everything else asks.
pub(super) fn template(operation: &Operation<'_>, method: Method, route: &Route, result: ResultMode) -> ActionTemplate {
    let text = |key: &str| operation.body.get(key).and_then(Value::as_str);
    let label = text("summary").and_then(|summary| words::line(summary, MAX_LABEL_CHARS));
    let label = label.unwrap_or_else(|| sentence(&operation.slug));
    let mut description = text("description").or(text("summary")).and_then(|t| words::block(t, MAX_DESCRIPTION_CHARS));
    if operation.body.get("deprecated") == Some(&Value::Bool(true)) {
        let before = description.unwrap_or_default();
        description = words::block(&format!("Deprecated by the service.\n{before}"), MAX_DESCRIPTION_CHARS);
    }
    let approval = if matches!(method, Method::Get | Method::Head) { "automatic" } else { "require_approval" };
    ActionTemplate {
        slug: operation.slug.clone(),
        description: description.unwrap_or_else(|| format!("{method} {}", route.template)),
        label,
        method: method.as_str().to_owned(),
        path: route.template.clone(),
        inputs: Inputs::default(),
        approval_mode: approval.to_owned(),
        request_body_mode: "none".to_owned(),
        result_mode: result.as_str().to_owned(),
        effect: None,
        prompt_bearing: false,
        billable: false,
        example: None,
    }
}

/// `list-models` as `List models`.
fn sentence(slug: &str) -> String {
    let mut words = slug.replace('-', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// What the description files it under.
pub(super) fn tags(operation: &Value) -> Vec<String> {
    let listed = operation.get("tags").and_then(Value::as_array).into_iter().flatten().take(16);
    listed.filter_map(Value::as_str).filter_map(|tag| words::line(tag, 40)).collect()
}
