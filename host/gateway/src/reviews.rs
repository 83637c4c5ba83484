//! `[reviews]`: who may say that a plugin was looked at, and whether somebody must have.
//!
//! Nobody is listed unless the operator does. A review is asked for again at every load, so that one by a key that was
//! taken away does not count any more.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use portcullis_catalog::{PublicKey, ReviewedBy};
use portcullis_model::{Code, Digest, Refusal};
use serde::Deserialize;

use crate::distribution::public_key;
use crate::host::{Host, unreadable};

/// `[reviews]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ReviewSettings {
    keys: Vec<PathBuf>,
    required: bool,
}

impl ReviewSettings {
    /// Checks every value but the key files, which are read when they are needed.
    pub(crate) fn check(&self) -> Result<()> {
        if self.required && self.keys.is_empty() {
            bail!("[reviews] keys: expected at least one, or nothing could be installed: keys = [\"REVIEWER.pub\"]");
        }
        Ok(())
    }

    fn keys(&self, beside: &Path) -> Result<Vec<PublicKey>, Refusal> {
        self.keys.iter().map(|key| public_key(beside, key)).collect()
    }
}

impl Host {
    /// Who reviewed the plugin of this digest, of those whom the operator lists now, whether or not somebody must have.
    ///
    /// # Errors
    /// `signature-refused` where a listed key cannot be read.
    pub(crate) fn review_of(&self, digest: Digest) -> Result<Option<ReviewedBy>, Refusal> {
        let (reviews, folder) = self.settings().reviews();
        let keys = reviews.keys(folder)?;
        let kept = self.store().reviews(digest).map_err(unreadable)?;
        Ok(kept.iter().find_map(|review| ReviewedBy::open(review, &keys, digest).ok()))
    }

    /// That somebody reviewed it, where somebody must have.
    ///
    /// # Errors
    /// `review-required` where nobody did, and the same as above.
    pub(crate) fn must_be_reviewed(&self, digest: Digest) -> Result<(), Refusal> {
        let (reviews, _) = self.settings().reviews();
        if reviews.required && self.review_of(digest)?.is_none() {
            let what = format!("nobody whom portcullis.toml lists under [reviews] has reviewed {digest}");
            return Err(Refusal::new(Code::ReviewRequired, what)
                .fix("hand in a review: portcullis install WHAT --review FILE (made by portcullis attest)"));
        }
        Ok(())
    }

    /// Takes in a review of the plugin of this digest.
    ///
    /// # Errors
    /// `review-required` where it does not count, `audit-unavailable` where it cannot be kept.
    pub(crate) fn take_review(&self, digest: Digest, envelope: &[u8]) -> Result<ReviewedBy, Refusal> {
        let (reviews, folder) = self.settings().reviews();
        let by = ReviewedBy::open(envelope, &reviews.keys(folder)?, digest)?;
        self.store().keep_review(digest, &by.reviewer, envelope).map_err(unreadable)?;
        Ok(by)
    }
}
