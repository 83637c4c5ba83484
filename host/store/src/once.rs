//! Idempotency keys: a request that an agent names is sent at most once, and its outcome is told again.
//!
//! A key whose process is gone without an outcome is `unknown` for good: its request may have been sent. What counts as
//! the same request, and what an outcome says, is the caller's matter.

use portcullis_model::{AgentName, Digest};
use portcullis_policy::{Durability, StoreError};
use rusqlite::{Connection, OptionalExtension as _};

use crate::job::Wanted;
use crate::problem::Problem;
use crate::store::Store;
use crate::transaction::{Tx, stored};

/// What came of the attempt to take a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is the caller's now, who must end it: it runs until then, and is unknown once this process is gone.
    First,
    /// A live process has it.
    Running,
    /// It ended with this outcome.
    Ended(String),
    /// Its process is gone and left no outcome: the request may or may not have been sent.
    Unknown,
    /// It was taken for another request.
    Other,
}

/// A key as it is kept. Neither owner nor outcome means unknown.
struct Kept {
    request: Vec<u8>,
    owner: Option<String>,
    outcome: Option<String>,
}

impl Kept {
    fn read(conn: &Connection, agent: &str, key: &str) -> Result<Option<Self>, Problem> {
        let sql = "SELECT request, owner, outcome FROM once WHERE agent = ?1 AND key = ?2";
        let read = conn
            .prepare_cached(sql)?
            .query_row((agent, key), |row| Ok(Self { request: row.get(0)?, owner: row.get(1)?, outcome: row.get(2)? }));
        Ok(read.optional()?)
    }

    fn begun(self, request: Digest) -> Begun {
        match self {
            Self { request: kept, .. } if kept != request.as_bytes() => Begun::Other,
            Self { outcome: Some(outcome), .. } => Begun::Ended(outcome),
            Self { owner: Some(_), .. } => Begun::Running,
            Self { owner: None, .. } => Begun::Unknown,
        }
    }
}

impl Store {
    /// Takes a key for one agent's one request. Durable against the loss of power before it says `First`.
    ///
    /// # Errors
    /// When the store cannot be read or written; the key was not taken then, or reads as unknown later.
    pub async fn begin_once(&self, agent: &AgentName, key: &str, request: Digest) -> Result<Begun, StoreError> {
        let mut kept = Kept::read(&self.inner.reader(), agent.as_str(), key)?;
        if kept.as_ref().is_some_and(|kept| self.may_be_gone(kept)) {
            // Its owner's lock decides, never its age; a recovery asks for it where nobody else does the same.
            let store = self.clone();
            let recovery = tokio::task::spawn_blocking(move || store.recover()).await;
            recovery.map_err(|_| StoreError::new("the store's recovery broke off"))??;
            kept = Kept::read(&self.inner.reader(), agent.as_str(), key)?;
        }
        if let Some(kept) = kept {
            return Ok(kept.begun(request));
        }
        let (agent, key, owner) = (agent.as_str().to_owned(), key.to_owned(), self.inner.owner.clone());
        let work = move |tx: &mut Tx<'_>| match Kept::read(tx.conn(), &agent, &key)? {
            Some(kept) => Ok(kept.begun(request)),
            None => take(tx, &agent, &key, request, owner.id()).map(|()| Begun::First),
        };
        self.inner.writer.submit(Durability::Power, Wanted::ByCaller, work).await
    }

    /// Records the outcome (JSON text) of a key that this store began, or with `None` frees the key: nothing was sent.
    /// A key that ended, or that another began, stays as it is.
    ///
    /// Losing this to a loss of power leaves the key unknown, which sends nothing.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn end_once(&self, agent: &AgentName, key: &str, outcome: Option<&str>) -> Result<(), StoreError> {
        let (agent, key, outcome) = (agent.as_str().to_owned(), key.to_owned(), outcome.map(str::to_owned));
        let owner = self.inner.owner.clone();
        self.change(move |tx| {
            match &outcome {
                Some(outcome) => tx
                    .conn()
                    .prepare_cached(
                        "UPDATE once SET outcome = ?4, owner = NULL WHERE agent = ?1 AND key = ?2 AND owner = ?3",
                    )?
                    .execute((&agent, &key, owner.id(), outcome))?,
                None => tx
                    .conn()
                    .prepare_cached("DELETE FROM once WHERE agent = ?1 AND key = ?2 AND owner = ?3")?
                    .execute((&agent, &key, owner.id()))?,
            };
            Ok(())
        })
        .await
    }

    fn may_be_gone(&self, kept: &Kept) -> bool {
        kept.owner.as_deref().is_some_and(|owner| owner != self.inner.owner.id())
    }
}

fn take(tx: &Tx<'_>, agent: &str, key: &str, request: Digest, owner: &str) -> Result<(), Problem> {
    tx.conn()
        .prepare_cached("INSERT INTO once (agent, key, request, created_ms, owner) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((agent, key, &request.as_bytes()[..], stored(tx.now_ms()), owner))?;
    Ok(())
}

/// Makes the keys of an owner that is gone unknown; gives how many.
pub(crate) fn give_up(tx: &Tx<'_>, owner: &str) -> Result<usize, Problem> {
    Ok(tx.conn().prepare_cached("UPDATE once SET owner = NULL WHERE owner = ?1")?.execute([owner])?)
}
