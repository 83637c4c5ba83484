//! The rules of the lint: a stable name, a weight, and in one line what a finding means.

use std::fmt;

use serde::{Serialize, Serializer};

/// How heavy a finding is, the heaviest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It must be mended: the host refuses it, or an operator should.
    Error,
    /// It should be mended; an error at `--strict`.
    Warning,
    /// Worth a thought.
    Hint,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Hint => "hint",
        })
    }
}

macro_rules! rules {
    ($($case:ident = $name:literal, $severity:ident, $meaning:literal;)+) => {
        /// A rule of the lint. Its name never changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Rule { $(#[doc = $meaning] $case,)+ }

        impl Rule {
            /// Every rule there is.
            pub const ALL: &'static [Self] = &[$(Self::$case),+];

            /// Its name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$case => $name,)+ }
            }

            /// How heavy a finding of it is.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$case => Severity::$severity,)+ }
            }

            /// What a finding of it means.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$case => $meaning,)+ }
            }
        }
    };
}

rules! {
    HostRefuses = "host-refuses", Error, "no host installs it";
    EffectTooMild = "effect-too-mild", Error, "an action that changes something by its name says that it only reads";
    WriteUnattended = "write-unattended", Error, "an action that changes something asks to run without a person";
    CredentialInInput = "credential-in-input", Error, "an input has a place for a credential, which only the host may hold";
    OpenObject = "open-object", Error, "an object takes members that nobody has named";
    LabelAsDescription = "label-as-description", Error, "a description says no more than the label";
    ShortDescription = "short-description", Warning, "a description is too short to choose an action by";
    RawLabel = "raw-label", Warning, "a label is the name with spaces, and no words for people";
    DestructiveByName = "destructive-by-name", Warning, "an action that removes something by its name is not `destructive`";
    BillableUnattended = "billable-unattended", Warning, "an action that costs asks to run without a person";
    UnmarkedPrompt = "unmarked-prompt", Warning, "text for a model is not marked as such";
    Undescribed = "undescribed", Warning, "a member of the input has no description";
    Untyped = "untyped", Warning, "a member of the input may be anything";
    UnboundedString = "unbounded-string", Warning, "a text of the input may be of any length";
    UnboundedArray = "unbounded-array", Warning, "a list of the input may be of any length";
    UnboundedMap = "unbounded-map", Warning, "an object of the input may have members of any name, or any number of them";
    OptionalPathParameter = "optional-path-parameter", Warning, "a part of the path may be left out of the input";
    EmptySegment = "empty-segment", Warning, "a part of the path may be empty, which no host sends";
    UnusedQuery = "unused-query", Warning, "no example has a query key that is declared";
    UnusedHeader = "unused-header", Warning, "no example has a header that is declared";
    SameExample = "same-example", Warning, "two examples have the same input";
    UnboundedNumber = "unbounded-number", Hint, "a number of the input has no bounds";
    NoWhen = "no-when", Hint, "a description does not say when to call the action";
    ReadAsks = "read-asks", Hint, "a read asks for a person although nothing about it says why";
    OptionNotShown = "option-not-shown", Hint, "no example gives a member that may be left out";
    OptionNeverLeftOut = "option-never-left-out", Hint, "no example leaves out all that may be left out";
    BranchNotShown = "branch-not-shown", Hint, "no example takes one of several forms of an input";
    NoTags = "no-tags", Hint, "the port has no words to be found by";
    PlaceholderOrigin = "placeholder-origin", Hint, "the origin is that of an example";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
