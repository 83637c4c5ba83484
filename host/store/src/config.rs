//! What a store is opened with.

use std::path::PathBuf;
use std::sync::Arc;

use portcullis_policy::{Clock, SystemClock};

/// Where a store lives and what it goes by.
#[derive(Clone)]
pub struct StoreConfig {
    /// The folder; made with mode 0700 where it is missing, and narrowed to it where it is wider.
    pub dir: PathBuf,
    /// Stamps rows and ends approvals.
    pub clock: Arc<dyn Clock>,
    /// How long another process may hold the database before a write gives up, in milliseconds.
    pub patience_ms: u64,
}

impl StoreConfig {
    /// A store in this folder, by the machine's clock, with ten seconds of patience.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), clock: Arc::new(SystemClock), patience_ms: 10_000 }
    }
}
