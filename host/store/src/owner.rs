//! Who is alive: each store holds the lock of a file of its own for as long as it lives.
//!
//! The system lets go of the lock when the process ends, also by `kill -9`. No clock and no process id is asked.

use std::path::PathBuf;

use crate::home::Home;
use crate::lockfile::{Attempt, Held, create};
use crate::private_file::{random_hex, remove};
use crate::problem::Problem;

/// A live store.
pub(crate) struct Owner {
    id: String,
    path: PathBuf,
    /// Let go of after the file is gone: see `drop`.
    lock: Option<Held>,
}

impl Owner {
    /// Enters the folder. The gate keeps everybody from seeing the file between its making and its locking.
    pub(crate) fn enter(home: &Home, _gate: &Held) -> Result<Self, Problem> {
        let id = random_hex::<16>()?;
        let path = home.owner(&id);
        match create(&path)? {
            Attempt::Held(lock) => Ok(Self { id, path, lock: Some(lock) }),
            Attempt::Busy | Attempt::Missing => {
                Err(Problem::said("something else works in the data folder's `owners`: try again"))
            }
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

impl Drop for Owner {
    /// Calls that are still open now have no owner any more, whether or not the file can be removed.
    fn drop(&mut self) {
        if let Err(error) = remove(&self.path) {
            tracing::warn!(kind = %error.kind(), "the lock file of a store that ends could not be removed");
        }
        drop(self.lock.take());
    }
}
