//! Sigstore's TrustedRoot (protobuf-specs, `sigstore_trustroot.proto`, as JSON): the authorities whose certificates count,
//! and the logs in which certificates and signatures have to be.
//!
//! The operator's file only. There is none that comes with the program, and none is ever fetched: who is an authority is as
//! much the operator's matter as who may sign.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use portcullis_model::{Code, Refusal, Shown, parse_strict};
use sigstore_verify::Verifier;
use sigstore_verify::trust_root::{TimeRange, TrustedRoot as Written};
use sigstore_verify::types::LogKeyId;

use crate::vouching::primitives;

/// Largest file in bytes; the public one has some 7,000.
pub const MAX_ROOT_BYTES: usize = 256 << 10;

/// How its media type begins, whatever the version.
const ROOT_TYPES: &str = "application/vnd.dev.sigstore.trustedroot";

/// Authorities and logs that count.
#[derive(Clone)]
pub struct TrustedRoot {
    name: String,
    logs: Arc<[Log]>,
}

/// One log of signatures, with everything that is checked beside it.
pub(crate) struct Log {
    id: LogKeyId,
    holds: Option<TimeRange>,
    verifier: Verifier,
}

impl TrustedRoot {
    /// A root as its file holds it. The name is the operator's, such as the file's.
    ///
    /// # Errors
    /// `bad-request` where it is anything else, or lists no authority, no log of certificates or no log of signatures:
    /// nothing could be verified then.
    pub fn from_json(name: &str, json: &[u8]) -> Result<Self, Refusal> {
        let unfit = |why: &str| {
            let what = format!("`{}` holds no root that signatures can be verified by: {why}", Shown::new(name));
            Refusal::new(Code::BadRequest, what).fix(
                "put the trusted_root.json of the Sigstore instance there, as `cosign trusted-root create` writes it",
            )
        };
        if !primitives::installed() {
            return Err(unfit("another part of the program checks signatures in its own way"));
        }
        if json.len() > MAX_ROOT_BYTES {
            return Err(unfit(&format!("it is over {MAX_ROOT_BYTES} bytes")));
        }
        let text = std::str::from_utf8(json).map_err(|_| unfit("it is no text"))?;
        // Members that occur twice would be read in one way here and in another elsewhere.
        parse_strict(text).map_err(|error| unfit(&format!("it is {error}")))?;
        let described = |error: &dyn fmt::Display| unfit(&Shown::new(&error.to_string()).to_string());
        let written = Written::from_json(text).map_err(|error| described(&error))?;
        if !written.media_type.starts_with(ROOT_TYPES) {
            return Err(unfit("it is of another kind"));
        }
        for (count, what) in [
            (written.certificate_authorities.len(), "certificate authority"),
            (written.ctlogs.len(), "log of certificates"),
            (written.tlogs.len(), "log of signatures"),
        ] {
            if count == 0 {
                return Err(unfit(&format!("it lists no {what}")));
            }
        }
        // As a whole first, which finds logs that are listed twice.
        Verifier::new(&written).map_err(|error| described(&error))?;
        let log = |log: &sigstore_verify::trust_root::TransparencyLog| {
            let mut alone = written.clone();
            alone.tlogs = vec![log.clone()];
            let verifier = Verifier::new(&alone).map_err(|error| described(&error))?;
            Ok(Log { id: log.log_id.key_id.clone(), holds: log.public_key.valid_for, verifier })
        };
        let logs = written.tlogs.iter().map(log).collect::<Result<_, Refusal>>()?;
        Ok(Self { name: name.to_owned(), logs })
    }

    /// The operator's name for it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The log of this name, if it is listed. What is said to be in one log is looked for in that one alone.
    pub(crate) fn log(&self, id: &LogKeyId) -> Option<&Log> {
        self.logs.iter().find(|log| log.id == *id)
    }
}

impl Log {
    /// Checks signatures that are in this log.
    pub(crate) fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Whether the log's key was in use then. `sigstore-verify` asks that of entries whose time the log itself signed, and
    /// not of those whose time another service signed: a key that was given up could still be used to back-date them.
    pub(crate) fn held_at(&self, time: Timestamp) -> bool {
        self.holds.is_none_or(|holds| holds.contains(time))
    }
}

impl fmt::Debug for TrustedRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustedRoot").field("name", &self.name).finish_non_exhaustive()
    }
}
