//! The store: one folder, one writing connection, one reading one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portcullis_policy::{StoreError, TimestampMs};
use rusqlite::Connection;

use crate::audit_reader::AuditReader;
use crate::chain_key::ChainKey;
use crate::checkpoint::Checkpoints;
use crate::config::StoreConfig;
use crate::home::Home;
use crate::last_use::LastUse;
use crate::lockfile::wait_for;
use crate::owner::Owner;
use crate::private_file::touch;
use crate::problem::Problem;
use crate::schema::{Access, connect, migrate};
use crate::transaction::WriteConn;
use crate::writer::Writer;

/// A handle to everything that is kept. Clones share it; it closes with the last of them.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

/// Fields are dropped in this order: what is queued is written before the owner's lock is let go of.
pub(crate) struct Inner {
    pub(crate) writer: Writer,
    reader: Mutex<Connection>,
    audit: AuditReader,
    pub(crate) last_use: LastUse,
    pub(crate) owner: Arc<Owner>,
    pub(crate) home: Home,
    pub(crate) config: StoreConfig,
}

impl Store {
    /// Opens the store, making what is missing, and ends the calls of processes that are gone as `unknown`.
    ///
    /// Blocks on files, for some milliseconds where the store is new.
    ///
    /// # Errors
    /// When the folder cannot be used, the database is damaged or of a newer version, the audit key is missing, or
    /// the audit log's head was changed and there are calls to end. [`AuditReader::open`] works in the last case.
    pub fn open(config: StoreConfig) -> Result<Self, StoreError> {
        Ok(open(config)?)
    }

    /// Reads and verifies the audit log.
    #[must_use]
    pub fn audit(&self) -> &AuditReader {
        &self.inner.audit
    }
}

fn open(config: StoreConfig) -> Result<Store, Problem> {
    let home = Home::at(&config.dir);
    let patience = Duration::from_millis(config.patience_ms);
    home.prepare()?;
    let gate = wait_for(&home.gate(), patience)?;
    let key = Arc::new(ChainKey::load_or_create(&home)?);
    touch(&home.database())?;
    let mut conn = connect(&home.database(), Access::Write, patience)?;
    migrate(&mut conn, &key)?;
    let reader = connect(&home.database(), Access::Read, patience)?;
    let owner = Owner::enter(&home, &gate)?;
    let conn = WriteConn::new(conn, Arc::clone(&key), Arc::clone(&config.clock))?;
    let inner = Inner {
        writer: Writer::start(conn, Checkpoints::new(home.database()), patience)?,
        reader: Mutex::new(reader),
        audit: AuditReader::new(home.clone(), key, patience),
        last_use: LastUse::default(),
        owner: Arc::new(owner),
        home,
        config,
    };
    inner.recover_behind(&gate)?;
    Ok(Store { inner: Arc::new(inner) })
}

impl Inner {
    /// The reading connection. Each use is one short statement.
    pub(crate) fn reader(&self) -> MutexGuard<'_, Connection> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now_ms(&self) -> TimestampMs {
        self.config.clock.now_ms()
    }

    pub(crate) fn patience(&self) -> Duration {
        Duration::from_millis(self.config.patience_ms)
    }
}
