//! The newest index that was seen: by one process or another, now or before.

use portcullis_model::Digest;
use portcullis_store::{AuditFilter, IndexKept};

use crate::store_support::{intact_rows, open, open_at, raw};

fn kinds(store: &portcullis_store::Store) -> Vec<String> {
    store.audit().list(&AuditFilter::default()).unwrap().into_iter().map(|row| row.kind).collect()
}

#[test]
fn a_newer_index_is_kept_and_an_older_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = open_at(dir.path(), 1_000);
    assert_eq!(store.index("acme").unwrap(), None);
    let keep = |version: u64, text: &[u8]| store.keep_index("acme", version, Digest::of(text), text).unwrap();
    assert_eq!(keep(7, b"seven"), IndexKept::Newer);
    clock.set(2_000);
    assert_eq!(keep(6, b"six"), IndexKept::Refused { seen: 7 });
    assert_eq!(keep(7, b"another seven"), IndexKept::Refused { seen: 7 });
    let kept = store.index("acme").unwrap().unwrap();
    assert_eq!((kept.version, kept.digest, kept.got_ms), (7, Digest::of(b"seven"), 1_000));
    assert_eq!(kept.envelope, b"seven");
    assert_eq!(keep(7, b"seven"), IndexKept::Same);
    assert_eq!(store.index("acme").unwrap().unwrap().got_ms, 2_000);
    assert_eq!(keep(8, b"eight"), IndexKept::Newer);
    assert_eq!(store.index("other").unwrap(), None, "each index has its own version");
    assert_eq!(kinds(&store), ["index-taken", "index-taken"]);
    assert_eq!(intact_rows(&store), 2);
}

#[test]
fn another_process_knows_what_was_seen() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (open(dir.path()), open(dir.path()));
    one.keep_index("acme", 7, Digest::of(b"seven"), b"seven").unwrap();
    let kept = other.keep_index("acme", 6, Digest::of(b"six"), b"six").unwrap();
    assert_eq!(kept, IndexKept::Refused { seen: 7 });
    drop((one, other));
    assert_eq!(open(dir.path()).index("acme").unwrap().unwrap().version, 7);
}

#[test]
fn an_envelope_that_was_spoilt_is_put_right_by_the_same_index() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.keep_index("acme", 7, Digest::of(b"seven"), b"seven").unwrap();
    raw(dir.path()).execute("UPDATE indexes SET envelope = x'00'", ()).unwrap();
    assert_eq!(store.index("acme").unwrap().unwrap().envelope, [0]);
    assert_eq!(store.keep_index("acme", 7, Digest::of(b"seven"), b"seven").unwrap(), IndexKept::Same);
    assert_eq!(store.index("acme").unwrap().unwrap().envelope, b"seven");
}

#[test]
fn what_the_operator_forgets_may_come_back_older() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert!(!store.forget_index("acme").unwrap());
    store.keep_index("acme", 7, Digest::of(b"seven"), b"seven").unwrap();
    assert!(store.forget_index("acme").unwrap());
    assert_eq!(store.index("acme").unwrap(), None);
    assert_eq!(store.keep_index("acme", 1, Digest::of(b"one"), b"one").unwrap(), IndexKept::Newer);
    assert_eq!(kinds(&store), ["index-taken", "index-forgotten", "index-taken"]);
}
