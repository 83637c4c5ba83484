//! What was found: one thing that no plugin should do, with the smallest input that makes it happen.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::inputs::Kind;

/// What kind of thing was found. The words never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FindingKind {
    /// It described what it does not declare; the code is the route check's.
    LeftDeclaration,
    /// The same input in two fresh instances did not give the same.
    DiffersOnSecondCall,
    /// An instance that had described something else before described another request than a fresh one.
    KeepsState,
    /// A value of an earlier input stood in the description of a later one.
    LeaksInput,
    /// It crashed, or wanted more memory or stack than it may have.
    Trapped,
    /// It took more time, or returned more, than it may.
    OverLimit,
    /// A worked example of its manifest is not what it describes.
    WrongExample,
    /// The host's own check let an input through that certainly breaks the schema.
    SchemaAccepts,
}

impl FindingKind {
    /// The kind as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeftDeclaration => "left-declaration",
            Self::DiffersOnSecondCall => "differs-on-second-call",
            Self::KeepsState => "keeps-state",
            Self::LeaksInput => "leaks-input",
            Self::Trapped => "trapped",
            Self::OverLimit => "over-limit",
            Self::WrongExample => "wrong-example",
            Self::SchemaAccepts => "schema-accepts",
        }
    }

    /// What it means, in one clause.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::LeftDeclaration => "it described what it does not declare",
            Self::DiffersOnSecondCall => "the same input did not give the same twice",
            Self::KeepsState => "what it described depends on what it described before",
            Self::LeaksInput => "a value of an earlier input stood in a later description",
            Self::Trapped => "it crashed",
            Self::OverLimit => "it took more than its limit",
            Self::WrongExample => "a worked example is not what it describes",
            Self::SchemaAccepts => "the host's check let through what breaks the schema",
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One finding. Several inputs with the same kind, action and code are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What kind.
    pub kind: FindingKind,
    /// Of which action.
    pub action: String,
    /// The refusal's code, where it was one.
    pub code: Option<String>,
    /// What exactly happened: the refusal's text, or what differs. Words of the plugin in it are escaped, not believed.
    pub what: String,
    /// The smallest input found that makes it happen.
    pub input: String,
    /// What was described before in the same instance, where that matters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// What the first such input was made as.
    pub made_as: Kind,
    /// How many inputs did it.
    pub inputs: u64,
}
