//! Locks between processes that the system lets go of when their holder dies, however it dies.
//!
//! A lock belongs to an open file, not to a name: whoever gets one must see that the name still leads to that file,
//! or it holds a lock that nobody else will ever meet.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::private_file::options;
use crate::problem::Problem;

/// A lock that is held until this is dropped.
#[derive(Debug)]
#[must_use = "the lock is let go of when this is dropped"]
pub(crate) struct Held(#[expect(dead_code, reason = "held for its lock")] File);

/// What became of an attempt that does not wait.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// The lock is ours.
    Held(Held),
    /// A live process has it.
    Busy,
    /// There is no such file.
    Missing,
}

/// How long to sleep between two attempts.
const NAP: Duration = Duration::from_millis(1);

/// Takes the lock of a file that is made where it is missing, waiting for it.
pub(crate) fn wait_for(path: &Path, patience: Duration) -> Result<Held, Problem> {
    let give_up = Instant::now() + patience;
    loop {
        let file = options().create(true).truncate(false).open(path)?;
        if let Attempt::Held(held) = attempt(file, path)? {
            return Ok(held);
        }
        if Instant::now() >= give_up {
            return Err(Problem::Busy);
        }
        std::thread::sleep(NAP);
    }
}

/// Takes the lock of a file that must be there, or says who has it.
pub(crate) fn try_existing(path: &Path) -> Result<Attempt, Problem> {
    match options().open(path) {
        Ok(file) => attempt(file, path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Attempt::Missing),
        Err(error) => Err(error.into()),
    }
}

/// Makes a file that must not be there, and takes its lock.
pub(crate) fn create(path: &Path) -> Result<Attempt, Problem> {
    let file = options().create_new(true).open(path)?;
    attempt(file, path)
}

fn attempt(file: File, path: &Path) -> Result<Attempt, Problem> {
    match file.try_lock() {
        Ok(()) if leads_to(path, &file)? => Ok(Attempt::Held(Held(file))),
        Ok(()) => Ok(Attempt::Missing),
        Err(TryLockError::WouldBlock) => Ok(Attempt::Busy),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

#[cfg(unix)]
fn leads_to(path: &Path, file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let ours = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (ours.dev(), ours.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Where an open file cannot be removed, a name keeps leading to it.
#[cfg(not(unix))]
fn leads_to(_: &Path, _: &File) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

    use super::*;

    #[test]
    fn a_lock_is_had_by_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lock");
        let held = wait_for(&path, Duration::ZERO).unwrap();
        assert!(matches!(try_existing(&path).unwrap(), Attempt::Busy));
        assert!(matches!(wait_for(&path, Duration::ZERO), Err(Problem::Busy)));
        drop(held);
        assert!(matches!(try_existing(&path).unwrap(), Attempt::Held(_)));
    }

    #[test]
    #[cfg(unix)]
    fn the_lock_of_a_file_that_lost_its_name_is_no_lock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lock");
        let before = options().create(true).truncate(false).open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(attempt(before.try_clone().unwrap(), &path).unwrap(), Attempt::Missing));
        let _held = wait_for(&path, Duration::ZERO).unwrap();
        assert!(matches!(attempt(before, &path).unwrap(), Attempt::Missing));
    }
}
