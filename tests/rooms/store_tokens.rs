//! A token opens its own door for its own time, its name is never given to another, and its hash never comes out.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::store_support::{HandClock, agent, approved, held, intact_rows, open, open_at, raw, runtime};
use portcullis_model::{AgentName, Digest, Grants, PortSet};
use portcullis_policy::{ApprovalState, ApprovalStore as _};
use portcullis_store::{ApprovalFilter, AuditFilter, NewToken, Store, StoreConfig, TokenKind, TokenRecord};

fn grants() -> Grants {
    Grants::new(["test/read".parse().unwrap(), "other/get-*".parse().unwrap()])
}

fn token(kind: TokenKind, name: &str, secret: &str) -> NewToken {
    let name = name.parse().unwrap();
    let (hash, propose) = (Digest::of(secret.as_bytes()), PortSet::default());
    NewToken { kind, name, grants: grants(), forms: false, propose, hash, expires_ms: None }
}

fn issued(store: &Store, name: &str, secret: &str) -> Digest {
    assert!(store.issue_token(&token(TokenKind::Agent, name, secret)).unwrap());
    Digest::of(secret.as_bytes())
}

fn seen(store: &Store, hash: &Digest) -> Option<TokenRecord> {
    runtime().block_on(store.authenticate(hash)).unwrap()
}

fn name(text: &str) -> AgentName {
    text.parse().unwrap()
}

fn rows(store: &Store, kind: &str) -> Vec<serde_json::Value> {
    let filter = AuditFilter { kind: Some(kind.to_owned()), ..AuditFilter::default() };
    store.audit().list(&filter).unwrap().into_iter().map(|row| row.body).collect()
}

#[test]
fn a_token_is_known_by_its_whole_hash_and_as_its_own_kind() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_at(dir.path(), 1000);
    let agents = issued(&store, "one", "a secret");
    let operators = NewToken { grants: Grants::default(), ..token(TokenKind::Operator, "one", "another secret") };
    assert!(store.issue_token(&operators).unwrap(), "each kind has its own names");
    let found = seen(&store, &agents).unwrap();
    assert_eq!((found.kind, found.name.as_str(), found.created_ms), (TokenKind::Agent, "one", 1000));
    assert_eq!((found.grants, found.forms, found.expires_ms), (grants(), false, None));
    assert!(found.propose.is_empty());
    assert_eq!(found.fingerprint, agents.to_hex()[..12]);
    let found = seen(&store, &operators.hash).unwrap();
    assert_eq!((found.kind, found.grants.is_empty()), (TokenKind::Operator, true));
    assert!(seen(&store, &Digest::of(b"no secret")).is_none());
}

#[test]
fn a_hash_that_only_begins_alike_is_another() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let alike = |last: u8| {
        let mut bytes = [7; 32];
        bytes[31] = last;
        Digest::from_bytes(bytes)
    };
    for (who, last) in [("first", 1), ("second", 2)] {
        let new = NewToken { hash: alike(last), ..token(TokenKind::Agent, who, "") };
        assert!(store.issue_token(&new).unwrap());
    }
    assert_eq!(seen(&store, &alike(1)).unwrap().name, name("first"));
    assert_eq!(seen(&store, &alike(2)).unwrap().name, name("second"));
    assert!(seen(&store, &alike(3)).is_none());
    let again = NewToken { hash: alike(1), ..token(TokenKind::Operator, "third", "") };
    assert!(store.issue_token(&again).is_err(), "a hash leads to one token");
}

