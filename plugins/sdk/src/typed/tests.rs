//! A list of typed actions declares and describes each by its own type.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Action, Refusal, RefusalReason, Request, Typed, TypedAction};

#[derive(Deserialize, JsonSchema)]
struct Look {
    /// Where.
    city: String,
}

impl TypedAction for Look {
    const SLUG: &'static str = "look";

    fn declare() -> Action {
        Action::get(Self::SLUG, "/v1/{city}").description("Looks.").automatic()
    }

    fn request(self) -> Result<Request, Refusal> {
        if self.city.is_empty() {
            return Err(Refusal::invalid_input("a city has a name").at("city"));
        }
        Ok(Request::get(["v1", &self.city]))
    }
}

#[derive(Deserialize, JsonSchema)]
struct Rest {}

impl TypedAction for Rest {
    const SLUG: &'static str = "rest";

    fn declare() -> Action {
        Action::post(Self::SLUG, "/v1/rest").description("Rests.")
    }

    fn request(self) -> Result<Request, Refusal> {
        Ok(Request::post(["v1", "rest"]).json(json!({})))
    }
}

const BOTH: &[Typed] = &[Typed::of::<Look>(), Typed::of::<Rest>()];

fn refused(action: &str, input: Value) -> Refusal {
    Typed::describe(BOTH, action, &input).unwrap_err()
}

#[test]
fn each_is_declared_with_the_schema_of_its_type() {
    let declared: Vec<Action> = BOTH.iter().map(Typed::declare).collect();
    assert_eq!(declared.iter().map(|action| action.slug.as_str()).collect::<Vec<_>>(), ["look", "rest"]);
    let schema: Value = declared[0].input_schema.parse().unwrap();
    assert_eq!(schema["required"], json!(["city"]));
    let none: Value = declared[1].input_schema.parse().unwrap();
    assert_eq!(none["additionalProperties"], false);
}

#[test]
fn each_describes_its_own() {
    assert_eq!(Typed::describe(BOTH, "look", &json!({"city": "oslo"})), Ok(Request::get(["v1", "oslo"])));
    let rest = Typed::describe(BOTH, "rest", &json!({})).unwrap();
    assert_eq!(rest.path, ["v1", "rest"]);
}

#[test]
fn what_is_no_input_of_the_type_is_refused_and_so_is_an_unknown_action() {
    assert_eq!(refused("look", json!({"city": 7})).reason, RefusalReason::InvalidInput);
    assert_eq!(refused("look", json!({"city": ""})).pointer.as_deref(), Some("/city"));
    assert_eq!(refused("look", json!([])).reason, RefusalReason::InvalidInput);
    assert_eq!(refused("sleep", json!({})).reason, RefusalReason::UnknownAction);
}
