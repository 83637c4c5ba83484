//! What an action takes, and where each of it goes, as its input schema says.
//!
//! Only names, places and defaults are read; applying the schema is the host's, before a call gets here.

use portcullis_plugin::{Refusal, Value};

use crate::refused;
use crate::schema::{DefaultValue, Entries, Only, Properties};

/// The inputs of an action by place; a place that takes nothing is not there.
#[derive(Debug, PartialEq)]
pub(crate) struct Inputs {
    pub(crate) path: Option<Place>,
    pub(crate) query: Option<Place>,
    pub(crate) body: Option<Place>,
}

/// What one place takes.
#[derive(Debug, PartialEq)]
pub(crate) enum Place {
    /// Inputs by name.
    Named(Named),
    /// One value, which only a body can be.
    Whole,
}

/// Inputs in the order in which the schema has them, each with what is sent where the caller gives nothing.
pub(crate) type Named = Vec<(String, Option<Value>)>;

impl Inputs {
    /// Reads an input schema.
    ///
    /// # Errors
    /// Where it has another shape than the host gives to those of declarative actions.
    pub(crate) fn read(schema: &str) -> Result<Self, Refusal> {
        type Written = Only<Properties, Entries<Only<DefaultValue, Value>>>;
        let places: Only<Properties, Entries<Written>> = serde_json::from_str(schema).map_err(|_| refused::broken())?;
        let mut inputs = Self { path: None, query: None, body: None };
        for (name, written) in places.found().map(|Entries(places)| places).unwrap_or_default() {
            let place = match written.found() {
                Some(Entries(named)) => {
                    Place::Named(named.into_iter().map(|(name, input)| (name, input.found())).collect())
                }
                None => Place::Whole,
            };
            let kept = match name.as_str() {
                "path" => &mut inputs.path,
                "query" => &mut inputs.query,
                "body" => &mut inputs.body,
                _ => return Err(refused::broken()),
            };
            if kept.replace(place).is_some() {
                return Err(refused::broken());
            }
        }
        Ok(inputs)
    }
}
