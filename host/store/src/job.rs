//! A piece of work that waits for the writer, and the caller that waits for it.

use portcullis_policy::{Durability, StoreError};
use tokio::sync::oneshot;

use crate::problem::Problem;
use crate::transaction::Tx;

/// Whether work is still wanted when its caller is gone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// By the record, whoever asked.
    Always,
    /// Only by its caller: an intent without one would be a call that nobody ends.
    ByCaller,
}

/// Work in the queue. It may run twice where a batch fails and each is tried alone; only what was committed counts.
pub(crate) trait Job: Send {
    /// What the commit must survive.
    fn durability(&self) -> Durability;
    /// Whether nobody wants it any more.
    fn abandoned(&self) -> bool;
    /// Does it, inside a transaction.
    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Problem>;
    /// Tells the caller, after the commit or the failure.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

/// A job that gives a value.
pub(crate) struct Task<T, F> {
    pub(crate) work: F,
    pub(crate) durability: Durability,
    pub(crate) wanted: Wanted,
    pub(crate) value: Option<T>,
    pub(crate) reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnMut(&mut Tx<'_>) -> Result<T, Problem> + Send,
{
    fn durability(&self) -> Durability {
        self.durability
    }

    fn abandoned(&self) -> bool {
        self.wanted == Wanted::ByCaller && self.reply.is_closed()
    }

    fn run(&mut self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        self.value = Some((self.work)(tx)?);
        Ok(())
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let Self { value, reply, .. } = *self;
        let answer = committed.and_then(|()| value.ok_or_else(|| StoreError::new("the store lost an answer")));
        if reply.send(answer).is_err() {
            tracing::debug!("whoever asked the store for a write is gone");
        }
    }
}
