//! A whole little Sigstore: an authority that makes out certificates to names, a log of certificates, a log of signatures,
//! and a signer who goes through all of them and ends with a bundle, as `cosign` 3 makes it.
//!
//! Made by the standards (RFC 6962 for both logs, the notes of transparency.dev, DSSE, in-toto), with nothing of what
//! verifies it. Everything that could be wrong about a signature can be made so.

#![allow(dead_code, unreachable_pub, reason = "each test takes what it needs")]
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test stops where it fails")]

mod certificate;
mod log;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_model::Digest;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData as _, SigningKey as _, date_time_ymd,
};
use serde_json::{Value, json};

/// Who signs, unless a test says otherwise.
pub const WORKFLOW: &str = "https://github.com/acme/weather/.github/workflows/release.yml@refs/tags/v1";

/// Who says that the name is theirs.
pub const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// When certificates begin to hold, unless a test says otherwise: 2025-06-01, in seconds since 1970.
pub const BEGIN: u64 = 1_748_736_000;

/// How long they hold, in seconds.
pub const LIFE: u64 = 600;

const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const STATEMENT_TYPE: &str = "application/vnd.in-toto+json";

/// Authority and logs.
pub struct Sigstore {
    authority: Issuer<'static, KeyPair>,
    certificate: Vec<u8>,
    certificates: KeyPair,
    signatures: KeyPair,
    /// Since when and until when the key of the log of signatures is in use, in seconds since 1970.
    pub log_holds: (u64, Option<u64>),
}

/// What a signer does.
#[derive(Clone)]
pub struct Signing {
    /// Digest of what is signed.
    pub artifact: Digest,
    /// The name in the certificate.
    pub identity: String,
    /// Whether the name is an address of mail, and no URI.
    pub mail: bool,
    /// Who vouched for it.
    pub issuer: Option<String>,
    /// What the statement says about the artifact.
    pub predicate: String,
    /// The payload, where it is another than the statement, with its type.
    pub payload: Option<(String, String)>,
    /// When the certificate begins to hold, in seconds since 1970.
    pub begin: u64,
    /// What the certificate is for.
    pub usage: ExtendedKeyUsagePurpose,
    /// Whose log of certificates has it.
    pub logged: Logged,
    /// When the log of signatures took it, in seconds since 1970.
    pub at: u64,
    /// How the log of signatures is asked.
    pub entry: Entry,
}

/// Where the certificate is logged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Logged {
    /// In the log of certificates.
    Here,
    /// In another one, of the same name.
    Elsewhere,
    /// Nowhere.
    Nowhere,
    /// In the log, but as another certificate.
    Otherwise,
}

/// Kinds of entries in the log of signatures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// `dsse` 0.0.1, whose time the log signs.
    Dsse,
    /// `hashedrekord` 0.0.2, which has no time.
    HashedRekord,
}

impl Signing {
    /// A right one, of this artifact.
    #[must_use]
    pub fn of(artifact: Digest) -> Self {
        Self {
            artifact,
            identity: WORKFLOW.to_owned(),
            mail: false,
            issuer: Some(GITHUB.to_owned()),
            predicate: "https://sigstore.dev/cosign/sign/v1".to_owned(),
            payload: None,
            begin: BEGIN,
            usage: ExtendedKeyUsagePurpose::CodeSigning,
            logged: Logged::Here,
            at: BEGIN + 60,
            entry: Entry::Dsse,
        }
    }

    fn payload(&self) -> (String, String) {
        self.payload.clone().unwrap_or_else(|| {
            let statement = json!({
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [{"digest": {"sha256": self.artifact.to_hex()}}],
                "predicateType": self.predicate, "predicate": {},
            });
            (STATEMENT_TYPE.to_owned(), statement.to_string())
        })
    }
}

impl Default for Sigstore {
    fn default() -> Self {
        Self::new()
    }
}

