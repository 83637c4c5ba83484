//! The catalog: integration documents and what vouches for them, as pure data.
//!
//! A document is read and checked here and made into the manifest that the template component serves. What comes from a
//! registry or the web is vouched for by whom the operator lists, and by nobody else: [`Trust`] says whether a signature
//! counts, [`Evidence`] says so again at every load, [`Index`] is a publisher's list. Nothing here does I/O, runs a
//! component or sends: bytes come from `gateway`, and what a document may declare is `model`'s to check.

mod documents;
pub mod openapi;
mod vouching;

pub use documents::{
    ActionTemplate, ComponentRef, Document, Inputs, Parameter, Place, PortTemplate, Proposed, Publisher, Read,
    ReadAction, WholeBody,
};
pub use vouching::{
    Artifact, ArtifactKind, Attached, Blob, DOCUMENT_TYPE, ENVELOPE_TYPE, Entry, Envelope, Evidence, INDEX_TYPE,
    Identity, Index, IndexDraft, Keyless, LIST_TYPE, MANIFEST_TYPE, MAX_BUNDLE_BYTES, MAX_INDEX_BYTES, MAX_LIST_BYTES,
    MAX_MANIFEST_BYTES, MAX_PAYLOAD_BYTES, MAX_REVIEW_BYTES, MAX_ROOT_BYTES, MAX_SIGNATURES, Packed, PackedBundle,
    PackedSignatures, PublicKey, RawSignature, Reference, Repository, Review, ReviewedBy, Scope, Seen, Signer,
    SigningKey, Source, Trust, TrustedRoot, Verdict, VouchedBy, Voucher, WebAddress, Who, bundle_in, is_bundle,
    listed_bundles, referrers_tag, signature_tag,
};
