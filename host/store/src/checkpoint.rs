//! Moves what was committed from the write-ahead log into the database, on a thread of its own.
//!
//! A checkpoint syncs two files. SQLite would do it inside whichever commit crosses the line, and that caller would
//! wait for milliseconds. The thread starts with the first checkpoint; a short command never has one.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;

use crate::problem::Problem;
use crate::schema::{Access, connect};

/// Commits between two checkpoints: some 3 MB of log.
const COMMITS: u32 = 512;

/// Pages of log from which writers are made to wait until it starts anew: 32 MB. Under a steady stream of commits a
/// checkpoint that waits for nobody never catches up, and the log never would.
const TOO_LONG_PAGES: i64 = 16_384;

/// Bytes of log that a store may leave behind when it closes. The next one to open reads them, within a millisecond;
/// moving them would make each short command wait for the disk.
const LEFT_BYTES: u64 = 1024 * 1024;

/// Counts commits and pokes the thread.
pub(crate) struct Checkpoints {
    database: PathBuf,
    commits: AtomicU32,
    thread: Mutex<Option<Poked>>,
}

struct Poked {
    poke: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Checkpoints {
    pub(crate) fn new(database: PathBuf) -> Self {
        Self { database, commits: AtomicU32::new(0), thread: Mutex::new(None) }
    }

    /// Another commit was made.
    pub(crate) fn committed(&self) {
        if self.commits.fetch_add(1, Ordering::Relaxed) % COMMITS == COMMITS - 1 {
            self.poke();
        }
    }

    fn poke(&self) {
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            match start(self.database.clone()) {
                Ok(started) => *thread = Some(started),
                Err(problem) => return warn(&problem),
            }
        }
        // A thread that is still busy with the last poke will find this one's pages too.
        if let Some(thread) = thread.as_ref()
            && thread.poke.try_send(()).is_err()
        {
            tracing::trace!("a checkpoint is running already");
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        let thread = self.thread.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Poked { poke, thread }) = thread {
            drop(poke);
            if thread.join().is_err() {
                tracing::error!("the store's checkpoint thread panicked");
            }
        }
        if let Err(problem) = tidy(&self.database) {
            warn(&problem);
        }
    }
}

/// Empties a log that has grown; where another process is in the way, that is left to it.
fn tidy(database: &Path) -> Result<(), Problem> {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(log).is_ok_and(|log| log.len() > LEFT_BYTES) {
        let conn = connect(database, Access::Write, Duration::ZERO)?;
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))?;
    }
    Ok(())
}

fn start(database: PathBuf) -> Result<Poked, Problem> {
    let conn = connect(&database, Access::Write, Duration::from_secs(1))?;
    let (poke, pokes) = sync_channel(1);
    let thread = thread::Builder::new().name("store-checkpoint".to_owned()).spawn(move || run(&conn, &pokes))?;
    Ok(Poked { poke, thread })
}

fn run(conn: &Connection, pokes: &Receiver<()>) {
    while pokes.recv().is_ok() {
        if let Err(problem) = checkpoint(conn) {
            warn(&problem);
        }
    }
}

fn checkpoint(conn: &Connection) -> Result<(), Problem> {
    let pages: i64 = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |row| row.get(1))?;
    if pages > TOO_LONG_PAGES {
        conn.query_row("PRAGMA wal_checkpoint(RESTART)", (), |_| Ok(()))?;
    }
    Ok(())
}

/// Nothing is lost where this fails, and the next poke tries again; a full disk also shows in the next commit.
fn warn(problem: &Problem) {
    tracing::warn!(?problem, "the write-ahead log could not be moved into the database");
}