#[test]
fn a_token_that_is_over_or_revoked_is_no_token() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = open_at(dir.path(), 1000);
    let short = NewToken { expires_ms: Some(2000), ..token(TokenKind::Agent, "short", "short") };
    assert!(store.issue_token(&short).unwrap());
    let long = issued(&store, "long", "long");
    clock.set(1999);
    assert!(seen(&store, &short.hash).is_some());
    clock.set(2000);
    assert!(seen(&store, &short.hash).is_none());
    assert!(seen(&store, &long).is_some());
    assert!(!store.revoke_token(TokenKind::Operator, &name("long")).unwrap(), "there is no such operator");
    assert!(seen(&store, &long).is_some());
    // By another process, while this one stays open.
    assert!(open_at(dir.path(), 2000).0.revoke_token(TokenKind::Agent, &name("long")).unwrap());
    assert!(seen(&store, &long).is_none());
    assert!(!store.revoke_token(TokenKind::Agent, &name("long")).unwrap());
    assert!(!store.revoke_token(TokenKind::Agent, &name("nobody")).unwrap());
    let list = store.tokens(TokenKind::Agent).unwrap();
    let of = |token: &TokenRecord| (token.name.to_string(), token.live_at(2000), token.revoked_ms);
    assert_eq!(
        list.iter().map(of).collect::<Vec<_>>(),
        [("long".to_owned(), false, Some(2000)), ("short".to_owned(), false, None)]
    );
    assert!(list[1].live_at(1999) && !list[0].live_at(1999));
    assert!(store.tokens(TokenKind::Operator).unwrap().is_empty());
}

#[test]
fn a_name_is_given_once() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = open_at(dir.path(), 1000);
    let short = NewToken { expires_ms: Some(2000), ..token(TokenKind::Agent, "short", "short") };
    assert!(store.issue_token(&short).unwrap());
    issued(&store, "revoked", "revoked");
    assert!(store.revoke_token(TokenKind::Agent, &name("revoked")).unwrap());
    clock.set(3000);
    // An agent of that name asked before there were tokens.
    runtime().block_on(held(&store, 3000));
    for taken in ["short", "revoked", agent().as_str()] {
        assert!(!store.issue_token(&token(TokenKind::Agent, taken, "a new secret")).unwrap(), "{taken}");
        assert!(seen(&store, &Digest::of(b"a new secret")).is_none(), "{taken}");
    }
    assert_eq!(store.tokens(TokenKind::Agent).unwrap().len(), 2);
    assert_eq!(rows(&store, "token-issued").len(), 2, "what was not issued has no row");
    assert!(store.issue_token(&token(TokenKind::Operator, agent().as_str(), "an operator's")).unwrap());
    issued(&store, "free", "free");
}

