//! Several processes share one folder, and any of them may be killed at any point. The test binary is its own child:
//! a child is the test `child`, told by an environment variable what to do.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::store_support::{
    agent, approved, held, intact_rows, now_ms, open, open_call, outcome, raw, read_call, read_permit, runtime,
};
use portcullis_policy::{ApprovalId, ApprovalState, ApprovalStore as _, Approver};
use portcullis_store::{ApprovalFilter, AuditFilter, Store};

const ROLE: &str = "STORE_TEST_CHILD_ROLE";
const DIR: &str = "STORE_TEST_CHILD_DIR";

pub(crate) fn spawn(role: &str, dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store_processes::child", "--nocapture"])
        .env(ROLE, role)
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until a child says a word.
pub(crate) fn wait_for(child: &mut Child, word: &str) {
    let out = child.stdout.as_mut().unwrap();
    assert!(BufReader::new(out).lines().any(|line| line.unwrap().ends_with(word)), "the child did not say {word}");
}

pub(crate) fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn child() {
    let (Ok(role), Ok(dir)) = (std::env::var(ROLE), std::env::var(DIR)) else { return };
    let store = open(Path::new(&dir));
    let ids = |store: &Store| -> Vec<ApprovalId> {
        let waits = ApprovalFilter { state: Some(ApprovalState::Pending), ..ApprovalFilter::default() };
        runtime().block_on(store.list_approvals(&waits)).unwrap().into_iter().map(|line| line.id).collect()
    };
    match role.as_str() {
        "claim" => {
            let mut won = 0;
            for id in ids(&store) {
                runtime().block_on(async {
                    read_call(&store).await;
                    if let Ok(permit) = approved(&store, &id, now_ms()).await {
                        won += 1;
                        open_call(&store, permit, now_ms()).await.close(&store, outcome()).await.unwrap();
                    }
                });
            }
            println!("won {won}");
        }
        "call-forever" => runtime().block_on(async {
            println!("ready");
            loop {
                read_call(&store).await;
                let new = held(&store, now_ms()).await;
                let permit = approved(&store, &new.id, now_ms()).await.unwrap();
                open_call(&store, permit, now_ms()).await.close(&store, outcome()).await.unwrap();
            }
        }),
        "hang-in-call" => {
            let runtime = runtime();
            let _call = runtime.block_on(async {
                let _read = open_call(&store, read_permit(now_ms()), now_ms()).await;
                let unspent = held(&store, now_ms()).await;
                approved(&store, &unspent.id, now_ms()).await.unwrap();
                let new = held(&store, now_ms()).await;
                let permit = approved(&store, &new.id, now_ms()).await.unwrap();
                open_call(&store, permit, now_ms()).await
            });
            println!("ready");
            std::thread::sleep(Duration::from_secs(600));
        }
        "hang-with-key" => {
            let request = portcullis_model::Digest::of(b"a request");
            let begun = runtime().block_on(store.begin_once(&agent(), "k", request)).unwrap();
            assert_eq!(begun, portcullis_store::Begun::First);
            println!("ready");
            std::thread::sleep(Duration::from_secs(600));
        }
        "open-and-close" => {
            drop(store);
            for _ in 0..30 {
                let store = open(Path::new(&dir));
                runtime().block_on(read_call(&store));
            }
        }
        other => panic!("{other}"),
    }
}

fn kinds(store: &Store) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for row in store.audit().list(&AuditFilter::default()).unwrap() {
        *kinds.entry(row.kind).or_default() += 1;
    }
    kinds
}

