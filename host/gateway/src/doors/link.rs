//! Links by which the operator signs in to the page: made at the machine, good once and for ten minutes.
//!
//! The secret stands behind a `#`: a browser sends that part to nobody, so it is in no log and no `Referer`, and a
//! program that looks at links ahead of a person spends nothing.

use portcullis_model::{Digest, Refusal};
use portcullis_policy::{Clock as _, TimestampMs};
use zeroize::Zeroizing;

use super::service::unavailable;
use super::token::{is_random, random};
use crate::host::Host;

/// How a link's secret begins, so that a secret scanner knows one.
const PREFIX: &str = "pcl_";

/// How long a link is good, in milliseconds.
const LIFE_MS: u64 = 10 * 60 * 1000;

/// A link that was made. No `Debug`, no `Clone`: it is shown once.
pub struct Link {
    secret: Zeroizing<String>,
    expires_ms: TimestampMs,
}

impl Link {
    /// Makes one. Blocks.
    ///
    /// # Errors
    /// When the store cannot be written, or the machine gives no random numbers.
    pub fn make(host: &Host) -> Result<Self, Refusal> {
        let secret = random(PREFIX)?;
        let expires_ms = host.clock().now_ms().saturating_add(LIFE_MS);
        host.store().issue_link(&Digest::of(secret.as_bytes()), expires_ms).map_err(unavailable)?;
        Ok(Self { secret, expires_ms })
    }

    /// The address to open, of a page that stands at `base`.
    #[must_use]
    pub fn url(&self, base: &str) -> String {
        format!("{}/sign-in#{}", base.trim_end_matches('/'), *self.secret)
    }

    /// When it is too late.
    #[must_use]
    pub fn expires_ms(&self) -> TimestampMs {
        self.expires_ms
    }
}

/// Whether a text is a link's secret by its looks.
pub(crate) fn is_link(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(is_random)
}

/// Spends a link: `true` for whoever comes first, in time. Blocks.
///
/// # Errors
/// When the store cannot be written; nobody is let in then.
pub(crate) fn spend(host: &Host, secret: &str) -> Result<bool, Refusal> {
    host.store().take_link(&Digest::of(secret.as_bytes())).map_err(unavailable)
}