#[test]
fn issuing_and_revoking_are_told_without_the_hash() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_at(dir.path(), 1000);
    let propose = PortSet::new(["test".parse().unwrap()]);
    let new = NewToken { forms: true, propose, expires_ms: Some(9000), ..token(TokenKind::Agent, "one", "a secret") };
    assert!(store.issue_token(&new).unwrap());
    let fingerprint = &new.hash.to_hex()[..12];
    let told = serde_json::json!({
        "kind": "agent", "name": "one", "fingerprint": fingerprint, "grants": ["other/get-*", "test/read"],
        "forms": true, "propose": ["test"], "expires_ms": 9000,
    });
    assert_eq!(rows(&store, "token-issued"), [told]);
    let found = seen(&store, &new.hash).unwrap();
    let list = store.tokens(TokenKind::Agent).unwrap();
    assert!(store.revoke_token(TokenKind::Agent, &new.name).unwrap());
    let told = serde_json::json!({ "kind": "agent", "name": "one", "fingerprint": fingerprint, "by": "operator" });
    assert_eq!(rows(&store, "token-revoked"), [told]);
    assert_eq!(intact_rows(&store), 2);
    let mut out = Vec::new();
    store.audit().export(&mut out).unwrap();
    let json = serde_json::to_string(&found).unwrap();
    assert!(json.contains(fingerprint) && json.contains(r#""kind":"agent""#));
    let secret = &new.hash.to_hex()[12..];
    for text in [json, format!("{found:?} {list:?}"), String::from_utf8(out).unwrap()] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn who_loses_a_token_loses_the_questions_that_wait_and_no_one_else_does() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = open_at(dir.path(), 1000);
    let mine = agent();
    assert!(store.issue_token(&token(TokenKind::Agent, mine.as_str(), "mine")).unwrap());
    assert!(store.issue_token(&token(TokenKind::Operator, mine.as_str(), "operator's")).unwrap());
    issued(&store, "other", "other");
    runtime().block_on(async {
        let over = held(&store, 1000).await;
        let (waits, given) = (held(&store, 500_000).await, held(&store, 500_000).await);
        approved(&store, &given.id, 500_000).await.unwrap();
        let state = async |id| store.get(id).await.unwrap().unwrap().state;
        assert!(store.revoke_token(TokenKind::Agent, &name("other")).unwrap());
        assert!(store.revoke_token(TokenKind::Operator, &mine).unwrap());
        assert_eq!(state(&waits.id).await, ApprovalState::Pending);
        clock.set(601_000);
        assert!(store.revoke_token(TokenKind::Agent, &mine).unwrap());
        let found = store.get(&waits.id).await.unwrap().unwrap();
        let reason = found.reason.as_deref();
        assert_eq!((found.state, reason), (ApprovalState::Rejected, Some("its agent's token was revoked")));
        assert_eq!(found.decided_ms, Some(601_000));
        assert_eq!(state(&over.id).await, ApprovalState::Expired);
        assert_eq!(state(&given.id).await, ApprovalState::Approved, "the person's yes came first");
        let told = rows(&store, "approval-rejected");
        assert_eq!(told.len(), 1);
        assert_eq!((&told[0]["by"], &told[0]["approval"]), (&"operator".into(), &waits.id.as_str().into()));
        // A request that was on its way when the token was revoked.
        let late = held(&store, 601_000).await;
        assert_eq!(state(&late.id).await, ApprovalState::Rejected);
    });
    let kinds = rows(&store, "approval-asked").len();
    let list = runtime().block_on(store.list_approvals(&ApprovalFilter::default())).unwrap();
    assert_eq!((kinds, list.len()), (4, 4));
    intact_rows(&store);
}

fn last_used(store: &Store) -> Option<u64> {
    store.tokens(TokenKind::Agent).unwrap()[0].last_used_ms
}

/// Nobody waits for that write, so it may come a little later.
fn comes_to(store: &Store, used_ms: u64) {
    let give_up = Instant::now() + Duration::from_secs(60);
    while last_used(store) != Some(used_ms) {
        assert!(Instant::now() < give_up, "{:?} is not {used_ms}", last_used(store));
        std::thread::yield_now();
    }
}

#[test]
fn the_last_use_is_written_once_a_minute() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = open_at(dir.path(), 100_000);
    let hash = issued(&store, "one", "a secret");
    assert_eq!(last_used(&store), None);
    assert!(seen(&store, &hash).is_some());
    comes_to(&store, 100_000);
    // A trigger counts the writes that come all the same.
    raw(dir.path())
        .execute_batch(
            "CREATE TABLE counted (at_ms INTEGER);
            CREATE TRIGGER count AFTER UPDATE ON tokens BEGIN INSERT INTO counted VALUES (new.last_used_ms); END",
        )
        .unwrap();
    // Another process reads what this one wrote.
    assert!(seen(&open_at(dir.path(), 159_999).0, &hash).is_some());
    for now_ms in [100_001, 130_000, 159_999, 160_000, 160_001, 219_999, 50_000] {
        clock.set(now_ms);
        assert!(seen(&store, &hash).is_some());
        if [160_000, 50_000].contains(&now_ms) {
            comes_to(&store, now_ms);
        }
    }
    drop(store);
    let counted: String =
        raw(dir.path()).query_row("SELECT group_concat(at_ms) FROM counted", (), |row| row.get(0)).unwrap();
    assert_eq!(counted, "160000,50000", "and a clock that was set back does not end it");
}

#[test]
fn a_database_that_is_held_by_another_keeps_nobody_from_coming_in() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(HandClock::default());
    clock.set(1000);
    let store = Store::open(StoreConfig { clock: clock.clone(), ..config(dir.path()) }).unwrap();
    let hash = issued(&store, "one", "a secret");
    let other = raw(dir.path());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for _ in 0..3 {
        assert!(seen(&store, &hash).is_some());
    }
    assert_eq!(last_used(&store), None);
    other.execute_batch("ROLLBACK").unwrap();
    comes_to(&store, 1000);
}

/// So patient that nothing but the other's end can end a wait.
fn config(dir: &Path) -> StoreConfig {
    StoreConfig { patience_ms: 600_000, ..StoreConfig::new(dir) }
}
