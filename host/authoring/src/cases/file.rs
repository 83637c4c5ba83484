//! Cases in files: `cases/*.json`, one a file, read in the order of their names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use portcullis_model::{Code, Refusal, Shown, parse_strict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Case, Expected, ExpectedRefusal, ExpectedRequest, Origin};

/// Most cases in a folder: more of them is a generator's work, and that is what `probe` is for.
const MAX_CASES: usize = 10_000;

/// A case as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFile {
    /// What it shows, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    pub(super) action: String,
    pub(super) input: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<ExpectedRequest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<ExpectedRefusal>,
}

/// Reading a folder of cases.
#[derive(Debug)]
pub struct Cases;

impl Cases {
    /// Every case of a folder; none where there is no such folder.
    ///
    /// # Errors
    /// `bad-request` naming the file that is not right.
    pub fn read(folder: &Path) -> Result<Vec<Case>, Refusal> {
        let mut files: Vec<PathBuf> = match fs::read_dir(folder) {
            Ok(entries) => entries
                .map(|entry| entry.map(|entry| entry.path()))
                .collect::<io::Result<_>>()
                .map_err(|error| wrong(folder, &error.to_string()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(wrong(folder, &error.to_string())),
        };
        files.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
        if files.len() > MAX_CASES {
            return Err(wrong(folder, &format!("{} cases, expected at most {MAX_CASES}", files.len())));
        }
        files.sort();
        files.into_iter().map(one).collect()
    }
}

fn one(path: PathBuf) -> Result<Case, Refusal> {
    let CaseFile { action, input, request, refusal, .. } = read(&path)?;
    let expected = match (request, refusal) {
        (Some(_), Some(_)) => return Err(wrong(&path, "it has both `request` and `refusal`")),
        (Some(request), None) => Some(Expected::Request(request)),
        (None, Some(refusal)) => Some(Expected::Refusal(refusal)),
        (None, None) => None,
    };
    Ok(Case { origin: Origin::File(path), action, input: input.to_string(), expected })
}

/// Reads one file. A key that occurs twice is refused: it would be unclear what is expected.
pub(super) fn read(path: &Path) -> Result<CaseFile, Refusal> {
    let text = fs::read_to_string(path).map_err(|error| wrong(path, &error.to_string()))?;
    let value = parse_strict(&text).map_err(|error| wrong(path, &error.to_string()))?;
    serde_json::from_value(value).map_err(|error| wrong(path, &error.to_string()))
}

pub(super) fn wrong(path: &Path, why: &str) -> Refusal {
    let shown = path.display().to_string();
    let what = format!("`{}` is no case: {}", Shown::new(&shown), Shown::new(why).limit_bytes(300));
    Refusal::new(Code::BadRequest, what)
        .fix("write it as {\"action\": …, \"input\": …, \"request\": …} or with \"refusal\"; `portcullis test --bless` fills in what comes")
}
