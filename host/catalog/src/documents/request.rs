//! How an input becomes a request: the host's own reckoning, against which the template component is tried at install.
//!
//! Written apart from the template on purpose. Does not check the input against its schema beyond the names of its
//! members, nor the request against the rules for requests; `registry` and `model` do.

use portcullis_model::{Body, BodyMode, Description, Method, Problem};
use serde_json::{Map, Value};

use crate::documents::found::{item, member};

/// The part of a declaration that a request depends on.
pub(crate) struct Declared<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a [String],
    pub(crate) body: BodyMode,
    pub(crate) input_schema: &'a Value,
}

type Made<T> = Result<T, Problem>;

impl Declared<'_> {
    /// The request for an input.
    ///
    /// # Errors
    /// The first place of the input that cannot become part of a request.
    pub(crate) fn request(&self, input: &Value) -> Made<Description> {
        let given = object(input, "")?;
        let parts = self.input_schema.get("properties").and_then(Value::as_object);
        only_known(given, "", parts)?;
        let path = self.with_defaults(given, "path")?;
        let query = self.with_defaults(given, "query")?;
        Ok(Description {
            method: self.method,
            path: segments(self.path, &path)?,
            query: self.query(&query)?,
            headers: Vec::new(),
            body: self.body(given)?,
        })
    }

    /// Schemas of a part's members, in order; `None` where the part is one value or takes nothing.
    fn members(&self, part: &str) -> Option<&Map<String, Value>> {
        self.input_schema.get("properties")?.get(part)?.get("properties")?.as_object()
    }

    /// What is given, and the defaults of what is not, in the schema's order.
    fn with_defaults(&self, given: &Map<String, Value>, part: &str) -> Made<Map<String, Value>> {
        let Some(members) = self.members(part) else { return Ok(Map::new()) };
        let at = member("", part);
        let nothing = Map::new();
        let given = match given.get(part) {
            Some(value) => object(value, &at)?,
            None => &nothing,
        };
        only_known(given, &at, Some(members))?;
        let value = |(name, schema): (&String, &Value)| {
            let value = given.get(name).or_else(|| schema.get("default"))?;
            Some((name.clone(), value.clone()))
        };
        Ok(members.iter().filter_map(value).collect())
    }

    fn query(&self, values: &Map<String, Value>) -> Made<Vec<(String, String)>> {
        let mut pairs = Vec::new();
        for key in self.query {
            let Some(value) = values.get(key) else { continue };
            let at = member("/query", key);
            let text = match value {
                Value::Array(items) => {
                    let texts: Made<Vec<String>> =
                        items.iter().enumerate().map(|(n, v)| scalar(v, &item(&at, n))).collect();
                    let texts = texts?;
                    if texts.is_empty() {
                        continue;
                    }
                    texts.join(",")
                }
                Value::Null => continue,
                other => scalar(other, &at)?,
            };
            pairs.push((key.clone(), text));
        }
        Ok(pairs)
    }

    fn body(&self, given: &Map<String, Value>) -> Made<Option<Body>> {
        let values = self.with_defaults(given, "body")?;
        Ok(match (self.body, self.members("body")) {
            (BodyMode::Json, Some(_)) => Some(Body::Json(Value::Object(values).to_string())),
            (BodyMode::Json, None) => given.get("body").map(|value| Body::Json(value.to_string())),
            (BodyMode::Form, _) => {
                let mut fields = Vec::new();
                for (name, value) in values.iter().filter(|(_, value)| !value.is_null()) {
                    fields.push((name.clone(), scalar(value, &member("/body", name))?));
                }
                Some(Body::Form(fields))
            }
            (BodyMode::None | BodyMode::Text, _) => None,
        })
    }
}

fn problem<T>(at: &str, what: &str) -> Made<T> {
    Err(Problem { at: at.to_owned(), what: what.to_owned() })
}

fn object<'a>(value: &'a Value, at: &str) -> Made<&'a Map<String, Value>> {
    value.as_object().map_or_else(|| problem(at, "expected an object"), Ok)
}

fn only_known(given: &Map<String, Value>, at: &str, known: Option<&Map<String, Value>>) -> Made<()> {
    match given.keys().find(|name| !known.is_some_and(|known| known.contains_key(*name))) {
        Some(name) => problem(&member(at, name), "is not known to the action"),
        None => Ok(()),
    }
}

fn scalar(value: &Value, at: &str) -> Made<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        _ => problem(at, "expected text, a number or a truth value"),
    }
}

fn segment(value: &Value, at: &str) -> Made<String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
        _ => problem(at, "expected text or a whole number"),
    }
}

fn segments(template: &str, values: &Map<String, Value>) -> Made<Vec<String>> {
    let mut segments = Vec::new();
    for piece in template.split('/').skip(1).filter(|piece| !piece.is_empty()) {
        let Some(name) = piece.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            segments.push(piece.to_owned());
            continue;
        };
        let (name, is_rest) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
        let at = member("/path", name);
        match values.get(name) {
            None => return problem(&at, "is missing"),
            Some(Value::Array(items)) if is_rest => {
                for (index, value) in items.iter().enumerate() {
                    segments.push(segment(value, &item(&at, index))?);
                }
            }
            Some(_) if is_rest => return problem(&at, "expected a list of segments"),
            Some(value) => segments.push(segment(value, &at)?),
        }
    }
    Ok(segments)
}

#[cfg(test)]
mod tests;
