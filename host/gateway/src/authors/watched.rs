//! Hearing of changes to a project's files.
//!
//! What tools write is not watched: a folder of fetched libraries may hold more files than a machine can watch.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use portcullis_authoring::{is_source, source_folders};

/// How long nothing must change before a change counts as complete: editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(200);

/// A project's folder, watched from now on.
pub(crate) struct Watched {
    folder: PathBuf,
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    known: BTreeSet<PathBuf>,
}

impl Watched {
    /// Watches a folder.
    ///
    /// # Errors
    /// When the machine watches no more, or the folder is not there.
    pub(crate) fn new(folder: &Path) -> Result<Self> {
        let folder = folder.canonicalize().with_context(|| format!("`{}` is not there", folder.display()))?;
        let (send, events) = channel();
        let told = move |event| {
            // Nobody listens any more: the program is ending.
            drop(send.send(event));
        };
        let watcher = notify::recommended_watcher(told).context("changes of files cannot be watched here")?;
        let mut watched = Self { folder, watcher, events, known: BTreeSet::new() };
        watched.look()?;
        Ok(watched)
    }

    /// Waits until sources were changed and nothing more changes.
    ///
    /// # Errors
    /// When the machine tells no more.
    pub(crate) fn wait(&mut self) -> Result<()> {
        loop {
            let event = self.events.recv().context("changes of files are not told any more")?;
            if self.is_change(event)? {
                break;
            }
        }
        loop {
            match self.events.recv_timeout(QUIET) {
                Ok(event) => drop(self.is_change(event)?),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => bail!("changes of files are not told any more"),
            }
        }
        self.look()
    }

    fn is_change(&self, event: notify::Result<Event>) -> Result<bool> {
        let event = event.context("changes of files cannot be watched")?;
        // Reading counts as an event on some systems, and a build reads everything.
        let written = !matches!(event.kind, EventKind::Access(_));
        Ok(written && (event.need_rescan() || event.paths.iter().any(|path| is_source(&self.folder, path))))
    }

    /// Watches folders that are new.
    fn look(&mut self) -> Result<()> {
        for folder in source_folders(&self.folder)? {
            if self.known.contains(&folder) {
                continue;
            }
            let mode = if folder == self.folder { RecursiveMode::NonRecursive } else { RecursiveMode::Recursive };
            match self.watcher.watch(&folder, mode) {
                Ok(()) => drop(self.known.insert(folder)),
                // Gone between the look and now; its going is a change that is still to come.
                Err(_) if !folder.exists() => {}
                Err(error) => return Err(error).with_context(|| format!("`{}` cannot be watched", folder.display())),
            }
        }
        self.known.retain(|folder| folder.exists());
        Ok(())
    }
}
