//! A route: where each property of one flat input object goes in a request.

use serde_json::{Map, Value};

use crate::template::{Part, parts};
use crate::{Action, Body, BodyMode, Method, QueryText, Refusal, Request};

/// Where the properties of a flat input go: into the path, the query or the body.
///
/// One constant serves both halves of a plugin, so that what it declares and what it describes cannot
/// drift apart: [`action`](Self::action) starts the declaration, [`request`](Self::request) describes a call.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    method: Method,
    path: &'static str,
    query: &'static [&'static str],
    fields: &'static [&'static str],
    body: BodyMode,
}

impl Route {
    /// A route of any method, without query or body.
    #[must_use]
    pub const fn new(method: Method, path: &'static str) -> Self {
        Self { method, path, query: &[], fields: &[], body: BodyMode::None }
    }

    /// A GET, such as `Route::get("/v1/agents/{agent_id}")`.
    #[must_use]
    pub const fn get(path: &'static str) -> Self {
        Self::new(Method::Get, path)
    }

    /// A POST.
    #[must_use]
    pub const fn post(path: &'static str) -> Self {
        Self::new(Method::Post, path)
    }

    /// A PUT.
    #[must_use]
    pub const fn put(path: &'static str) -> Self {
        Self::new(Method::Put, path)
    }

    /// A PATCH.
    #[must_use]
    pub const fn patch(path: &'static str) -> Self {
        Self::new(Method::Patch, path)
    }

    /// A DELETE.
    #[must_use]
    pub const fn delete(path: &'static str) -> Self {
        Self::new(Method::Delete, path)
    }

    /// The properties that become query pairs, in this order.
    #[must_use]
    pub const fn query(mut self, keys: &'static [&'static str]) -> Self {
        self.query = keys;
        self
    }

    /// The properties that become members of a JSON object, in this order. The body is sent even when all are absent.
    #[must_use]
    pub const fn json(mut self, fields: &'static [&'static str]) -> Self {
        self.fields = fields;
        self.body = BodyMode::Json;
        self
    }

    /// The properties that become form fields, in this order. The body is sent even when all are absent.
    #[must_use]
    pub const fn form(mut self, fields: &'static [&'static str]) -> Self {
        self.fields = fields;
        self.body = BodyMode::Form;
        self
    }

    /// Every input property this route knows: those of the path, of the query, then of the body.
    pub fn properties(&self) -> impl Iterator<Item = &'static str> {
        let path = parts(self.path).filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::One(name) | Part::Many(name) => Some(name),
        });
        path.chain(self.query.iter().copied()).chain(self.fields.iter().copied())
    }

    /// An action with this route's method, path, query keys and body mode.
    #[must_use]
    pub fn action(&self, slug: &str) -> Action {
        Action::new(self.method, slug, self.path).query(self.query).body(self.body)
    }

    /// The request for `input`.
    ///
    /// # Errors
    /// Refuses an input that is no object, a property without a place (it is never sent, and never dropped in
    /// silence), a path property that is missing, and one that is neither text nor a whole number.
    pub fn request(&self, input: &Value) -> Result<Request, Refusal> {
        let Value::Object(input) = input else {
            return Err(Refusal::invalid_input("the input must be a JSON object"));
        };
        for name in input.keys() {
            if !self.properties().any(|known| known == name) {
                return Err(Refusal::invalid_input(&format!("`{name}` has no place in the request")).at(name));
            }
        }
        let mut request = Request::new(self.method, self.segments(input)?);
        for (key, value) in present(self.query, input) {
            request = request.query(key, value);
        }
        request.body = self.body(input);
        Ok(request)
    }

    fn segments(&self, input: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
        let mut segments = Vec::new();
        for part in parts(self.path) {
            match part {
                Part::Literal(text) => segments.push(text.to_owned()),
                Part::One(name) => segments.push(segment(name, input.get(name))?),
                Part::Many(name) => {
                    let Some(Value::Array(values)) = input.get(name) else {
                        return Err(unfit(name));
                    };
                    for value in values {
                        segments.push(segment(name, Some(value))?);
                    }
                }
            }
        }
        Ok(segments)
    }

    fn body(&self, input: &Map<String, Value>) -> Option<Body> {
        let fields = present(self.fields, input);
        match self.body {
            BodyMode::Json => {
                let object: Map<String, Value> = fields.map(|(name, value)| (name.to_owned(), value.clone())).collect();
                Some(Body::Json(Value::Object(object).to_string()))
            }
            BodyMode::Form => {
                Some(Body::Form(fields.map(|(name, value)| (name.to_owned(), value.query_text())).collect()))
            }
            BodyMode::None | BodyMode::Text => None,
        }
    }
}

/// The named properties that the input has, in the order of `names` and not of the input.
fn present<'a>(
    names: &'static [&'static str],
    input: &'a Map<String, Value>,
) -> impl Iterator<Item = (&'static str, &'a Value)> {
    names.iter().filter_map(|&name| input.get(name).map(|value| (name, value)))
}

fn segment(name: &str, value: Option<&Value>) -> Result<String, Refusal> {
    match value {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Number(number)) if !number.is_f64() => Ok(number.to_string()),
        _ => Err(unfit(name)),
    }
}

fn unfit(name: &str) -> Refusal {
    Refusal::invalid_input(&format!("`{name}` is part of the path and must be given as text or a whole number"))
        .at(name)
}

#[cfg(test)]
mod tests;
