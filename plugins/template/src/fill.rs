//! From an input to a request: each input goes where the schema names it, and what it does not name goes nowhere.

use portcullis_plugin::{Action, Refusal, Request, Value};

use crate::inputs::{Inputs, Named, Place};
use crate::{body, path, query, refused};

/// What is sent in one place: what the caller gave or else the default, in the order of the schema.
pub(crate) type Filled<'a> = Vec<(&'a str, &'a Value)>;

/// The request that an input stands for.
///
/// # Errors
/// Refuses what has no place, what is missing in the path, and what cannot be written where it goes.
pub(crate) fn request(action: &Action, input: &Value) -> Result<Request, Refusal> {
    let inputs = Inputs::read(&action.input_schema)?;
    let Value::Object(given) = input else {
        return Err(Refusal::invalid_input("the input must be a JSON object"));
    };
    for (name, place) in [("path", &inputs.path), ("query", &inputs.query), ("body", &inputs.body)] {
        if place.is_none() && given.contains_key(name) {
            return Err(refused::input(&[name], "is taken nowhere by this action"));
        }
    }
    if let Some(name) = given.keys().find(|name| !matches!(name.as_str(), "path" | "query" | "body")) {
        return Err(refused::input(&[name], "has no place in the request"));
    }
    let path = named("path", inputs.path.as_ref(), given.get("path"))?;
    let query = named("query", inputs.query.as_ref(), given.get("query"))?;
    let mut request = Request::new(action.method, path::segments(&action.path, &path)?);
    request.query = query::pairs(&action.query, &query)?;
    request.body = body::body(action.body, inputs.body.as_ref(), given.get("body"))?;
    Ok(request)
}

/// What goes into the path or the query.
fn named<'a>(name: &str, place: Option<&'a Place>, given: Option<&'a Value>) -> Result<Filled<'a>, Refusal> {
    match place {
        None => Ok(Vec::new()),
        Some(Place::Named(inputs)) => filled(name, inputs, given),
        // Only a body is one value.
        Some(Place::Whole) => Err(refused::broken()),
    }
}

/// What is sent of a place whose inputs have names. One that is left out whole is as good as empty.
pub(crate) fn filled<'a>(place: &str, inputs: &'a Named, given: Option<&'a Value>) -> Result<Filled<'a>, Refusal> {
    let given = match given {
        None => None,
        Some(Value::Object(given)) => Some(given),
        Some(_) => return Err(refused::input(&[place], "must be a JSON object")),
    };
    let unnamed = |name: &&String| !inputs.iter().any(|(input, _)| input == *name);
    if let Some(name) = given.and_then(|given| given.keys().find(unnamed)) {
        return Err(refused::input(&[place, name], "has no place in the request"));
    }
    let sent = inputs.iter().filter_map(|(name, default)| {
        let value = given.and_then(|given| given.get(name)).or(default.as_ref())?;
        Some((name.as_str(), value))
    });
    Ok(sent.collect())
}
