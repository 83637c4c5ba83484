//! Signed envelopes: DSSE (secure-systems-lab, protocol 1.0.2) in its JSON form.
//!
//! What was signed is a payload together with its type. Nothing of a payload is looked at here.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use portcullis_model::parse_strict;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::vouching::key::PublicKey;
use crate::vouching::signing_key::SigningKey;

/// Media type of an envelope.
pub const ENVELOPE_TYPE: &str = "application/vnd.dsse.envelope.v1+json";

/// Most signatures that are looked at.
const MAX_SIGNATURES: usize = 16;

/// A payload with its signatures, none of which has been checked. Outside, the payload comes out by [`open`](Self::open)
/// only.
#[derive(Debug, Clone)]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    payload_type: String,
    payload: String,
    signatures: Vec<WrittenSignature>,
}

#[derive(Serialize, Deserialize)]
struct WrittenSignature {
    /// A hint, which nothing is decided by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<String>,
    sig: String,
}

impl Envelope {
    /// Reads one; `None` where it is none. The caller has bounded its size.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Self::of(parse_strict(std::str::from_utf8(bytes).ok()?).ok()?)
    }

    pub(crate) fn of(value: Value) -> Option<Self> {
        let Written { payload_type, payload, signatures } = serde_json::from_value(value).ok()?;
        let payload = STANDARD.decode(&payload).or_else(|_| URL_SAFE.decode(&payload)).ok()?;
        let signatures = signatures.into_iter().map(|signature| signature.sig).collect();
        Some(Self { payload_type, payload, signatures })
    }

    /// What was said to be in it. A stranger's word until it was opened.
    #[must_use]
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }

    /// Type and payload, whoever signed them: for whoever hands them on and believes nothing of them.
    pub(crate) fn unopened(self) -> (String, Vec<u8>) {
        (self.payload_type, self.payload)
    }

    /// Whether anybody signed it at all.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        !self.signatures.is_empty()
    }

    /// The payload and the key that signed it, where one of these keys did.
    #[must_use]
    pub fn open<'a, 'k>(&'a self, keys: &'k [PublicKey]) -> Option<(&'a [u8], &'k PublicKey)> {
        let signed = encoded(&self.payload_type, &self.payload);
        let made = |key: &&PublicKey| self.signatures.iter().take(MAX_SIGNATURES).any(|sig| key.made(sig, &signed));
        keys.iter().find(made).map(|key| (self.payload.as_slice(), key))
    }

    /// A payload signed by a key, as JSON; `None` never, for data of these types.
    #[must_use]
    pub fn seal(payload_type: &str, payload: &[u8], key: &SigningKey) -> Option<Vec<u8>> {
        let written = Written {
            payload_type: payload_type.to_owned(),
            payload: STANDARD.encode(payload),
            signatures: vec![WrittenSignature { keyid: None, sig: key.sign(&encoded(payload_type, payload)) }],
        };
        serde_json::to_vec(&written).ok()
    }
}

/// The pre-authentication encoding.
fn encoded(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn what_is_signed_is_encoded_as_the_specification_says() {
        let encoded = encoded("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }
}
