//! The compiling child: killed in time, bounded in memory, and told nothing.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use portcullis_model::{Code, Refusal};
use portcullis_sandbox::{CompileEvent, HostLimits, Limits, Sandbox, SandboxConfig, Tier};

use crate::alone::alone;
use crate::graft::honest;
use crate::stage::{guest, sandbox};

/// A sandbox whose compiler is a shell script.
fn scripted(folder: &Path, script: &str, limits: HostLimits) -> Sandbox {
    let path = folder.join("compiler.sh");
    fs::write(&path, script).unwrap();
    Sandbox::new(SandboxConfig {
        cache_dir: folder.join("cache"),
        compiler: "/bin/sh".into(),
        compiler_verb: path.to_str().unwrap().to_owned(),
        tier: Tier::Sealed,
        limits,
    })
    .unwrap()
}

fn refused(sandbox: &Sandbox) -> Refusal {
    let refusal = sandbox.load(&honest(), Limits::default(), &|_| {}).err().unwrap();
    assert_eq!(refusal.code(), Code::CompileFailed, "{refusal}");
    refusal
}

/// Processes whose parent is this one.
fn children() -> usize {
    let me = std::process::id().to_string();
    let parent = |stat: &str| Some(stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.to_owned());
    let all =
        fs::read_dir("/proc").unwrap().filter_map(|entry| fs::read_to_string(entry.ok()?.path().join("stat")).ok());
    all.filter(|stat| parent(stat).is_some_and(|p| p == me)).count()
}

#[test]
fn a_compiler_that_runs_away_is_killed() {
    alone("compiler::a_compiler_that_runs_away_is_killed", || {
        let folder = tempfile::tempdir().unwrap();
        let limits = HostLimits { compile_ms: 50, ..HostLimits::default() };
        for script in ["exec sleep 1000", "exec cat", "exec cat /dev/zero", "while :; do :; done"] {
            let refusal = refused(&scripted(folder.path(), script, limits));
            assert!(!refusal.to_string().contains("panicked"), "{script}: {refusal}");
            assert_eq!(children(), 0, "{script}");
        }
        let limits = HostLimits { compile_ms: 1, ..HostLimits::default() };
        let refusal = sandbox(folder.path(), Tier::Sealed, limits).load(guest("mistral"), Limits::default(), &|_| {});
        let refusal = refusal.err().unwrap();
        assert!(refusal.code() == Code::CompileFailed && refusal.message().contains("0.001 s"), "{refusal}");
        assert_eq!(children(), 0);
    });
}

#[test]
fn a_compiler_out_of_memory_is_a_refusal_and_not_the_end_of_the_host() {
    let folder = tempfile::tempdir().unwrap();
    for megabytes in [4, 8, 16] {
        let limits = HostLimits { compile_bytes: megabytes << 20, ..HostLimits::default() };
        let refusal = sandbox(folder.path(), Tier::Sealed, limits).load(guest("mistral"), Limits::default(), &|_| {});
        let refusal = refusal.err().unwrap();
        assert_eq!(refusal.code(), Code::CompileFailed, "{refusal}");
        assert!(!refusal.to_string().contains(".rs"), "{refusal}");
    }
    let limits = HostLimits::default();
    assert!(sandbox(folder.path(), Tier::Sealed, limits).load(guest("mistral"), Limits::default(), &|_| {}).is_ok());
}

#[test]
fn the_compiler_gets_nothing_of_our_environment() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    let script = format!("/usr/bin/env > '{}'; pwd >> '{}'", seen.display(), seen.display());
    refused(&scripted(folder.path(), &script, HostLimits::default()));
    let seen = fs::read_to_string(seen).unwrap();
    let ours: Vec<&str> = seen
        .lines()
        .filter_map(|line| line.split_once('=').map(|(name, _)| name))
        .filter(|name| !["PWD", "OLDPWD", "SHLVL", "_", "PATH"].contains(name))
        .collect();
    let mut ours = ours;
    ours.sort_unstable();
    assert_eq!(ours, ["MALLOC_ARENA_MAX", "PORTCULLIS_COMPILE_LIMITS", "RAYON_NUM_THREADS"]);
    assert!(seen.ends_with("\n/\n"), "{seen}");
}

#[test]
fn what_a_crashed_compiler_prints_is_not_repeated_and_a_complaint_is_shown_safely() {
    let folder = tempfile::tempdir().unwrap();
    let say = |script: &str| refused(&scripted(folder.path(), script, HostLimits::default())).to_string();
    let crashed = say("echo 'panicked at /home/somebody/secret.rs' >&2; exit 101");
    assert!(!crashed.contains("secret") && crashed.contains("crashed"), "{crashed}");
    let complained = say("printf 'not a valid component: \\033[2J\\342\\200\\256' >&2; exit 1");
    assert!(complained.contains("not a valid component") && !complained.contains(char::is_control), "{complained:?}");
    assert!(!complained.contains('\u{202e}'), "{complained:?}");
}

#[test]
fn what_is_no_compiled_code_is_not_loaded() {
    let folder = tempfile::tempdir().unwrap();
    for script in ["exit 0", "echo this is not code", "cat"] {
        let refusal = refused(&scripted(folder.path(), script, HostLimits::default()));
        assert!(refusal.message().contains("cannot be loaded"), "{script}: {refusal}");
    }
}

#[test]
fn whoever_waits_is_told_when_compiling_ends_even_where_it_fails() {
    let folder = tempfile::tempdir().unwrap();
    let events = Mutex::new(Vec::new());
    let watch = |event| events.lock().unwrap().push(matches!(event, CompileEvent::Finished { .. }));
    drop(scripted(folder.path(), "exit 1", HostLimits::default()).load(&honest(), Limits::default(), &watch));
    assert_eq!(events.into_inner().unwrap(), [false, true]);
}

#[test]
fn the_hidden_verb_is_of_no_use_to_a_person() {
    let mut command = Command::new(acceptance::portcullis());
    command.arg(portcullis_gateway::COMPILE_VERB).stdin(Stdio::null()).env_remove("PORTCULLIS_COMPILE_LIMITS");
    for limits in [None, Some(""), Some("1"), Some("x y z"), Some("1 2 -3")] {
        if let Some(limits) = limits {
            command.env("PORTCULLIS_COMPILE_LIMITS", limits);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{limits:?}");
        assert!(output.stdout.is_empty());
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("host's own use") || said.contains("malformed limits"), "{said}");
    }
}
