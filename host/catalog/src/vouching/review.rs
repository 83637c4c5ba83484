//! Reviews: what somebody found who looked at a plugin, signed as an in-toto statement (in-toto Attestation Framework,
//! Statement v1) in a DSSE envelope.
//!
//! A review is about bytes by their digest, wherever they come from. It counts only from whom the operator lists, and
//! only where its verdict is that nothing was found. Does not look at a plugin itself.

use jiff::Timestamp;
use portcullis_model::{Code, Digest, Refusal, Shown, deceives, parse_strict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::vouching::dsse::Envelope;
use crate::vouching::key::PublicKey;
use crate::vouching::signing_key::SigningKey;
use crate::vouching::statement::STATEMENT;

/// Type of the statement.
const STATEMENT_V1: &str = "https://in-toto.io/Statement/v1";

/// Type of its predicate: what stands under `predicate`, in this version of its form.
const PREDICATE: &str = "urn:portcullis:review:v1";

/// Largest review in its envelope, in bytes.
pub const MAX_REVIEW_BYTES: usize = 4 << 20;

/// Longest name of a reviewer, in bytes.
const MAX_NAME_BYTES: usize = 200;

/// What came of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing was found that speaks against it.
    Passed,
    /// Something was.
    Findings,
}

/// A review as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Review {
    /// Who looked, by their own word; the signature says which key.
    pub reviewer: String,
    /// When.
    pub reviewed_on: Timestamp,
    /// Version of the program that inspected and probed.
    pub host_version: String,
    /// What came of it.
    pub verdict: Verdict,
    /// What was read off the bytes and the declaration.
    pub inspected: Value,
    /// What was tried, how often, and what came of it.
    pub probed: Value,
}

/// A review by somebody whom the operator lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewedBy {
    /// Who looked, by their own word.
    pub reviewer: String,
    /// When.
    pub reviewed_on: Timestamp,
    /// The operator's name for the key.
    pub key: String,
    /// SHA-256 of the key.
    pub fingerprint: Digest,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    predicate_type: String,
    predicate: Value,
}

#[derive(Serialize, Deserialize)]
struct Subject {
    name: String,
    digest: Digests,
}

#[derive(Serialize, Deserialize)]
struct Digests {
    sha256: String,
}

impl Review {
    /// Signs the review of the plugin of this digest; `name` is for people.
    ///
    /// # Errors
    /// `bad-request` where a name is too long or could deceive, or where there is more than a review may hold.
    pub fn seal(&self, name: &str, digest: Digest, key: &SigningKey) -> Result<Vec<u8>, Refusal> {
        readable(&self.reviewer)?;
        let statement = Statement {
            kind: STATEMENT_V1.to_owned(),
            subject: vec![Subject { name: name.to_owned(), digest: Digests { sha256: digest.to_hex() } }],
            predicate_type: PREDICATE.to_owned(),
            predicate: serde_json::to_value(self).map_err(|_| unwritten())?,
        };
        let payload = serde_json::to_vec(&statement).map_err(|_| unwritten())?;
        let sealed = Envelope::seal(STATEMENT, &payload, key).ok_or_else(unwritten)?;
        if sealed.len() > MAX_REVIEW_BYTES {
            let what = format!("the review has {} bytes, expected at most {MAX_REVIEW_BYTES}", sealed.len());
            return Err(Refusal::new(Code::BadRequest, what)
                .fix("hand the plugin in as several ports, each with fewer actions"));
        }
        Ok(sealed)
    }
}

impl ReviewedBy {
    /// Opens a review: signed by one of these keys, about the plugin of this digest, and passed.
    ///
    /// # Errors
    /// `review-required`, saying what is wrong with it.
    pub fn open(envelope: &[u8], keys: &[PublicKey], digest: Digest) -> Result<Self, Refusal> {
        if envelope.len() > MAX_REVIEW_BYTES {
            return Err(refused(format!("it has {} bytes, expected at most {MAX_REVIEW_BYTES}", envelope.len())));
        }
        let envelope = Envelope::read(envelope).ok_or_else(|| refused("it is no signed envelope"))?;
        // Before anything is read out of it: until here these are a stranger's bytes.
        let Some((payload, key)) = envelope.open(keys) else {
            return Err(refused("it is signed by nobody who is listed under [reviews], or was changed since"));
        };
        let statement = std::str::from_utf8(payload).ok().and_then(|text| parse_strict(text).ok());
        let statement: Option<Statement> = statement
            .filter(|_| envelope.payload_type() == STATEMENT)
            .and_then(|statement| serde_json::from_value(statement).ok());
        let Some(statement) = statement.filter(|s| s.kind == STATEMENT_V1 && s.predicate_type == PREDICATE) else {
            return Err(refused(format!("what was signed is no review: expected a predicate `{PREDICATE}`")));
        };
        if !statement.subject.iter().any(|subject| subject.digest.sha256 == digest.to_hex()) {
            return Err(refused(format!("it is about other bytes than {digest}")));
        }
        let review: Review = serde_json::from_value(statement.predicate)
            .map_err(|_| refused("it says something else than a review of this version does"))?;
        if review.verdict != Verdict::Passed {
            return Err(refused(format!("`{}` found something", Shown::new(&review.reviewer))));
        }
        Ok(Self {
            reviewer: review.reviewer,
            reviewed_on: review.reviewed_on,
            key: key.name().to_owned(),
            fingerprint: key.fingerprint(),
        })
    }
}

fn readable(name: &str) -> Result<(), Refusal> {
    if name.trim().is_empty() || name.len() > MAX_NAME_BYTES || name.contains(deceives) {
        let what = format!("`{}` is no reviewer's name: expected one readable line", Shown::new(name));
        return Err(Refusal::new(Code::BadRequest, what).fix("--by \"Jane Doe, Acme security\""));
    }
    Ok(())
}

fn refused(why: impl std::fmt::Display) -> Refusal {
    Refusal::new(Code::ReviewRequired, format!("the review does not count: {why}"))
        .fix("ask the reviewer for one of these bytes, or make one: portcullis attest --help")
}

fn unwritten() -> Refusal {
    Refusal::new(Code::Internal, "a review cannot be written")
}