impl Sigstore {
    /// With keys of its own.
    #[must_use]
    pub fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::OrganizationName, "acme.test");
        params.distinguished_name.push(DnType::CommonName, "acme-authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date_time_ymd(2025, 1, 1);
        params.not_after = date_time_ymd(2035, 1, 1);
        let certificate = params.self_signed(&key).unwrap().der().to_vec();
        Self {
            authority: Issuer::new(params, key),
            certificate,
            certificates: KeyPair::generate().unwrap(),
            signatures: KeyPair::generate().unwrap(),
            log_holds: (BEGIN - 1000, None),
        }
    }

    /// What an operator lists: the trusted root.
    #[must_use]
    pub fn root(&self) -> Value {
        let log = |key: &KeyPair, holds: (u64, Option<u64>)| {
            let spki = key.subject_public_key_info();
            let mut valid = json!({"start": time(holds.0)});
            if let Some(end) = holds.1 {
                valid["end"] = json!(time(end));
            }
            json!({
                "baseUrl": "https://log.acme.test", "hashAlgorithm": "SHA2_256",
                "publicKey": {
                    "rawBytes": STANDARD.encode(&spki), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": valid,
                },
                "logId": {"keyId": STANDARD.encode(Digest::of(&spki).as_bytes())},
            })
        };
        json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [log(&self.signatures, self.log_holds)],
            "certificateAuthorities": [{
                "subject": {"organization": "acme.test", "commonName": "acme-authority"},
                "uri": "https://authority.acme.test",
                "certChain": {"certificates": [{"rawBytes": STANDARD.encode(&self.certificate)}]},
                "validFor": {"start": time(BEGIN - 1000)},
            }],
            "ctlogs": [log(&self.certificates, (BEGIN - 1000, None))],
            "timestampAuthorities": [],
        })
    }

    /// Signs, and gives the bundle.
    #[must_use]
    pub fn sign(&self, signing: &Signing) -> Value {
        let key = KeyPair::generate().unwrap();
        let (certificate, pem) = self.certificate(signing, &key);
        let (kind, payload) = signing.payload();
        let signed = format!("DSSEv1 {} {kind} {} {payload}", kind.len(), payload.len());
        let signature = STANDARD.encode(key.sign(signed.as_bytes()).unwrap());
        let envelope = json!({
            "payload": STANDARD.encode(&payload), "payloadType": kind, "signatures": [{"sig": signature}],
        });
        let body = match signing.entry {
            Entry::Dsse => json!({
                "apiVersion": "0.0.1", "kind": "dsse",
                "spec": {
                    "envelopeHash": {"algorithm": "sha256", "value": Digest::of(envelope.to_string().as_bytes()).to_hex()},
                    "payloadHash": {"algorithm": "sha256", "value": Digest::of(payload.as_bytes()).to_hex()},
                    "signatures": [{"signature": signature, "verifier": STANDARD.encode(pem)}],
                },
            }),
            Entry::HashedRekord => json!({
                "apiVersion": "0.0.2", "kind": "hashedrekord",
                "spec": {"hashedRekordV002": {
                    "data": {
                        "algorithm": "SHA2_256",
                        "digest": STANDARD.encode(Digest::of(signed.as_bytes()).as_bytes()),
                    },
                    "signature": {
                        "content": signature,
                        "verifier": {
                            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                            "x509Certificate": {"rawBytes": STANDARD.encode(&certificate)},
                        },
                    },
                }},
            }),
        };
        json!({
            "mediaType": BUNDLE_TYPE,
            "verificationMaterial": {
                "certificate": {"rawBytes": STANDARD.encode(&certificate)},
                "tlogEntries": [self.entry(signing, body.to_string().as_bytes())],
            },
            "dsseEnvelope": envelope,
        })
    }

    /// The signature, for whoever signs it once more: with a time, say.
    #[must_use]
    pub fn signature(bundle: &Value) -> Vec<u8> {
        STANDARD.decode(bundle["dsseEnvelope"]["signatures"][0]["sig"].as_str().unwrap()).unwrap()
    }

    /// The way to the root of another entry of the same log.
    #[must_use]
    pub fn path_of_another(body: &[u8]) -> Vec<String> {
        log::path_of_another(body)
    }
}

/// Seconds since 1970 as RFC 3339 has them; within a day of [`BEGIN`].
fn time(seconds: u64) -> String {
    let day = if seconds < BEGIN { "2025-05-31" } else { "2025-06-01" };
    let of_day = seconds % 86_400;
    format!("{day}T{:02}:{:02}:{:02}Z", of_day / 3600, of_day / 60 % 60, of_day % 60)
}
