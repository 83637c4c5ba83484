//! Writes what came into the cases that expected something else.

use std::fs;
use std::path::{Path, PathBuf};

use portcullis_model::{Refusal, parse_strict};

use super::file::{CaseFile, read, wrong};
use super::{Ended, Expected, Origin, Ran};

/// Writes what came into the files of cases that did not end well, and gives their paths. Worked examples stay as they
/// are: they stand in the plugin's own source.
///
/// # Errors
/// `bad-request` where a file cannot be written, or is not the case that was run any more.
pub fn bless(ran: &[Ran]) -> Result<Vec<PathBuf>, Refusal> {
    let mut blessed = Vec::new();
    for ran in ran.iter().filter(|ran| ran.ended != Ended::Well) {
        let Origin::File(path) = &ran.case.origin else { continue };
        let mut file = read(path)?;
        if file.action != ran.case.action || !same_input(&file, &ran.case.input) {
            return Err(wrong(path, "it changed while it was run"));
        }
        (file.request, file.refusal) = match Expected::of(&ran.came) {
            Expected::Request(request) => (Some(request), None),
            Expected::Refusal(refusal) => (None, Some(refusal)),
        };
        write(path, &file)?;
        blessed.push(path.clone());
    }
    Ok(blessed)
}

fn same_input(file: &CaseFile, ran: &str) -> bool {
    parse_strict(ran).is_ok_and(|ran| ran == file.input)
}

/// Writes beside it first, so that a case is never half written.
fn write(path: &Path, file: &CaseFile) -> Result<(), Refusal> {
    let failed = |error: &dyn std::error::Error| wrong(path, &error.to_string());
    let mut text = serde_json::to_string_pretty(file).map_err(|error| failed(&error))?;
    text.push('\n');
    let beside = path.with_extension("json.new");
    fs::write(&beside, text).and_then(|()| fs::rename(&beside, path)).map_err(|error| failed(&error))
}