#[test]
fn eight_processes_spend_each_approval_once_and_leave_no_gap() {
    let dir = tempfile::tempdir().unwrap();
    let approvals = 40;
    {
        let store = open(dir.path());
        runtime().block_on(async {
            for _ in 0..approvals {
                held(&store, now_ms()).await;
            }
        });
    }
    let children: Vec<Child> = (0..8).map(|_| spawn("claim", dir.path())).collect();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let store = open(dir.path());
    let kinds = kinds(&store);
    assert_eq!(kinds["approval-approved"], approvals, "{kinds:?}");
    // A child that came late may find fewer that wait, so the reads vary; each has both its rows.
    assert_eq!(kinds["intent"], kinds["outcome"]);
    assert_eq!(intact_rows(&store), kinds.values().sum::<usize>() as u64);
    let done = ApprovalFilter { state: Some(ApprovalState::Executed), ..ApprovalFilter::default() };
    assert_eq!(runtime().block_on(store.list_approvals(&done)).unwrap().len(), approvals);
    let spent = "SELECT count(DISTINCT json_extract(body, '$.approval')), count(json_extract(body, '$.approval'))
        FROM audit WHERE kind = 'intent'";
    let spent: (u32, u32) = raw(dir.path()).query_row(spent, (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(spent.0, spent.1, "spent twice");
    assert_eq!(spent.0 as usize, approvals);
}

#[test]
fn eight_processes_enter_a_new_folder_and_leave_it_again_and_again() {
    let dir = tempfile::tempdir().unwrap();
    let children: Vec<Child> = (0..8).map(|_| spawn("open-and-close", dir.path())).collect();
    for child in children {
        assert!(child.wait_with_output().unwrap().status.success());
    }
    let store = open(dir.path());
    assert_eq!(intact_rows(&store), 8 * 30 * 2);
    assert!(!kinds(&store).contains_key("unknown"));
    assert_eq!(std::fs::read_dir(dir.path().join("owners")).unwrap().count(), 1);
}

#[test]
fn a_call_of_a_live_owner_is_left_alone_and_a_dead_ones_is_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = spawn("hang-in-call", dir.path());
    wait_for(&mut child, "ready");
    let store = open(dir.path());
    // Its own open call is as safe as the child's.
    let mine = runtime().block_on(open_call(&store, read_permit(now_ms()), now_ms()));
    assert_eq!(store.recover().unwrap(), portcullis_store::Recovered::default());
    assert_eq!(open(dir.path()).recover().unwrap(), portcullis_store::Recovered::default());
    kill(child);
    // Two look at once: each call is ended by one of them.
    let others: Vec<_> = (0..4).map(|_| open_elsewhere(dir.path())).collect();
    let others: Vec<Store> = others.into_iter().map(|other| other.join().unwrap()).collect();
    drop(others);
    let store_again = open(dir.path());
    let kinds = kinds(&store_again);
    assert_eq!((kinds["unknown"], kinds["approval-failed"], kinds["intent"]), (2, 1, 3), "{kinds:?}");
    let list = runtime().block_on(store_again.list_approvals(&ApprovalFilter::default())).unwrap();
    let mut states: Vec<_> = list.iter().map(|line| line.state.as_str()).collect();
    states.sort_unstable();
    assert_eq!(states, ["failed", "unknown"]);
    assert!(list.iter().all(|line| line.reason.as_deref().unwrap().starts_with("the host stopped")));
    runtime().block_on(mine.close(&store, outcome())).unwrap();
    intact_rows(&store);
}

fn open_elsewhere(dir: &Path) -> std::thread::JoinHandle<Store> {
    let dir = dir.to_owned();
    std::thread::spawn(move || open(&dir))
}

#[test]
fn a_store_that_closes_with_a_call_open_leaves_it_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let call = runtime().block_on(open_call(&store, read_permit(now_ms()), now_ms()));
    drop((call, store));
    let store = open(dir.path());
    assert_eq!(kinds(&store)["unknown"], 1);
}

#[test]
fn an_outcome_that_comes_after_its_call_was_given_up_is_kept_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let call = runtime().block_on(open_call(&store, read_permit(now_ms()), now_ms()));
    // Somebody cleans up by hand under a live process.
    for file in std::fs::read_dir(dir.path().join("owners")).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    assert_eq!(store.recover().unwrap(), portcullis_store::Recovered::default(), "its own call, to its own knowledge");
    let other = open(dir.path());
    assert_eq!(kinds(&other)["unknown"], 1);
    let receipt = runtime().block_on(call.close(&store, outcome())).unwrap();
    assert_eq!(store.audit().row(receipt.seq).unwrap().unwrap().body["late"], true);
    intact_rows(&store);
}

#[test]
fn a_process_killed_at_any_point_leaves_a_whole_log_and_no_call_open() {
    let dir = tempfile::tempdir().unwrap();
    let kills: u64 = std::env::var("STORE_TEST_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(25);
    let mut unknown = 0;
    for round in 0..kills {
        let mut child = spawn("call-forever", dir.path());
        wait_for(&mut child, "ready");
        // Spread over some commits of either kind; the syncs alone take milliseconds.
        std::thread::sleep(Duration::from_micros((round * 7919) % 40_000));
        kill(child);
        let store = open(dir.path());
        let kinds = kinds(&store);
        let of = |kind: &str| kinds.get(kind).copied().unwrap_or_default();
        assert_eq!(of("intent"), of("outcome") + of("unknown"), "{kinds:?}");
        intact_rows(&store);
        let left: i64 = raw(dir.path()).query_row("SELECT count(*) FROM open_calls", (), |row| row.get(0)).unwrap();
        assert_eq!(left, 0);
        let list = runtime().block_on(store.list_approvals(&ApprovalFilter::default())).unwrap();
        let open = [ApprovalState::Approved, ApprovalState::Executing];
        assert!(list.iter().all(|line| !open.contains(&line.state)));
        unknown = of("unknown");
    }
    println!("{unknown} of {kills} kills met an open call");
}

#[test]
fn an_approval_of_a_killed_process_cannot_be_approved_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = spawn("hang-in-call", dir.path());
    wait_for(&mut child, "ready");
    kill(child);
    let store = open(dir.path());
    runtime().block_on(async {
        for line in store.list_approvals(&ApprovalFilter::default()).await.unwrap() {
            assert!(!store.approve(&line.id, &Approver::Terminal, now_ms(), None).await.unwrap());
            assert!(approved(&store, &line.id, now_ms()).await.is_err());
        }
    });
}
