//! Which process tells: each that serves tells of everything; where none does, one that an agent's program started
//! tells of that agent's own calls, since nobody else would.
//!
//! A lock that ends with its process says whether somebody serves: nothing is left behind by one that died.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use portcullis_model::AgentName;

/// For whom a process tells.
pub(crate) enum Desk {
    /// For everyone: it serves, and says so as long as it lives.
    Serves(#[expect(dead_code, reason = "held, not read")] File),
    /// For one agent, while nobody serves.
    Agents(AgentName, File),
}

impl Desk {
    /// For a process that serves, at this address.
    ///
    /// # Errors
    /// When the lock cannot be had.
    pub(crate) fn of_all(state: &Path, url: &str) -> io::Result<Self> {
        let mut file = open(state)?;
        file.lock_shared()?;
        file.set_len(0)?;
        file.write_all(url.as_bytes())?;
        Ok(Self::Serves(file))
    }

    /// Where somebody serves, as the last to begin has said; nothing where nobody does.
    ///
    /// # Errors
    /// When the lock cannot be read.
    pub(crate) fn address(state: &Path) -> io::Result<Option<String>> {
        let mut file = open(state)?;
        if !is_held(&file) {
            return Ok(None);
        }
        let mut url = String::new();
        file.read_to_string(&mut url)?;
        Ok(Some(url).filter(|url| !url.is_empty()))
    }

    /// For a process of one agent.
    ///
    /// # Errors
    /// When there can be no lock.
    pub(crate) fn of(agent: AgentName, state: &Path) -> io::Result<Self> {
        Ok(Self::Agents(agent, open(state)?))
    }

    /// Whether this process tells of an agent's calls.
    pub(super) fn tells_of(&self, agent: &AgentName) -> bool {
        match self {
            Self::Serves(_) => true,
            Self::Agents(own, file) => own == agent && !is_held(file),
        }
    }

    /// Whether this process serves.
    pub(super) fn serves(&self) -> bool {
        matches!(self, Self::Serves(_))
    }
}

fn open(state: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(state.join("desk.lock"))
}

/// Whether somebody serves. Two messages are better than none: what cannot be told is no.
fn is_held(file: &File) -> bool {
    match file.try_lock() {
        Ok(()) => {
            if let Err(error) = file.unlock() {
                tracing::debug!(%error, "the desk's lock is kept");
            }
            false
        }
        Err(TryLockError::WouldBlock) => true,
        Err(TryLockError::Error(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agents_process_tells_of_its_own_and_only_while_nobody_serves() {
        let state = tempfile::tempdir().unwrap();
        let (own, other): (AgentName, AgentName) = ("own".parse().unwrap(), "other".parse().unwrap());
        let desk = Desk::of(own.clone(), state.path()).unwrap();
        assert!(desk.tells_of(&own) && !desk.tells_of(&other));
        let serves = [
            Desk::of_all(state.path(), "http://127.0.0.1:1").unwrap(),
            Desk::of_all(state.path(), "http://127.0.0.1:1").unwrap(),
        ];
        assert!(serves.iter().all(|desk| desk.tells_of(&own) && desk.tells_of(&other)));
        assert!(!desk.tells_of(&own));
        drop(serves);
        assert!(desk.tells_of(&own));
    }
}
