//! Who vouches for what comes from elsewhere: references, signatures by key and without, the signed index, and what is kept of them.
//!
//! Nobody does unless the operator lists them. Fetches and keeps nothing itself.

mod artifact;
mod attached;
mod base64_text;
mod cosign_key;
mod dsse;
mod evidence;
mod index;
mod key;
mod keyless;
mod packed_bundle;
mod primitives;
mod reference;
mod referrers;
mod review;
mod scope;
mod signature;
mod signer;
mod signing_key;
mod source;
mod statement;
mod trust;
mod trusted_root;
mod voucher;
mod web_address;

pub use artifact::{Artifact, ArtifactKind, Blob, DOCUMENT_TYPE, MANIFEST_TYPE, MAX_MANIFEST_BYTES, Packed};
pub use attached::{Attached, PackedSignatures, signature_tag};
pub use dsse::{ENVELOPE_TYPE, Envelope};
pub use evidence::Evidence;
pub use index::{Entry, INDEX_TYPE, Index, IndexDraft, MAX_INDEX_BYTES, Seen};
pub use key::PublicKey;
pub use keyless::Keyless;
pub use packed_bundle::{PackedBundle, is_bundle};
pub use reference::{Reference, Repository};
pub use referrers::{LIST_TYPE, MAX_LIST_BYTES, bundle_in, listed_bundles, referrers_tag};
pub use review::{MAX_REVIEW_BYTES, Review, ReviewedBy, Verdict};
pub use scope::Scope;
pub use signature::{MAX_PAYLOAD_BYTES, RawSignature};
pub use signer::Signer;
pub use signing_key::SigningKey;
pub use source::Source;
pub use statement::MAX_BUNDLE_BYTES;
pub use trust::{Identity, MAX_SIGNATURES, Trust};
pub use trusted_root::{MAX_ROOT_BYTES, TrustedRoot};
pub use voucher::{VouchedBy, Voucher, Who};
pub use web_address::WebAddress;
