//! Signatures without a key of the signer's own, as `cosign` makes them: by a key that lives for minutes, in a certificate
//! that an authority of Sigstore made out to a name, and in a log that says when.
//!
//! Everything is in the bundle, so that it is verified again at each load without a network; only this machine's clock is
//! asked, whether a time is in the future. The checks are `sigstore-verify`'s. Here is what makes them complete: which
//! bundles are taken at all, that a proof of the log is there, that one log vouches for all of it, and what a statement
//! has to say.

use portcullis_model::{Digest, Shown, parse_strict};
use sigstore_verify::types::bundle::{MediaType, VerificationMaterialContent};
use sigstore_verify::types::{Bundle, DsseEnvelope, Sha256Hash, SignatureContent};
use sigstore_verify::{CertificateError, Error, TransparencyLogError, VerificationPolicy};

use crate::vouching::signature::Said;
use crate::vouching::signer::Signer;
use crate::vouching::statement::{self, MAX_BUNDLE_BYTES};
use crate::vouching::trusted_root::TrustedRoot;

/// Longest words of the library about what is not right, in bytes. Bundles can put words into them.
const MAX_WORDS_BYTES: usize = 300;

/// Somebody who signs without a key, and by whose root that is verified.
#[derive(Debug, Clone)]
pub struct Keyless {
    signer: Signer,
    root: TrustedRoot,
}

impl Keyless {
    /// Lists a signer, to be verified by a root.
    #[must_use]
    pub fn new(signer: Signer, root: TrustedRoot) -> Self {
        Self { signer, root }
    }

    /// Who signs.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The operator's name for the root.
    #[must_use]
    pub fn root(&self) -> &str {
        self.root.name()
    }

    /// What a bundle, if the signer made it, says about the artifact of this digest. What is not the signer's is said in
    /// whole words.
    pub(crate) fn says(&self, bundle: &[u8], manifest: Digest) -> Said {
        self.checked(bundle, manifest).unwrap_or_else(|said| said)
    }

    fn checked(&self, bundle: &[u8], manifest: Digest) -> Result<Said, Said> {
        let bundle = read(bundle)?;
        let envelope = signed_without_key(&bundle)?;
        // One entry, so that no other one can lend it a time or a proof.
        let [entry] = bundle.verification_material.tlog_entries.as_slice() else {
            let count = bundle.verification_material.tlog_entries.len();
            return Err(other(format!("the bundle has {count} entries of a transparency log: expected exactly one")));
        };
        if entry.inclusion_proof.is_none() {
            return Err(other("the bundle does not prove that the transparency log has its entry".to_owned()));
        }
        let Some(log) = self.root.log(&entry.log_id.key_id) else {
            return Err(other(format!("the bundle is in a transparency log that `{}` does not list", self.root())));
        };
        let policy = VerificationPolicy::new(self.signer.matcher(), self.signer.issuer());
        let artifact = Sha256Hash::new(*manifest.as_bytes());
        let verified = log.verifier().verify(artifact, &bundle, &policy).map_err(|error| self.refused(&error))?;
        if !verified.verified_timestamps().iter().all(|time| log.held_at(*time)) {
            let what = "the bundle was signed when the key of its transparency log was not in use";
            return Err(other(format!("{what}, by `{}`", self.root())));
        }
        // Read only now: until here these were a stranger's bytes.
        Ok(match statement::about(&envelope.payload_type, envelope.payload.as_bytes(), manifest) {
            Said::Other(what) => other(format!("the signature by {} {what}", self.signer)),
            said => said,
        })
    }

    /// Why the library did not take it. Its words may hold a stranger's.
    fn refused(&self, error: &Error) -> Said {
        let words = error.to_string();
        let words = Shown::new(&words).limit_bytes(MAX_WORDS_BYTES);
        let (signer, root) = (&self.signer, self.root());
        other(match error {
            Error::IdentityMismatch { actual, .. } => {
                let actual = actual.as_ref().map(ToString::to_string).unwrap_or_default();
                format!("it is signed by `{}`, and not by {signer}", Shown::new(&actual))
            }
            Error::IssuerMismatch { actual, .. } => {
                let actual = actual.as_deref().unwrap_or_default();
                format!("its signer is one of the issuer `{}`, and not {signer}", Shown::new(actual))
            }
            Error::SignatureInvalid(_) => "the signature is not by the key of its certificate".to_owned(),
            Error::ArtifactMismatch(_) => format!("the signature by {signer} is of another artifact"),
            Error::Certificate(CertificateError::Sct(_)) => {
                format!("no log of certificates that `{root}` lists has the signer's certificate: {words}")
            }
            Error::Certificate(_) => format!("the signer's certificate does not count by `{root}`: {words}"),
            Error::TransparencyLog(TransparencyLogError::EntryMismatch(_)) => {
                format!("the transparency log has another signature than the bundle: {words}")
            }
            Error::TransparencyLog(_) => format!("the transparency log of `{root}` does not have the bundle: {words}"),
            Error::Timestamp(_) => format!("nothing that `{root}` lists says when it was signed: {words}"),
            _ => format!("the bundle does not hold: {words}"),
        })
    }
}

/// A bundle of the one version that artifacts are signed with: those before it were for other things, and have rules of
/// their own.
fn read(bytes: &[u8]) -> Result<Bundle, Said> {
    if bytes.len() > MAX_BUNDLE_BYTES {
        return Err(other(format!("the bundle is over {MAX_BUNDLE_BYTES} bytes")));
    }
    let unread =
        |why: &str| other(format!("the bundle cannot be read: {}", Shown::new(why).limit_bytes(MAX_WORDS_BYTES)));
    let text = std::str::from_utf8(bytes).map_err(|_| unread("it is no text"))?;
    // The library would take the last of two members of one name.
    parse_strict(text).map_err(|error| unread(&format!("it is {error}")))?;
    let bundle = Bundle::from_json(text).map_err(|error| unread(&error.to_string()))?;
    match bundle.media_type() {
        MediaType::Bundle0_3 => Ok(bundle),
        media_type => Err(unread(&format!("it is `{media_type}`, expected version 0.3"))),
    }
}

fn signed_without_key(bundle: &Bundle) -> Result<&DsseEnvelope, Said> {
    match &bundle.verification_material.content {
        VerificationMaterialContent::Certificate(_) => {}
        VerificationMaterialContent::PublicKey(_) => return Err(Said::NotByThem),
        _ => return Err(other("the bundle has a chain of certificates: expected one".to_owned())),
    }
    match &bundle.content {
        SignatureContent::DsseEnvelope(envelope) => Ok(envelope),
        // A signature over bare bytes does not say that its signer stands behind them as an artifact.
        _ => Err(other("the bundle signs bytes, and no statement about an artifact".to_owned())),
    }
}

fn other(what: String) -> Said {
    Said::Other(what)
}
