//! `portcullis policy schema`: what rules can ask about.

use anyhow::Result;
use portcullis_model::{ActionId, Code, Refusal};
use portcullis_policy::{SCHEMA, schema_of};

use super::Done;
use super::check::installed;
use crate::home::Home;
use crate::settings::Settings;
use crate::terminal;

pub(super) fn run(action: Option<&ActionId>, json: bool) -> Result<Done> {
    let Some(id) = action else {
        return say(SCHEMA, json);
    };
    let home = Home::find()?;
    let bindings = installed(&home, &Settings::read(home.settings())?)?;
    let Some(binding) = bindings.iter().find(|binding| binding.id() == *id) else {
        let refusal = Refusal::new(Code::UnknownAction, format!("there is no action `{id}`"));
        return Err(refusal.fix("portcullis actions").into());
    };
    say(&schema_of(binding.action()), json)
}

fn say(schema: &str, json: bool) -> Result<Done> {
    if json {
        terminal::json(&serde_json::json!({ "schema": schema }))?;
    } else {
        terminal::say(schema.trim_end());
    }
    Ok(Done::Well)
}
