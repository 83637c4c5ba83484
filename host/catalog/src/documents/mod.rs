//! Integration documents: read, held to every rule, made into a manifest, and written back from one.
//!
//! From the text down: `read` and `members` take it apart, `credential` looks for what must not be in it, `rules` judge it,
//! `declare`, `layout` and `inputs` make the manifest, `example` and `request` its worked examples; `export` is the way
//! back. Whether a manifest may be declared is `model`'s to say, whether a schema can be used `registry`'s.

pub(crate) mod action;
pub(crate) mod component;
pub(crate) mod credential;
pub(crate) mod declare;
pub(crate) mod definitions;
pub(crate) mod document;
pub(crate) mod example;
pub(crate) mod export;
pub(crate) mod found;
pub(crate) mod inputs;
pub(crate) mod layout;
pub(crate) mod members;
pub(crate) mod propose;
pub(crate) mod read;
pub(crate) mod request;
pub(crate) mod rules;
pub(crate) mod text;

pub use action::{ActionTemplate, Inputs, Parameter, Place, WholeBody};
pub use document::{ComponentRef, Document, PortTemplate, Publisher};
pub use propose::Proposed;
pub use read::{Read, ReadAction};
