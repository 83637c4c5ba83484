//! Why an operation is no action, and why an input cannot be given.
//!
//! Values of the description in it went through `Shown`.

use serde::{Serialize, Serializer};
use thiserror::Error;

/// Why an operation became no action.
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
