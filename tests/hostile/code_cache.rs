//! Compiled code on disk: kept, and believed only where it is exactly as it was written.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis_sandbox::{HostLimits, Tier};

use crate::graft::honest;
use crate::stage::{compiles, guest, sandbox};

/// Loads in a sandbox of its own, as a new process would, and says whether it compiled. The plugin must work.
fn compiled(cache: &Path, bytes: &[u8]) -> bool {
    let (times, plugin) = compiles(&sandbox(cache, Tier::Sealed, HostLimits::default()), bytes);
    plugin.unwrap().describe("forecast", "{}").unwrap();
    times > 0
}

fn code_files(cache: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|e| e == "cwasm")).collect()
}

fn filled() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    assert!(compiled(folder.path(), &honest()));
    let file = code_files(folder.path()).pop().unwrap();
    (folder, file)
}

#[test]
fn compiled_code_is_used_again() {
    let (folder, _) = filled();
    assert!(!compiled(folder.path(), &honest()));
}

#[test]
fn a_changed_byte_anywhere_throws_the_file_away() {
    let (folder, file) = filled();
    let whole = fs::read(&file).unwrap();
    for at in [0, 31, 32, 33, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&file, changed).unwrap();
        assert!(compiled(folder.path(), &honest()), "byte {at}");
        assert!(!compiled(folder.path(), &honest()), "byte {at} is kept again");
    }
    for length in [0, 1, 32, whole.len() - 1] {
        fs::write(&file, &whole[..length]).unwrap();
        assert!(compiled(folder.path(), &honest()), "{length} bytes");
    }
}

#[test]
fn code_of_another_component_is_not_taken_for_this_ones() {
    let (folder, file) = filled();
    let honest_code = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(compiled(folder.path(), guest("panics")));
    let other = code_files(folder.path()).pop().unwrap();
    fs::copy(&other, &file).unwrap();
    assert!(compiled(folder.path(), &honest()));
    assert_eq!(fs::read(&file).unwrap().len(), honest_code.len());
}

#[test]
fn code_for_other_settings_has_another_name() {
    let (folder, _) = filled();
    let other = HostLimits { stack_bytes: 512 << 10, ..HostLimits::default() };
    let (times, plugin) = compiles(&sandbox(folder.path(), Tier::Sealed, other), &honest());
    plugin.unwrap().describe("forecast", "{}").unwrap();
    // Whether the stack's size is a setting that code depends on is wasmtime's to say; the file is believed either way.
    assert_eq!(code_files(folder.path()).len(), 1 + times);
}

#[test]
fn without_its_key_nothing_on_disk_is_believed_and_a_new_key_is_made() {
    let (folder, _) = filled();
    let key = folder.path().join("cache.key");
    for contents in [None, Some(&b""[..]), Some(b"short"), Some(&[7; 31])] {
        match contents {
            None => fs::remove_file(&key).unwrap(),
            Some(bytes) => fs::write(&key, bytes).unwrap(),
        }
        assert!(compiled(folder.path(), &honest()), "{contents:?}");
        assert!(!compiled(folder.path(), &honest()), "{contents:?} is healed");
        assert_eq!(fs::read(&key).unwrap().len(), 32);
    }
}

#[test]
fn folder_and_files_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("a/b");
    fs::create_dir_all(&cache).unwrap();
    fs::set_permissions(&cache, fs::Permissions::from_mode(0o777)).unwrap();
    compiled(&cache, &honest());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&cache), 0o700);
    for entry in fs::read_dir(&cache).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_cache_that_cannot_be_written_costs_time_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let not_a_folder = folder.path().join("taken");
    fs::write(&not_a_folder, "a file").unwrap();
    assert!(compiled(&not_a_folder, &honest()));
    assert!(compiled(&not_a_folder, &honest()));
    // A key that cannot be replaced.
    let cache = folder.path().join("cache");
    fs::create_dir_all(cache.join("cache.key")).unwrap();
    assert!(compiled(&cache, &honest()));
}

#[test]
fn a_file_that_cannot_be_replaced_does_not_stop_a_call() {
    let (folder, file) = filled();
    fs::remove_file(&file).unwrap();
    fs::create_dir_all(file.join("in the way")).unwrap();
    assert!(compiled(folder.path(), &honest()));
}

#[test]
fn two_processes_may_compile_the_same_at_once() {
    let home = tempfile::tempdir().unwrap();
    let component = home.path().join("plugin.wasm");
    fs::write(&component, honest()).unwrap();
    let start = || {
        let mut command = Command::new(acceptance::portcullis());
        command.arg("inspect").arg(&component).arg("--json").env("PORTCULLIS_HOME", home.path());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    for process in [start(), start(), start()] {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let cache = home.path().join("cache/compiled");
    assert_eq!(code_files(&cache).len(), 1);
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 2, "the code and the key, and nothing half written");
    assert!(!compiled(&cache, &honest()), "what they left is believed");
}
