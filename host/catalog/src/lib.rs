//! The catalog: integration documents and what vouches for them, as pure data.
//!
//! A document is read and checked here and made into the manifest that the template component serves. Nothing here does
//! I/O, runs a component or sends: bytes come from `gateway`, and what a document may declare is `model`'s to check.

mod action;
mod component;
mod credential;
mod declare;
mod definitions;
mod document;
mod example;
mod export;
mod found;
mod inputs;
mod layout;
mod members;
mod propose;
mod read;
mod request;
mod rules;
mod text;

pub use action::{ActionTemplate, Inputs, Parameter, Place, WholeBody};
pub use document::{ComponentRef, Document, PortTemplate, Publisher};
pub use propose::Proposed;
pub use read::{Read, ReadAction};
