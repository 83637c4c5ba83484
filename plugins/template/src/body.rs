//! The body: an object or a form of named inputs, or one value as it was given.

use portcullis_plugin::{Body, BodyMode, Refusal, Value};

use crate::fill::{Filled, filled};
use crate::inputs::Place;
use crate::{query, refused};

/// The body that an action of this mode sends.
pub(crate) fn body(mode: BodyMode, place: Option<&Place>, given: Option<&Value>) -> Result<Option<Body>, Refusal> {
    let inputs = match place {
        None => None,
        Some(Place::Named(inputs)) => Some(filled("body", inputs, given)?),
        Some(Place::Whole) if mode == BodyMode::Json => {
            return Ok(given.map(|value| Body::Json(value.to_string())));
        }
        Some(Place::Whole) => return Err(refused::broken()),
    };
    match (mode, inputs) {
        (BodyMode::None | BodyMode::Json, None) => Ok(None),
        (BodyMode::Json, Some(inputs)) => Ok(Some(Body::Json(object(inputs)))),
        (BodyMode::Form, inputs) => fields(inputs.unwrap_or_default()).map(Some),
        // No declarative action has these; what they would take could not be sent.
        (BodyMode::None, Some(_)) | (BodyMode::Text, _) => Err(refused::broken()),
    }
}

/// Sent even where it is empty: the service was promised an object.
fn object(inputs: Filled<'_>) -> String {
    let members = inputs.into_iter().map(|(name, value)| (name.to_owned(), value.clone()));
    Value::Object(members.collect()).to_string()
}

fn fields(inputs: Filled<'_>) -> Result<Body, Refusal> {
    let mut fields = Vec::new();
    for (name, value) in inputs {
        let text = query::scalar(&["body", name], value)?;
        fields.extend(text.map(|text| (name.to_owned(), text)));
    }
    Ok(Body::Form(fields))
}
