//! Numbers within bounds: one where one will do, else the least.

use serde_json::{Map, Number, Value};

/// A whole number.
pub(super) fn whole(schema: &Map<String, Value>) -> Option<Value> {
    let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    // Beyond what a double counts exactly nothing is made.
    let exact = |value: f64| (value.abs() < 9e15).then_some(value as i64);
    let least = [bound("minimum").map(f64::ceil), bound("exclusiveMinimum").map(|b| b.floor() + 1.0)];
    let most = [bound("maximum").map(f64::floor), bound("exclusiveMaximum").map(|b| b.ceil() - 1.0)];
    let least = exact(least.into_iter().flatten().fold(-9e14, f64::max))?;
    let most = exact(most.into_iter().flatten().fold(9e14, f64::min))?;
    let step = match bound("multipleOf") {
        None => 1,
        Some(step) if step.fract() == 0.0 && step > 0.0 => exact(step)?,
        Some(_) => return None,
    };
    // The nearest multiple from one, or from the nearer bound.
    let from = 1.clamp(least, most.max(least));
    let up = from.checked_add((step - from.rem_euclid(step)) % step)?;
    let found = if up <= most { up } else { from - from.rem_euclid(step) };
    (least..=most).contains(&found).then(|| found.into())
}

/// Any number: a whole one, or one halfway between bounds that have none between them.
pub(super) fn any(schema: &Map<String, Value>) -> Option<Value> {
    if let Some(value) = whole(schema) {
        return Some(value);
    }
    let bound = |keywords: [&str; 2]| keywords.iter().find_map(|keyword| schema.get(*keyword)?.as_f64());
    if let Some(step) = schema.get("multipleOf").and_then(Value::as_f64) {
        return Number::from_f64(step).map(Value::Number);
    }
    let (least, most) = (bound(["exclusiveMinimum", "minimum"])?, bound(["exclusiveMaximum", "maximum"])?);
    Number::from_f64((least + most) / 2.0).map(Value::Number)
}
