//! A database of an earlier version goes on as it was, with what came since.

use std::path::Path;

use crate::store_support::{
    approved, held, intact_rows, manifest, open, open_call, outcome, plugin_record, raw, runtime, take_in,
};
use portcullis_model::{AgentName, Digest};
use portcullis_policy::{ApprovalState, ApprovalStore as _};
use portcullis_store::{AuditFilter, AuditReader, Begun, Store, StoreConfig, TokenKind};

/// Takes away what later versions brought.
const BACK_TO_1: &str = "
    DROP TABLE reviews;
    DROP TABLE draft_tests; DROP TABLE drafts;
    DROP TABLE indexes;
    DROP TABLE files;
    CREATE TABLE before (
        port TEXT PRIMARY KEY, digest TEXT NOT NULL, tier TEXT NOT NULL, version TEXT NOT NULL,
        installed_ms INTEGER NOT NULL, source TEXT NOT NULL, manifest TEXT NOT NULL
    ) STRICT;
    INSERT INTO before SELECT port, digest, tier, version, installed_ms, source, manifest FROM plugins;
    DROP TABLE links;
    DROP TRIGGER inputs_dropped; DROP TABLE inputs; DROP TABLE rule_set; DROP TABLE sent; DROP TABLE standing;
    DROP TRIGGER plugins_put; DROP TRIGGER plugins_edited; DROP TRIGGER plugins_removed;
    DROP TABLE plugins; ALTER TABLE before RENAME TO plugins; CREATE INDEX plugins_by_digest ON plugins (digest);
    DROP TABLE plugins_version; DROP TABLE once; DROP TABLE tokens; PRAGMA user_version = 1;";

/// The version that this program writes.
const LATEST: i64 = 7;

fn version(dir: &Path) -> i64 {
    raw(dir).query_row("PRAGMA user_version", (), |row| row.get(0)).unwrap()
}

fn shape(dir: &Path) -> Vec<(String, Option<String>)> {
    let conn = raw(dir);
    let mut statement = conn.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

fn install(store: &Store) {
    take_in(store, plugin_record(manifest("test"), b"bytes"), b"bytes", false).unwrap();
}

#[test]
fn a_database_of_version_1_keeps_everything_and_gains_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let (before, waits) = {
        let store = open(dir.path());
        install(&store);
        let waits = runtime().block_on(async {
            let new = held(&store, portcullis_policy::Clock::now_ms(&portcullis_policy::SystemClock)).await;
            let permit = approved(&store, &new.id, new.created_ms).await.unwrap();
            open_call(&store, permit, new.created_ms).await.close(&store, outcome()).await.unwrap();
            held(&store, new.created_ms).await
        });
        (store.audit().list(&AuditFilter::default()).unwrap(), waits)
    };
    raw(dir.path()).execute_batch(BACK_TO_1).unwrap();
    let old = shape(dir.path());

    // Reading the log changes nothing.
    let reader = AuditReader::open(&StoreConfig::new(dir.path())).unwrap();
    assert_eq!(reader.list(&AuditFilter::default()).unwrap().len(), before.len());
    assert_eq!((version(dir.path()), shape(dir.path())), (1, old));

    let store = open(dir.path());
    assert_eq!(version(dir.path()), LATEST);
    assert_eq!(intact_rows(&store), before.len() as u64);
    let after = store.audit().list(&AuditFilter::default()).unwrap();
    assert!(before.iter().zip(&after).all(|(a, b)| (a.seq, &a.mac, &a.body) == (b.seq, &b.mac, &b.body)));
    assert_eq!(store.installed_all().unwrap().len(), 1);
    assert_eq!(store.plugins_version().unwrap(), 0);
    install(&store);
    assert_eq!(store.plugins_version().unwrap(), 1);
    assert!(store.tokens(TokenKind::Agent).unwrap().is_empty());
    let agent: AgentName = "new".parse().unwrap();
    runtime().block_on(async {
        assert_eq!(store.get(&waits.id).await.unwrap().unwrap().state, ApprovalState::Pending);
        assert_eq!(store.begin_once(&agent, "k", Digest::of(b"r")).await.unwrap(), Begun::First);
    });

    let fresh = tempfile::tempdir().unwrap();
    drop(open(fresh.path()));
    assert_eq!(shape(dir.path()), shape(fresh.path()), "old and new databases are of one shape");
}

#[test]
fn a_step_that_fails_leaves_the_database_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    // In the way of the last table of the step.
    raw(dir.path()).execute_batch(&format!("{BACK_TO_1} CREATE TABLE plugins_version (n)")).unwrap();
    let before = shape(dir.path());
    assert!(Store::open(StoreConfig::new(dir.path())).is_err());
    assert_eq!((version(dir.path()), shape(dir.path())), (1, before));
    raw(dir.path()).execute_batch("DROP TABLE plugins_version").unwrap();
    drop(open(dir.path()));
    assert_eq!(version(dir.path()), LATEST);
}
