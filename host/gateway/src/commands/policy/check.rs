//! `portcullis policy check`: rule files held against what is installed. Runs no plugin.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use portcullis_model::{Binding, Manifest};
use portcullis_policy::RuleSet;
use portcullis_store::{Store, StoreConfig};
use serde_json::json;

use super::{Done, complain, rule_file, rules};
use crate::home::Home;
use crate::settings::Settings;
use crate::terminal::{self, GREEN, styled};

pub(super) fn run(files: &[PathBuf], as_json: bool) -> Result<Done> {
    let home = Home::find()?;
    let settings = Settings::read(home.settings())?;
    let rules = if files.is_empty() {
        rules(&home, &settings)?
    } else {
        let files = files.iter().map(|path| rule_file(path)).collect::<Result<Vec<_>>>()?;
        RuleSet::new(settings.rules()?, &files)
    };
    let (problems, summary) = match rules {
        Err(problems) => (problems, None),
        Ok(rules) => {
            let bindings = installed(&home, &settings)?;
            let problems = rules.check(&bindings.iter().collect::<Vec<_>>());
            let own: usize = rules.files().iter().map(|file| file.rules).sum();
            (
                problems,
                Some(format!("{own} rules in {} files, against {} actions", rules.files().len(), bindings.len())),
            )
        }
    };
    let well = problems.iter().all(|problem| problem.warning);
    if as_json {
        terminal::json(&json!({"ok": well, "problems": problems}))?;
    } else {
        complain(&problems);
        if let (true, Some(summary)) = (well, summary) {
            terminal::say(format_args!("{} {summary}", styled(GREEN, "ok")));
        }
    }
    Ok(if well { Done::Well } else { Done::No })
}

/// Every installed action, as its manifest declares it.
pub(super) fn installed(home: &Home, settings: &Settings) -> Result<Vec<Binding>> {
    home.prepare()?;
    let store = Store::open(StoreConfig::new(home.state())).context("the host's database cannot be opened")?;
    let mut bindings = Vec::new();
    for line in store.installed_all()? {
        let Some(plugin) = store.installed(&line.port)? else { continue };
        let Ok(manifest) = Manifest::check(plugin.manifest) else { continue };
        let origin = settings.origin(&line.port)?;
        let bind = |slug| Binding::new(&manifest, slug, line.digest, origin.clone());
        bindings.extend(manifest.actions().iter().filter_map(|action| bind(&action.slug)));
    }
    Ok(bindings)
}
