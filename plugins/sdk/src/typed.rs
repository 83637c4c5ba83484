//! Actions whose input is a struct: one type is the schema that the host checks and the value that a call gets.
//!
//! Only with the feature `typed`, which brings `schemars`: a plugin with schemas of its own does not pay for it.
//!
//! ```
//! use portcullis_plugin::{Action, Refusal, Request, Typed, TypedAction, json};
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Forecast {
//!     /// Name of the city.
//!     #[schemars(length(min = 1, max = 80))]
//!     city: String,
//! }
//!
//! impl TypedAction for Forecast {
//!     const SLUG: &'static str = "forecast";
//!
//!     fn declare() -> Action {
//!         Action::get(Self::SLUG, "/v2/{city}").description("The forecast for one city.").automatic()
//!     }
//!
//!     fn request(self) -> Result<Request, Refusal> {
//!         Ok(Request::get(["v2", &self.city]))
//!     }
//! }
//!
//! const ACTIONS: &[Typed] = &[Typed::of::<Forecast>()];
//! let described = Typed::describe(ACTIONS, "forecast", &json!({"city": "oslo"}));
//! assert_eq!(described, Ok(Request::get(["v2", "oslo"])));
//! ```

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Action, Refusal, Request};

/// An action whose input is this type. [`Typed`] makes a list of them.
pub trait TypedAction: DeserializeOwned + JsonSchema {
    /// The action's name.
    const SLUG: &'static str;

    /// What it declares, but for its input schema, which is that of this type.
    fn declare() -> Action;

    /// The request for this input.
    ///
    /// # Errors
    /// A [`Refusal`] where the input passed the schema and still makes no request.
    fn request(self) -> Result<Request, Refusal>;
}

/// One [`TypedAction`], without its type: an item of a plugin's list.
#[derive(Debug, Clone, Copy)]
pub struct Typed {
    slug: &'static str,
    declare: fn() -> Action,
    describe: fn(&Value) -> Result<Request, Refusal>,
}

impl Typed {
    /// The action of a type.
    #[must_use]
    pub const fn of<T: TypedAction>() -> Self {
        Self { slug: T::SLUG, declare: declare::<T>, describe: describe::<T> }
    }

    /// Its declaration, input schema included.
    #[must_use]
    pub fn declare(&self) -> Action {
        (self.declare)()
    }

    /// The request that one of these actions makes of an input.
    ///
    /// # Errors
    /// A [`Refusal`] for an action that is not among them, or whatever the action says.
    pub fn describe(actions: &[Self], action: &str, input: &Value) -> Result<Request, Refusal> {
        let found = actions.iter().find(|typed| typed.slug == action);
        (found.ok_or_else(|| Refusal::unknown_action(action))?.describe)(input)
    }
}

fn declare<T: TypedAction>() -> Action {
    T::declare().input_of::<T>()
}

fn describe<T: TypedAction>(input: &Value) -> Result<Request, Refusal> {
    T::deserialize(input)
        .map_err(|error| Refusal::invalid_input(&format!("the input is not what the schema says: {error}")))?
        .request()
}

#[cfg(test)]
mod tests;
