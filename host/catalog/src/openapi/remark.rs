//! What is different in an action from the operation that it was.

use serde::{Serialize, Serializer};
use thiserror::Error;

use super::reason::Unsayable;

/// What is different from the description.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Remark {
    /// An optional parameter is not there.
    #[error("the {place} parameter `{name}` is left out: {why}")]
    Parameter {
        /// `path`, `query`, `header`, `cookie` or `form`.
        place: &'static str,
        /// Its name.
        name: String,
        /// Why it cannot be given.
        why: Unsayable,
    },
    /// A parameter takes fewer types of values.
    #[error("the {place} parameter `{name}` takes no {without}")]
    Narrowed {
        /// Where it goes.
        place: &'static str,
        /// Its name.
        name: String,
        /// Types that it does not take.
        without: String,
    },
    /// A parameter of the path has another name, which nothing but the input sees.
    #[error("the path parameter `{0}` is called `{1}`")]
    Renamed(String, String),
    /// A parameter of the path that only the path names.
    #[error("the path parameter `{0}` is not described, and taken as text")]
    Undescribed(String),
    /// A parameter that the path does not name.
    #[error("the path parameter `{0}` is not in the path")]
    NotInPath(String),
    /// A parameter described twice.
    #[error("the {0} parameter `{1}` is described twice, and taken as described last")]
    Twice(&'static str, String),
    /// An optional body on a method that carries none.
    #[error("the optional body is left out, since a {0} carries none")]
    NoBody(&'static str),
    /// An optional body is not optional here.
    #[error("the optional body must be given: what an action declares, it sends")]
    BodySent,
    /// The switch to a stream is held.
    #[error("`{0}` must be false: a stream has no end to wait for")]
    NoStream(String),
    /// A part of the path that is never sent.
    #[error("the fragment `{0}` of the path is never sent")]
    Fragment(String),
    /// A keyword that could not be kept.
    #[error("`{keyword}` is dropped{at}: {why}")]
    Keyword {
        /// Which.
        keyword: String,
        /// Where: nothing, or ` in` and a name.
        at: String,
        /// Why.
        why: String,
    },
    /// An example that the action does not take: its own schema does not, or it asks for a stream.
    #[error("the description's example at `{at}` does not pass the schema: {why}")]
    Example {
        /// JSON Pointer into the input.
        at: String,
        /// What is wrong with it.
        why: String,
    },
    /// The credential that the port has may not be the one that is asked for.
    #[error("it asks for the credential `{asked}`{how}, and the port has `{port}`")]
    OtherCredential {
        /// The scheme of the operation.
        asked: String,
        /// The scheme of the port.
        port: String,
        /// Nothing, or the header where that differs.
        how: String,
    },
    /// Something about the whole.
    #[error("{0}")]
    Whole(String),
}

impl Remark {
    /// The same remark, about a shared schema.
    pub(super) fn in_definition(&self, name: &str) -> Self {
        match self {
            Self::Keyword { keyword, why, .. } => {
                Self::Keyword { keyword: keyword.clone(), at: format!(" in `{name}`"), why: why.clone() }
            }
            other => other.clone(),
        }
    }
}

impl Serialize for Remark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
