//! The catalog: integration documents and what vouches for them, as pure data.
//!
//! A document is read and checked here and made into the manifest that the template component serves. What comes from a
//! registry or the web is vouched for by whom the operator lists, and by nobody else: [`Trust`] says whether a signature
//! counts, [`Evidence`] says so again at every load, [`Index`] is a publisher's list. Nothing here does I/O, runs a
//! component or sends: bytes come from `gateway`, and what a document may declare is `model`'s to check.

mod action;
mod artifact;
mod attached;
mod base64_text;
mod component;
mod cosign_key;
mod credential;
mod declare;
mod definitions;
mod document;
mod dsse;
mod evidence;
mod example;
mod export;
mod found;
mod index;
mod inputs;
mod key;
mod layout;
mod members;
pub mod openapi;
mod propose;
mod read;
mod reference;
mod referrers;
mod request;
mod rules;
mod scope;
mod signature;
mod signing_key;
mod source;
mod statement;
mod text;
mod trust;
mod web_address;

pub use action::{ActionTemplate, Inputs, Parameter, Place, WholeBody};
pub use artifact::{Artifact, ArtifactKind, Blob, DOCUMENT_TYPE, MANIFEST_TYPE, MAX_MANIFEST_BYTES, Packed};
pub use attached::{Attached, PackedSignatures, signature_tag};
pub use document::{ComponentRef, Document, PortTemplate, Publisher};
pub use dsse::{ENVELOPE_TYPE, Envelope};
pub use evidence::Evidence;
pub use index::{Entry, INDEX_TYPE, Index, IndexDraft, MAX_INDEX_BYTES, Seen};
pub use key::PublicKey;
pub use propose::Proposed;
pub use read::{Read, ReadAction};
pub use reference::{Reference, Repository};
pub use referrers::{LIST_TYPE, MAX_LIST_BYTES, bundle_in, listed_bundles, referrers_tag};
pub use scope::Scope;
pub use signature::{MAX_PAYLOAD_BYTES, RawSignature};
pub use signing_key::SigningKey;
pub use source::Source;
pub use statement::MAX_BUNDLE_BYTES;
pub use trust::{Identity, MAX_SIGNATURES, Trust, VouchedBy};
pub use web_address::WebAddress;
