//! Inputs that break a schema in one place, by name.
//!
//! Only what no branch of the schema could still allow is called certain: the real check must refuse it, or the check is
//! at fault.

use serde_json::{Map, Value, json};

use super::maker::target;
use super::points::{escaped, is_of};

/// Most violations of one input.
const MAX_VIOLATIONS: usize = 600;

/// Most subschemas that apply to one place.
const MAX_TOGETHER: usize = 64;

/// An input that breaks one rule.
#[derive(Debug, Clone)]
pub(crate) struct Violation {
    /// Which rule, and where.
    pub(crate) name: String,
    /// JSON text of the input, or what only looks like it.
    pub(crate) text: String,
}

/// What breaks a schema, made of an input that passes it.
pub(crate) fn violations(root: &Value, input: &Value) -> Vec<Violation> {
    let mut breaker = Breaker { root, input, found: Vec::new() };
    breaker.place(&[root], input, String::new());
    breaker.found
}

/// What is not even strict JSON, made of an input that is.
pub(crate) fn unreadable(input: &str) -> Vec<Violation> {
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    let mut texts = vec![
        ("nothing", String::new()),
        ("cut short", input.chars().take(input.chars().count().saturating_sub(1)).collect()),
        ("followed by more", format!("{input} {input}")),
        ("after a byte order mark", format!("\u{feff}{input}")),
        ("with a comment", format!("{input}/**/")),
        ("half of a surrogate pair", r#"{"\ud83d":0}"#.to_owned()),
        ("a number out of range", r#"{"a":1e999}"#.to_owned()),
        ("no number", r#"{"a":NaN}"#.to_owned()),
        ("a key twice", r#"{"a":1,"a":1}"#.to_owned()),
        ("a control character", "{\"a\":\"\u{1}\"}".to_owned()),
        ("too deep", deep),
    ];
    if let Some(rest) = input.strip_prefix('{')
        && let Ok(Value::Object(members)) = serde_json::from_str(input)
        && let Some((name, value)) = members.iter().next()
    {
        // The same value again: a parser that takes either would not notice.
        texts.push(("its first key twice", format!("{{{}:{value},{rest}", Value::from(name.as_str()))));
    }
    texts.into_iter().map(|(name, text)| Violation { name: format!("strict JSON: {name}"), text }).collect()
}

struct Breaker<'a> {
    root: &'a Value,
    input: &'a Value,
    found: Vec<Violation>,
}

impl<'a> Breaker<'a> {
    /// Breaks each rule that certainly applies to one place.
    fn place(&mut self, schemas: &[&'a Value], value: &'a Value, at: String) {
        let mut applying: Vec<&'a Map<String, Value>> = Vec::new();
        let mut waiting = schemas.to_vec();
        while let Some(schema) = waiting.pop() {
            let Value::Object(map) = schema else { continue };
            if applying.len() >= MAX_TOGETHER {
                return;
            }
            applying.push(map);
            waiting.extend(map.get("$ref").and_then(Value::as_str).and_then(|reference| target(self.root, reference)));
            waiting.extend(map.get("allOf").and_then(Value::as_array).into_iter().flatten());
        }
        for map in &applying {
            self.kind(map, &at);
            match value {
                Value::String(text) => self.text(map, text, &at),
                Value::Number(_) => self.number(map, &at),
                Value::Array(items) => self.list(map, items, &at),
                Value::Object(members) => self.object(map, members, &at),
                Value::Null | Value::Bool(_) => {}
            }
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let inner: Vec<&Value> =
                        applying.iter().filter_map(|map| map.get("properties")?.as_object()?.get(name)).collect();
                    self.place(&inner, member, format!("{at}/{}", escaped(name)));
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate().take(2) {
                    let of = |map: &&'a Map<String, Value>| {
                        let first = map.get("prefixItems").and_then(Value::as_array);
                        match first.and_then(|first| first.get(index)) {
                            Some(schema) => Some(schema),
                            None => map.get("items"),
                        }
                    };
                    let inner: Vec<&Value> = applying.iter().filter_map(of).collect();
                    self.place(&inner, item, format!("{at}/{index}"));
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, rule: &str, at: &str, new: Value) {
        if self.found.len() >= MAX_VIOLATIONS {
            return;
        }
        let mut broken = self.input.clone();
        let Some(place) = broken.pointer_mut(at) else { return };
        *place = new;
        let name = format!("{} {rule}", if at.is_empty() { "/" } else { at });
        self.found.push(Violation { name, text: broken.to_string() });
    }

    fn kind(&mut self, map: &Map<String, Value>, at: &str) {
        let allowed: Vec<&str> = match map.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !allowed.is_empty() {
            for other in [Value::Null, json!(true), json!(7), json!(0.5), json!("text"), json!([]), json!({})] {
                if !allowed.iter().any(|kind| is_of(&other, kind)) {
                    self.add(&format!("of another type: {other}"), at, other);
                }
            }
        }
        let listed = |value: &Value| {
            map.get("enum").and_then(Value::as_array).is_some_and(|list| !list.contains(value))
                || map.get("const").is_some_and(|only| only != value)
        };
        for other in [json!("no such value"), json!(-918_273), json!({"no": "such"})] {
            if listed(&other) {
                self.add(&format!("not among the listed values: {other}"), at, other);
            }
        }
    }

    fn text(&mut self, map: &Map<String, Value>, text: &str, at: &str) {
        let bound =
            |keyword: &str| map.get(keyword).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
        if let Some(least) = bound("minLength").filter(|least| *least > 0) {
            self.add(
                "one character short",
                at,
                text.chars().chain("a".chars().cycle()).take(least - 1).collect::<String>().into(),
            );
        }
        if let Some(most) = bound("maxLength").filter(|most| *most < 100_000) {
            self.add(
                "one character long",
                at,
                text.chars().chain("a".chars().cycle()).take(most + 1).collect::<String>().into(),
            );
        }
        if let Some(pattern) = map.get("pattern").and_then(Value::as_str)
            && let Ok(pattern) = regex::Regex::new(pattern)
        {
            let unfit = ["", "\u{1}", "../..", "a b\r\n", "\u{202e}", "%2f", "0", "a", "!"];
            for other in unfit.iter().filter(|other| !pattern.is_match(other)) {
                self.add(&format!("against its pattern: {}", Value::from(*other)), at, (*other).into());
            }
        }
    }

    fn number(&mut self, map: &Map<String, Value>, at: &str) {
        let bound = |keyword: &str| map.get(keyword).and_then(Value::as_f64);
        for (keyword, off) in
            [("minimum", -1.0), ("maximum", 1.0), ("exclusiveMinimum", 0.0), ("exclusiveMaximum", 0.0)]
        {
            if let Some(bound) = bound(keyword).filter(|bound| bound.abs() < 9e14) {
                let whole = bound.fract() == 0.0;
                let broken = if whole { Value::from((bound + off) as i64) } else { json!(bound + off) };
                self.add(&format!("beyond its {keyword}"), at, broken);
            }
        }
        if let Some(step) = bound("multipleOf").filter(|step| step.fract() == 0.0 && *step > 1.0 && *step < 9e14) {
            self.add("between its steps", at, Value::from(step as i64 + 1));
        }
    }

    fn list(&mut self, map: &Map<String, Value>, items: &[Value], at: &str) {
        let bound =
            |keyword: &str| map.get(keyword).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
        if let Some(least) = bound("minItems").filter(|least| (1..=items.len()).contains(least)) {
            self.add("one item short", at, items[..least - 1].to_vec().into());
        }
        let first = items.first();
        if let (Some(most), Some(first)) = (bound("maxItems").filter(|most| *most < 500), first) {
            let many: Vec<Value> = items.iter().chain(std::iter::repeat(first)).take(most + 1).cloned().collect();
            self.add("one item long", at, many.into());
        }
        if map.get("uniqueItems") == Some(&Value::Bool(true))
            && let Some(first) = first
        {
            self.add("an item twice", at, items.iter().chain([first]).cloned().collect::<Vec<_>>().into());
        }
    }

    fn object(&mut self, map: &Map<String, Value>, members: &Map<String, Value>, at: &str) {
        for name in map.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            let mut fewer = members.clone();
            fewer.shift_remove(name);
            self.add(&format!("without {}", Value::from(name)), at, fewer.into());
        }
        let name = "x-not-declared";
        let closed =
            map.get("additionalProperties") == Some(&Value::Bool(false)) && !map.contains_key("patternProperties");
        if closed && !map.get("properties").and_then(Value::as_object).is_some_and(|known| known.contains_key(name)) {
            let mut more = members.clone();
            more.insert(name.to_owned(), Value::Bool(true));
            self.add("with a member that is not declared", at, more.into());
        }
        let bound =
            |keyword: &str| map.get(keyword).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
        if let Some(least) = bound("minProperties").filter(|least| (1..=members.len()).contains(least)) {
            let fewer: Map<String, Value> =
                members.iter().take(least - 1).map(|(k, v)| (k.clone(), v.clone())).collect();
            self.add("one member short", at, fewer.into());
        }
        if let Some(most) = bound("maxProperties").filter(|most| *most < 500) {
            let mut many = members.clone();
            for index in 0..=most {
                if many.len() <= most {
                    many.insert(format!("x{index}"), Value::Bool(true));
                }
            }
            if many.len() > most {
                self.add("one member long", at, many.into());
            }
        }
    }
}
