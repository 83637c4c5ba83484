//! What is known about a draft: an action that an agent proposes under an installed port, and what became of it.
//!
//! The content is the agent's word, kept as it was given; whether an action could be made of it is not known here.

use std::fmt;
use std::str::FromStr;

use portcullis_model::{ActionSlug, AgentName, Digest, PortSlug};
use portcullis_policy::{DraftId, StoreError, TimestampMs};
use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::problem::Problem;

/// The life of a draft: `open ⇄ requested → published`, or from either of the first two to `rejected | withdrawn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DraftState {
    /// Its agent works on it.
    Open,
    /// Its agent asks for it to be published, just as it is.
    Requested,
    /// An operator made an action of it.
    Published,
    /// An operator said no.
    Rejected,
    /// Its agent took it back, or lost its token.
    Withdrawn,
}

impl DraftState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Open, Self::Requested, Self::Published, Self::Rejected, Self::Withdrawn];

    /// The state as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Requested => "requested",
            Self::Published => "published",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether something can still become of it.
    #[must_use]
    pub fn is_undecided(self) -> bool {
        matches!(self, Self::Open | Self::Requested)
    }
}

impl fmt::Display for DraftState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for DraftState {
    type Err = StoreError;
    fn from_str(text: &str) -> Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| StoreError::new("a draft is in a state this version does not know"))
    }
}

impl Serialize for DraftState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What a draft says, with the name it gives its action.
#[derive(Debug, Clone)]
pub struct DraftContent {
    /// Name of the action within its port.
    pub action: ActionSlug,
    /// The action's template, JSON text.
    pub template: String,
}

impl DraftContent {
    /// Longest template, in bytes.
    pub const MOST_BYTES: usize = 64 << 10;

    /// What an operator's yes is bound to.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.template.as_bytes())
    }
}

/// A draft in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DraftLine {
    /// Its name.
    pub id: DraftId,
    /// Under which port.
    pub port: PortSlug,
    /// The name it gives its action.
    pub action: ActionSlug,
    /// Who proposes it.
    pub agent: AgentName,
    /// Where it is in its life.
    pub state: DraftState,
    /// Digest of its content.
    pub digest: Digest,
    /// When it was made.
    pub created_ms: TimestampMs,
    /// When its content or state changed last.
    pub updated_ms: TimestampMs,
    /// Who ended it, as the audit log writes it; `None` where its own agent did, or nobody yet.
    pub by: Option<String>,
    /// Why it was ended.
    pub reason: Option<String>,
}

/// A draft with its content.
#[derive(Debug, Clone)]
pub struct Draft {
    /// All but the content.
    pub line: DraftLine,
    /// The action's template, JSON text; `None` once it was withdrawn, or was rejected long ago.
    pub template: Option<String>,
}

/// Which drafts to list. Empty fields leave everything through.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields of `DraftLine`")]
pub struct DraftFilter {
    pub state: Option<DraftState>,
    pub agent: Option<AgentName>,
    /// At most this many, newest first.
    pub limit: Option<usize>,
}

/// Why a draft was not made or changed.
#[derive(Debug, Error)]
pub enum DraftError {
    /// There is none, or none of this agent.
    #[error("there is no such draft")]
    Unknown,
    /// It is in no state for that.
    #[error("the draft is `{0}`")]
    State(DraftState),
    /// Its content is not the one that was looked at.
    #[error("the draft was changed since: its content is {digest} now")]
    Changed {
        /// Digest of what it says now.
        digest: Digest,
    },
    /// The agent has as many as it may that nobody decided.
    #[error("the agent has {most} drafts already that nobody decided")]
    TooMany {
        /// How many those are.
        most: usize,
    },
    /// The content is too long.
    #[error("the draft has {bytes} bytes, expected at most {most}")]
    TooLong {
        /// Length of the content.
        bytes: usize,
        /// Longest one.
        most: usize,
    },
    /// The agent's token is not good, or not for this port.
    #[error("the agent may not propose for port `{0}`")]
    NotAllowed(PortSlug),
    /// What serves the port is not what the operator looked at any more.
    #[error("port `{0}` was changed meanwhile: look at the draft again")]
    Moved(PortSlug),
    /// The store cannot do its work.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Problem> for DraftError {
    fn from(problem: Problem) -> Self {
        Self::Store(problem.into())
    }
}
