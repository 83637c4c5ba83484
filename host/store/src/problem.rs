//! What goes wrong in here, turned into words that say what to do.
//!
//! The texts hold no path and no value: SQL goes out with parameters, so SQLite's own messages name tables at most.

use std::io;

use portcullis_policy::StoreError;
use rusqlite::ErrorCode;

/// Any failure inside this crate.
#[derive(Debug)]
pub(crate) enum Problem {
    /// Of the database.
    Sql(rusqlite::Error),
    /// Of the file system.
    Io(io::Error),
    /// Another connection holds the write lock.
    Busy,
    /// In words already.
    Said(StoreError),
}

impl Problem {
    pub(crate) fn said(text: impl Into<String>) -> Self {
        Self::Said(StoreError::new(text))
    }

    /// Whether waiting may help.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self, Self::Busy) || matches!(self, Self::Sql(error) if is_busy(error))
    }
}

pub(crate) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<serde_json::Error> for Problem {
    fn from(_: serde_json::Error) -> Self {
        Self::said("a stored record is not what this version writes: run `portcullis doctor`")
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Said(error)
    }
}

impl From<Problem> for StoreError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Said(error) => error,
            Problem::Busy => Self::new(BUSY),
            Problem::Io(error) => Self::new(of_file_system(&error)),
            Problem::Sql(error) => Self::new(of_database(&error)),
        }
    }
}

const BUSY: &str = "another process holds the database: stop it, or try again when it is done";
const FULL: &str = "the disk is full: free some space, then try again";
const READ_ONLY: &str =
    "the data folder cannot be written: check its owner, its mode and whether the disk is mounted read-only";
const DAMAGED: &str =
    "the database is damaged: stop portcullis, keep a copy of the data folder, then restore it from a backup";

fn of_file_system(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FULL.to_owned(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => READ_ONLY.to_owned(),
        kind => format!("the data folder cannot be used: {kind}"),
    }
}

fn of_database(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => FULL.to_owned(),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => READ_ONLY.to_owned(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => DAMAGED.to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => BUSY.to_owned(),
        Some(ErrorCode::SystemIoFailure) => "the disk reported an error: check it, then try again".to_owned(),
        _ => format!("the database refused: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn told(code: std::ffi::c_int) -> String {
        StoreError::from(Problem::Sql(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))).to_string()
    }

    #[test]
    fn accidents_of_the_disk_say_what_to_do() {
        for (code, words) in [
            (ffi::SQLITE_FULL, "free some space"),
            (ffi::SQLITE_READONLY, "check its owner"),
            (ffi::SQLITE_READONLY_DIRECTORY, "check its owner"),
            (ffi::SQLITE_CANTOPEN, "check its owner"),
            (ffi::SQLITE_CORRUPT, "restore it from a backup"),
            (ffi::SQLITE_NOTADB, "restore it from a backup"),
            (ffi::SQLITE_IOERR_WRITE, "check it, then try again"),
            (ffi::SQLITE_BUSY_SNAPSHOT, "another process"),
        ] {
            assert!(told(code).contains(words), "{code}: {}", told(code));
        }
        let full = Problem::Io(io::Error::from(io::ErrorKind::StorageFull));
        assert!(StoreError::from(full).to_string().contains("free some space"));
    }
}
