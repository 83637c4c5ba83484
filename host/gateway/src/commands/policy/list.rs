//! `portcullis policy list`: the rules that hold.

use anyhow::Result;
use portcullis_model::Shown;
use portcullis_policy::Mode;
use serde_json::json;

use super::{Done, complain, rules};
use crate::home::Home;
use crate::settings::Settings;
use crate::terminal::{self, DIM, styled};

pub(super) fn run(as_json: bool) -> Result<Done> {
    let home = Home::find()?;
    let settings = Settings::read(home.settings())?;
    let rules = match rules(&home, &settings)? {
        Ok(rules) => rules,
        Err(problems) => {
            if as_json {
                terminal::json(&json!({"digest": null, "problems": problems}))?;
            } else {
                complain(&problems);
            }
            return Ok(Done::No);
        }
    };
    let lines = rules.lines();
    if as_json {
        terminal::json(&json!({
            "digest": rules.digest(), "timezone": rules.words().timezone(), "groups": rules.words().groups(),
            "files": rules.files(), "rules": lines, "problems": [],
        }))?;
        return Ok(Done::Well);
    }
    let row = |line: &portcullis_policy::RuleLine| {
        let mode = match line.mode {
            Mode::Enforced => "enforced",
            Mode::Shadow => "shadow",
        };
        vec![
            line.id.clone(),
            line.effect.to_owned(),
            mode.to_owned(),
            line.why.as_deref().map(|why| Shown::new(why).to_string()).unwrap_or_default(),
        ]
    };
    terminal::table(&lines.iter().map(row).collect::<Vec<_>>());
    let zone = rules.words().timezone();
    terminal::note(styled(DIM, format_args!("{} (times in {zone}), {}", home.policies().display(), rules.digest())));
    Ok(Done::Well)
}
