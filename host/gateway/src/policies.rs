//! The operator's rule files: read at start, looked at again while the host runs.
//!
//! Files that are not right never take the place of rules that are: at start they stop the host, later the rules of
//! before hold, and every look says so. Whoever may write here decides what agents may do, so a folder or a file that
//! other accounts may write is refused.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, anyhow};
use portcullis_model::Digest;
use portcullis_policy::{RuleFile, RuleProblem, RuleSet, Rules};

/// Pause between two looks at the folder.
const LOOK: Duration = Duration::from_secs(1);
/// Largest file.
const MAX_BYTES: u64 = 1 << 20;
/// Most files.
const MAX_FILES: usize = 256;

/// The rules that hold, and where they come from.
pub(crate) struct Policies {
    folder: PathBuf,
    words: Rules,
    state: Mutex<State>,
}

struct State {
    rules: Arc<RuleSet>,
    /// The files as they were when they were looked at last.
    stamp: Stamp,
    looked: Instant,
    /// A file was gone at the last look.
    lacking: bool,
    /// What is wrong with the files now, where something is: the rules are then older than the files.
    problems: Vec<RuleProblem>,
    /// Digest that the audit log has.
    recorded: Option<Digest>,
}

/// Names, and of each what changes whenever it is written or replaced.
type Stamp = Vec<(OsString, Marks)>;

/// Time and size; and where there are such things place on disk, time of the last change of any kind, owner and mode.
type Marks = (Option<SystemTime>, u64, [i64; 5]);

