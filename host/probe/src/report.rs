//! What a campaign tried and found, as data that is kept, compared and attested.
//!
//! All of it but [`Pace`] is the same for the same plugin, seed, options and version of this program, unless time ended
//! it.

use std::fmt;

use portcullis_model::Digest;
use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::inputs::Made;
use crate::options::Options;

/// The version of the report's own form.
pub const REPORT_FORMAT: u32 = 1;

/// Most branches that are named as not reached, for one action.
pub(crate) const MAX_MISSED: usize = 50;

/// A report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// [`REPORT_FORMAT`].
    pub format: u32,
    /// Version of the program that tried it.
    pub version: String,
    /// What was tried.
    pub subject: Tried,
    /// How much, and from which seed.
    pub options: Options,
    /// What ended it.
    pub ended: Ended,
    /// Calls of `describe`, all together.
    pub calls: u64,
    /// Inputs described.
    pub inputs: u64,
    /// Words that were tried in every place.
    pub dictionary: Words,
    /// Each action.
    pub actions: Vec<ActionReport>,
    /// What no plugin should do; empty where nothing was found.
    pub findings: Vec<Finding>,
    /// What is worth a look and no fault.
    pub notes: Vec<Note>,
    /// How long it took.
    pub pace: Pace,
}

/// A plugin, by what it is and not by what it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tried {
    /// Its port.
    pub port: String,
    /// Its digest.
    pub digest: String,
    /// Its tier.
    pub tier: String,
    /// Its version, by its own word.
    pub plugin_version: String,
}

impl Tried {
    /// A plugin of this digest.
    #[must_use]
    pub fn new(port: &str, digest: Digest, tier: &str, plugin_version: &str) -> Self {
        Self {
            port: port.to_owned(),
            digest: digest.to_string(),
            tier: tier.to_owned(),
            plugin_version: plugin_version.to_owned(),
        }
    }
}

/// What ended a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// Everything that was to be tried was tried.
    Calls,
    /// Its time was over.
    Time,
    /// Somebody stopped it.
    Stopped,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Calls => "calls",
            Self::Time => "time",
            Self::Stopped => "stopped",
        })
    }
}

/// How many words were tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Words {
    /// Strings.
    pub strings: usize,
    /// Numbers.
    pub numbers: usize,
    /// How many more the bytes hold.
    pub left_out: usize,
}

/// What was tried of one action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionReport {
    /// Its name.
    pub action: String,
    /// Inputs by what they were made as.
    pub made: Made,
    /// Calls of `describe`.
    pub calls: u64,
    /// Inputs of which it made a request.
    pub described: u64,
    /// Inputs to which it said no.
    pub refused: u64,
    /// Inputs that break the schema in one place each.
    pub broken: Broken,
    /// How much of the schema was reached.
    pub coverage: Coverage,
    /// How many words of the dictionary were tried in all places of an input at once.
    pub words: u64,
    /// Whether there were fewer inputs than could have been tried.
    pub exhausted: bool,
}

/// Inputs that break the schema.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Broken {
    /// How many were made.
    pub made: u64,
    /// How many the host refused before the plugin was asked.
    pub refused: u64,
}

/// Branches of a schema.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// All of them.
    pub branches: usize,
    /// Those that some input took.
    pub reached: usize,
    /// Those that none did, by name; not more than fifty.
    pub missed: Vec<String>,
}

/// Something that is worth a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    /// What kind.
    pub kind: NoteKind,
    /// Of which action.
    pub action: String,
    /// What, with a stranger's words escaped.
    pub what: String,
    /// How many inputs.
    pub inputs: u64,
}

/// What kind of thing is worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NoteKind {
    /// The schema allows what the plugin refuses, in these words of its own.
    PluginRefuses,
    /// The same, and the plugin says nothing about why.
    RefusesWithoutReason,
    /// The schema allows what no request may hold: the host refuses the caller's value.
    ValueRefused,
}

impl fmt::Display for NoteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::PluginRefuses => "plugin-refuses",
            Self::RefusesWithoutReason => "refuses-without-reason",
            Self::ValueRefused => "value-refused",
        })
    }
}

/// How long it took. Differs from run to run.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pace {
    /// Time from beginning to end, in milliseconds.
    pub elapsed_ms: u64,
    /// Calls a second while the campaign ran.
    pub calls_per_second: u64,
}

impl Report {
    /// Whether everything was tried that was to be tried, and nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.ended != Ended::Stopped
    }

    /// Branches of all schemas, and how many were reached.
    #[must_use]
    pub fn coverage(&self) -> (usize, usize) {
        self.actions
            .iter()
            .fold((0, 0), |(reached, all), action| (reached + action.coverage.reached, all + action.coverage.branches))
    }
}
