//! A key is taken once, by one, for one request; what became of it is told again, and what nobody knows stays unknown.

use crate::store_processes::{kill, spawn, wait_for};
use crate::store_support::{agent, open, open_at, runtime};
use portcullis_model::{AgentName, Digest};
use portcullis_store::{Begun, Pruned, Recovered, Store};

fn request() -> Digest {
    Digest::of(b"a request")
}

fn begin(store: &Store, key: &str) -> Begun {
    runtime().block_on(store.begin_once(&agent(), key, request())).unwrap()
}

fn begin_other(store: &Store, key: &str) -> Begun {
    runtime().block_on(store.begin_once(&agent(), key, Digest::of(b"another request"))).unwrap()
}

fn end(store: &Store, key: &str, outcome: Option<&str>) {
    runtime().block_on(store.end_once(&agent(), key, outcome)).unwrap();
}

#[test]
fn a_key_is_taken_once_and_tells_its_outcome_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(begin(&store, "k"), Begun::First);
    assert_eq!(begin(&store, "k"), Begun::Running);
    assert_eq!(begin_other(&store, "k"), Begun::Other);
    end(&store, "k", Some(r#"{"status":200}"#));
    let ended = Begun::Ended(r#"{"status":200}"#.to_owned());
    assert_eq!(begin(&store, "k"), ended);
    assert_eq!(begin_other(&store, "k"), Begun::Other, "an outcome is for its own request");
    // What ended stays.
    end(&store, "k", Some("{}"));
    end(&store, "k", None);
    drop(store);
    assert_eq!(begin(&open(dir.path()), "k"), ended);
}

#[test]
fn keys_are_each_agents_own() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let other: AgentName = "other".parse().unwrap();
    assert_eq!(begin(&store, "k"), Begun::First);
    runtime().block_on(async {
        assert_eq!(store.begin_once(&other, "k", request()).await.unwrap(), Begun::First);
        store.end_once(&other, "k", Some("{}")).await.unwrap();
    });
    assert_eq!(begin(&store, "k"), Begun::Running);
    assert_eq!(begin(&store, "K"), Begun::First, "a key is its bytes");
}

#[test]
fn a_key_that_sent_nothing_is_free_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(begin(&store, "k"), Begun::First);
    end(&store, "k", None);
    assert_eq!(begin_other(&store, "k"), Begun::First);
    assert_eq!(begin(&store, "k"), Begun::Other);
}

#[test]
fn another_live_store_sees_it_run_and_cannot_end_it() {
    let dir = tempfile::tempdir().unwrap();
    let (store, other) = (open(dir.path()), open(dir.path()));
    assert_eq!(begin(&store, "k"), Begun::First);
    assert_eq!(begin(&other, "k"), Begun::Running);
    assert_eq!(begin_other(&other, "k"), Begun::Other);
    end(&other, "k", Some("{}"));
    end(&other, "k", None);
    assert_eq!(other.recover().unwrap(), Recovered::default());
    assert_eq!((begin(&store, "k"), begin(&other, "k")), (Begun::Running, Begun::Running));
    end(&store, "k", Some("1"));
    assert_eq!(begin(&other, "k"), Begun::Ended("1".to_owned()));
}

#[test]
fn of_many_who_begin_at_once_one_is_first() {
    let dir = tempfile::tempdir().unwrap();
    let stores = [open(dir.path()), open(dir.path())];
    for round in 0..20 {
        let key = format!("k{round}");
        let start = std::sync::Barrier::new(8);
        let begun: Vec<Begun> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8)
                .map(|racer| {
                    let (store, key, start) = (&stores[racer % 2], &key, &start);
                    scope.spawn(move || {
                        start.wait();
                        begin(store, key)
                    })
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        assert_eq!(begun.iter().filter(|begun| **begun == Begun::First).count(), 1, "{begun:?}");
        assert_eq!(begun.iter().filter(|begun| **begun == Begun::Running).count(), 7, "{begun:?}");
    }
}

#[test]
fn a_key_of_a_killed_process_is_unknown_for_good() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut child = spawn("hang-with-key", dir.path());
    wait_for(&mut child, "ready");
    assert_eq!(begin(&store, "k"), Begun::Running, "its owner lives");
    assert_eq!(store.recover().unwrap(), Recovered::default());
    kill(child);
    // Found by whoever asks next, without a start in between.
    assert_eq!(begin(&store, "k"), Begun::Unknown);
    assert_eq!(store.recover().unwrap(), Recovered::default(), "it was found already");
    end(&store, "k", None);
    end(&store, "k", Some("{}"));
    assert_eq!(begin_other(&store, "k"), Begun::Other);
    drop(store);
    assert_eq!(begin(&open(dir.path()), "k"), Begun::Unknown);
}

#[test]
fn a_recovery_gives_up_the_keys_of_those_who_are_gone_and_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(begin(&store, "mine"), Begun::First);
    let other = open(dir.path());
    for key in ["a", "b", "c"] {
        assert_eq!(begin(&other, key), Begun::First);
    }
    end(&other, "c", Some("1"));
    drop(other);
    assert_eq!(store.recover().unwrap(), Recovered { keys: 2, ..Recovered::default() });
    let begun = ["mine", "a", "b", "c"].map(|key| begin(&store, key));
    assert_eq!(begun, [Begun::Running, Begun::Unknown, Begun::Unknown, Begun::Ended("1".to_owned())]);
}

#[test]
fn a_prune_takes_old_ends_with_their_text_and_nothing_that_runs() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = open_at(dir.path(), 1000);
    assert_eq!(begin(&open(dir.path()), "lost"), Begun::First);
    let (gone, _) = open_at(dir.path(), 1000);
    assert_eq!(begin(&gone, "unknown"), Begun::First);
    drop(gone);
    for key in ["ended", "runs"] {
        assert_eq!(begin(&store, key), Begun::First);
    }
    end(&store, "ended", Some(&"secret-of-an-outcome ".repeat(1000)));
    store.recover().unwrap();
    clock.set(1400);
    assert_eq!(begin(&store, "young"), Begun::First);
    end(&store, "young", Some("{}"));
    assert_eq!(store.prune(1500, 500).unwrap(), Pruned::default());
    assert_eq!(store.prune(1501, 500).unwrap(), Pruned { keys: 2, ..Pruned::default() });
    for name in ["portcullis.db", "portcullis.db-wal"] {
        let bytes = std::fs::read(dir.path().join(name)).unwrap_or_default();
        assert!(!bytes.windows(20).any(|part| part == b"secret-of-an-outcome"), "{name}");
    }
    assert_eq!(begin(&store, "runs"), Begun::Running);
    assert_eq!(begin(&store, "young"), Begun::Ended("{}".to_owned()));
    assert_eq!(begin(&store, "lost"), Begun::Unknown, "by the machine's clock it is young");
    assert_eq!(begin(&store, "ended"), Begun::First);
}