impl Policies {
    /// Reads the folder; a missing one holds no rules.
    ///
    /// # Errors
    /// When any file is not right.
    pub(crate) fn open(folder: PathBuf, words: Rules) -> Result<Self> {
        let stamp = stamp(&folder)?;
        let rules = read(&folder).and_then(|files| RuleSet::new(words.clone(), &files)).map_err(|problems| {
            let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
            anyhow!(
                "the rules in `{}` are not right; see `portcullis policy check`\n{}",
                folder.display(),
                all.join("\n")
            )
        })?;
        let state = State {
            rules: Arc::new(rules),
            stamp,
            looked: Instant::now(),
            lacking: false,
            problems: Vec::new(),
            recorded: None,
        };
        Ok(Self { folder, words, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rules that hold. Looks at the folder at most once a second.
    pub(crate) fn rules(&self) -> Arc<RuleSet> {
        let mut state = self.state();
        if state.looked.elapsed() >= LOOK {
            state.looked = Instant::now();
            self.look(&mut state);
        }
        state.rules.clone()
    }

    fn look(&self, state: &mut State) {
        let held = !state.rules.files().is_empty();
        if held && !self.folder.try_exists().unwrap_or(true) {
            state.stamp = unseen();
            let fix = "put it back; to go on without its rules, start the host again";
            return self.refuse(state, vec![RuleProblem::of_file("policies", "the folder is gone", fix)]);
        }
        let stamped = match stamp(&self.folder) {
            Ok(stamped) if stamped == state.stamp => return,
            // An editor may take a file away to write it again: what is gone must be gone at two looks.
            Ok(stamped) if lacks(&stamped, &state.stamp) && !std::mem::replace(&mut state.lacking, true) => return,
            Ok(stamped) => stamped,
            Err(error) => {
                // Whatever is there when it can be read again is to be read.
                state.stamp = unseen();
                return self.refuse(state, vec![unreadable(&error)]);
            }
        };
        match read(&self.folder).and_then(|files| RuleSet::new(self.words.clone(), &files)) {
            // Written while it was read: what was read may be half of it.
            _ if stamp(&self.folder).ok().as_ref() != Some(&stamped) => return,
            Ok(rules) => {
                tracing::info!(digest = %rules.digest(), "the rules have changed");
                (state.rules, state.problems) = (Arc::new(rules), Vec::new());
            }
            Err(problems) => self.refuse(state, problems),
        }
        (state.stamp, state.lacking) = (stamped, false);
    }

    fn refuse(&self, state: &mut State, problems: Vec<RuleProblem>) {
        if problems != state.problems {
            for problem in &problems {
                tracing::error!(%problem, "the rule files are not right: the rules of before hold");
            }
        }
        state.problems = problems;
    }

    /// What is wrong with the files, where something is.
    pub(crate) fn problems(&self) -> Vec<RuleProblem> {
        self.state().problems.clone()
    }

    /// Whether the audit log names these rules already.
    pub(crate) fn is_recorded(&self, digest: Digest) -> bool {
        self.state().recorded == Some(digest)
    }

    /// The audit log names these rules.
    pub(crate) fn recorded(&self, digest: Digest) {
        self.state().recorded = Some(digest);
    }
}

/// Names of the rule files of a folder, in order.
fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        if Path::new(&name).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("cedar")) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn stamp(folder: &Path) -> io::Result<Stamp> {
    let mut stamp = Vec::new();
    for name in names(folder)? {
        let marks = marks(&fs::symlink_metadata(folder.join(&name))?);
        stamp.push((name, marks));
    }
    if let Ok(meta) = fs::metadata(folder) {
        let (_, _, [_, _, _, owner, mode]) = marks(&meta);
        stamp.push((OsString::new(), (None, 0, [0, 0, 0, owner, mode])));
    }
    Ok(stamp)
}

/// What no look at a folder gives.
fn unseen() -> Stamp {
    vec![(OsString::from("unseen"), (None, 0, [0; 5]))]
}

/// Whether a name of before is not there any more.
fn lacks(now: &Stamp, before: &Stamp) -> bool {
    *before != unseen() && before.iter().any(|(name, _)| !now.iter().any(|(other, _)| other == name))
}

#[cfg(unix)]
fn marks(meta: &fs::Metadata) -> Marks {
    use std::os::unix::fs::MetadataExt as _;
    let whole = [meta.ino().cast_signed(), meta.ctime(), meta.ctime_nsec(), meta.uid().into(), meta.mode().into()];
    (meta.modified().ok(), meta.len(), whole)
}

#[cfg(not(unix))]
fn marks(meta: &fs::Metadata) -> Marks {
    (meta.modified().ok(), meta.len(), [0; 5])
}

fn unreadable(error: &io::Error) -> RuleProblem {
    RuleProblem::of_file("policies", format!("the folder cannot be read: {error}"), "make it readable to this account")
}

/// Reads every rule file of a folder.
///
/// # Errors
/// Every problem found.
pub(crate) fn read(folder: &Path) -> Result<Vec<RuleFile>, Vec<RuleProblem>> {
    let names = names(folder).map_err(|error| vec![unreadable(&error)])?;
    let mut problems = Vec::new();
    if let Ok(meta) = fs::metadata(folder) {
        only_ours(&meta, folder, "policies", &mut problems);
    }
    if names.len() > MAX_FILES {
        let fix = format!("keep to {MAX_FILES}");
        problems.push(RuleProblem::of_file("policies", "there are too many files", fix));
    }
    let files: Vec<RuleFile> =
        names.iter().take(MAX_FILES).filter_map(|name| one(folder, name, &mut problems)).collect();
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

fn one(folder: &Path, name: &OsString, problems: &mut Vec<RuleProblem>) -> Option<RuleFile> {
    let path = folder.join(name);
    let plain = |name: &str| {
        let stem = name.strip_suffix(".cedar").unwrap_or_default();
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        (1..=64).contains(&stem.len()) && !stem.starts_with('.') && stem.bytes().all(fits)
    };
    let Some(name) = name.to_str().filter(|name| plain(name)) else {
        let shown = name.to_string_lossy();
        let shown = portcullis_model::Shown::new(&shown).limit_bytes(80).to_string();
        let fix = "rename it to letters, digits, `-`, `_` and `.`, ending in .cedar";
        problems.push(RuleProblem::of_file(&shown, "it has a name that rules cannot be named by", fix));
        return None;
    };
    // Not followed: whoever may write where a link leads could change the rules.
    match fs::symlink_metadata(&path) {
        Ok(meta) if !meta.is_file() => {
            problems.push(RuleProblem::of_file(name, "it is no plain file", "put the file itself into the folder"));
            return None;
        }
        Ok(meta) if meta.len() > MAX_BYTES => {
            problems.push(RuleProblem::of_file(name, "it is larger than 1 MiB", "split it"));
            return None;
        }
        Ok(meta) => only_ours(&meta, &path, name, problems),
        Err(_) => {}
    }
    match fs::read_to_string(&path) {
        Ok(text) => Some(RuleFile { name: name.to_owned(), text }),
        Err(error) => {
            let what = format!("it cannot be read: {error}");
            problems.push(RuleProblem::of_file(name, what, "make it UTF-8 text that this account may read"));
            None
        }
    }
}

/// That no other account owns it or may write it. The machine's own administrator may.
#[cfg(unix)]
fn only_ours(meta: &fs::Metadata, path: &Path, name: &str, problems: &mut Vec<RuleProblem>) {
    use std::os::unix::fs::MetadataExt as _;
    let own = rustix::process::geteuid().as_raw();
    let mut complain = |what: &str, fix: String| problems.push(RuleProblem::of_file(name, what, fix));
    if meta.mode() & 0o022 != 0 {
        let what = "other accounts may write it, and so decide what agents may do";
        complain(what, format!("chmod go-w {}", path.display()));
    }
    if meta.uid() != own && meta.uid() != 0 {
        let what = "it belongs to another account, which could decide what agents may do";
        complain(what, format!("chown {own} {}", path.display()));
    }
}

#[cfg(not(unix))]
fn only_ours(_: &fs::Metadata, _: &Path, _: &str, _: &mut Vec<RuleProblem>) {}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const RULE: &str = "forbid (principal, action, resource);";

    fn write(folder: &Path, name: &str, text: &str) {
        fs::write(folder.join(name), text).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn look(policies: &Policies) -> (Digest, usize) {
        let mut state = policies.state();
        policies.look(&mut state);
        (state.rules.digest(), state.problems.len())
    }

    #[test]
    fn changed_files_take_over_once_they_are_right_and_not_before() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let policies = Policies::open(folder.to_owned(), Rules::default()).unwrap();
        let plain = policies.rules().digest();
        assert_eq!(look(&policies), (plain, 0));
        write(folder, "a.cedar", RULE);
        let (one, problems) = look(&policies);
        assert!(one != plain && problems == 0);
        write(folder, "b.cedar", "forbid (principal, action, resource) when { context.bod has x };");
        assert_eq!(look(&policies), (one, 1), "the rules of before hold, and it is said");
        assert_eq!(look(&policies), (one, 1), "and said again");
        assert!(Policies::open(folder.to_owned(), Rules::default()).is_err(), "nobody starts with them");
        fs::set_permissions(folder.join("a.cedar"), fs::Permissions::from_mode(0o622)).unwrap();
        write(folder, "b.cedar", "");
        assert_eq!(look(&policies), (one, 1), "a file that others may write is not read");
        fs::set_permissions(folder.join("a.cedar"), fs::Permissions::from_mode(0o600)).unwrap();
        let (two, problems) = look(&policies);
        assert!(two != one && problems == 0, "an empty file is one more name");
        fs::remove_file(folder.join("b.cedar")).unwrap();
        fs::remove_file(folder.join("a.cedar")).unwrap();
        assert_eq!(look(&policies), (two, 0), "an editor may be about to write it again");
        assert_eq!(look(&policies), (plain, 0));
    }

    #[test]
    fn a_file_that_came_back_was_never_gone_and_a_folder_that_is_gone_takes_no_rule_along() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("policies");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        write(&folder, "a.cedar", RULE);
        let policies = Policies::open(folder.clone(), Rules::default()).unwrap();
        let one = policies.rules().digest();
        fs::remove_file(folder.join("a.cedar")).unwrap();
        assert_eq!(look(&policies), (one, 0));
        write(&folder, "a.cedar", RULE);
        assert_eq!(look(&policies), (one, 0));
        fs::rename(&folder, home.path().join("elsewhere")).unwrap();
        for _ in 0..3 {
            assert_eq!(look(&policies), (one, 1), "the rules of before hold, and it is said");
        }
        fs::rename(home.path().join("elsewhere"), &folder).unwrap();
        assert_eq!(look(&policies), (one, 0));
    }

    #[test]
    fn what_was_written_with_the_old_size_and_time_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        write(folder, "a.cedar", "forbid (principal, action, resource) when { context.bodyBytes == 13 };");
        let policies = Policies::open(folder.to_owned(), Rules::default()).unwrap();
        let one = policies.rules().digest();
        let before = fs::metadata(folder.join("a.cedar")).unwrap().modified().unwrap();
        write(folder, "a.cedar", "forbid (principal, action, resource) when { context.bodyBytes == 14 };");
        fs::File::options().write(true).open(folder.join("a.cedar")).unwrap().set_modified(before).unwrap();
        let (two, problems) = look(&policies);
        assert!(two != one && problems == 0);
    }

    #[test]
    fn files_of_other_accounts_and_links_are_no_rules() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("policies");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        write(home.path(), "real.cedar", RULE);
        std::os::unix::fs::symlink(home.path().join("real.cedar"), folder.join("a.cedar")).unwrap();
        let refused = read(&folder).unwrap_err();
        assert!(refused[0].to_string().contains("no plain file"), "{refused:?}");
        fs::remove_file(folder.join("a.cedar")).unwrap();
        write(&folder, "a.cedar", RULE);
        assert_eq!(read(&folder).unwrap().len(), 1);
        // Only an administrator can give a file away.
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(folder.join("a.cedar"), Some(65_534), None).unwrap();
            let refused = read(&folder).unwrap_err();
            assert!(refused[0].to_string().contains("belongs to another account"), "{refused:?}");
        }
    }
}
