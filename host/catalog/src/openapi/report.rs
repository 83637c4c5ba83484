//! What an import left out and what it changed, each with the reason.
//!
//! Nothing is left out in silence: an operation that becomes no action is a [`LeftOut`], and whatever an action lacks of
//! its operation is a [`Note`].

use std::fmt;

use portcullis_model::Shown;
use serde::{Serialize, Serializer};
use thiserror::Error;

/// An operation that is no action of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Such as `POST /v1/files`.
    pub operation: String,
    /// Why.
    pub reason: Reason,
}

/// Something that a person should know of what was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The operation; none where it is about the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What.
    pub remark: Remark,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.operation {
            Some(operation) => write!(f, "{operation}: {}", self.remark),
            None => write!(f, "{}", self.remark),
        }
    }
}

/// Why an operation became no action. Values of the description in it went through `Shown`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// The method is none that an action may use.
    #[error("an action has no method {0}")]
    Method(String),
    /// The path cannot be declared.
    #[error("{0}")]
    Path(String),
    /// It is at another server than the rest.
    #[error("it is at another origin: {0}")]
    OtherOrigin(String),
    /// It cannot be called without this parameter.
    #[error("the {place} parameter `{name}` is required: {why}")]
    Parameter {
        /// `path`, `query`, `header` or `cookie`.
        place: &'static str,
        /// Its name.
        name: String,
        /// Why it cannot be given.
        why: Unsayable,
    },
    /// The body is a form with files.
    #[error("the body is `{0}`: an action sends no files")]
    Multipart(String),
    /// The body is of other media types than JSON and forms.
    #[error("the body is {0}, expected `application/json` or `application/x-www-form-urlencoded`")]
    BodyType(String),
    /// The form cannot be said.
    #[error("the form cannot be filled in: {0}")]
    Form(String),
    /// There is a body where none may be.
    #[error("a {0} carries no body, and this one requires it")]
    BodyForbidden(&'static str),
    /// The answer comes in pieces, without an end that could be waited for.
    #[error("the answer is a stream (`{0}`)")]
    Streaming(String),
    /// The answer is nothing to read.
    #[error("the answer is {0}, neither JSON nor text")]
    BinaryAnswer(String),
    /// The port cannot show the credential that is asked for.
    #[error("it asks for {0}")]
    Credential(String),
    /// A reference cannot be followed.
    #[error("{0}")]
    Reference(String),
    /// The input schema could not be used.
    #[error("{0}")]
    Schema(String),
    /// The description does not say what it must.
    #[error("the description is malformed there: {0}")]
    Malformed(String),
    /// There is more of it than is worked on.
    #[error("the description is too large to go on")]
    TooMuch,
}

impl Reason {
    /// One word for tables.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Method(_) => "method",
            Self::Path(_) => "path",
            Self::OtherOrigin(_) => "other-origin",
            Self::Parameter { place: "path", .. } => "path-parameter",
            Self::Parameter { place: "query", .. } => "query-parameter",
            Self::Parameter { place: "cookie", .. } => "cookie-parameter",
            Self::Parameter { .. } => "header-parameter",
            Self::Multipart(_) => "multipart",
            Self::BodyType(_) | Self::Form(_) | Self::BodyForbidden(_) => "body",
            Self::Streaming(_) => "streaming",
            Self::BinaryAnswer(_) => "binary-answer",
            Self::Credential(_) => "credential",
            Self::Reference(_) => "reference",
            Self::Schema(_) => "schema",
            Self::Malformed(_) => "malformed",
            Self::TooMuch => "too-much",
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut out = serializer.serialize_struct("Reason", 2)?;
        out.serialize_field("kind", self.kind())?;
        out.serialize_field("why", &self.to_string())?;
        out.end()
    }
}

/// Why a value cannot be given in its place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unsayable {
    /// Documents have no headers.
    #[error("a document says nothing about headers")]
    Header,
    /// There are no cookies.
    #[error("no cookies are sent")]
    Cookie,
    /// Written in a way that the template does not know.
    #[error("style `{0}` is not supported")]
    Style(String),
    /// A pair for each item.
    #[error("it takes a pair for each item, and a key may occur once")]
    Exploded,
    /// The wrong type.
    #[error("a value of type {0} has no place there")]
    Kind(String),
    /// A JSON text as a value.
    #[error("its value is a text of type `{0}`")]
    Content(String),
    /// A name that nothing may have.
    #[error("{0}")]
    Name(String),
    /// One more than a manifest takes.
    #[error("an action has at most {0} of them")]
    TooMany(usize),
    /// Its schema cannot be read.
    #[error("{0}")]
    Schema(Box<Reason>),
}

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

/// A stranger's words in one line.
pub(super) fn shown(text: &str) -> String {
    Shown::new(text).to_string()
}
