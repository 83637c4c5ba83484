//! An approval goes through its life once, whoever races for it, and ends in time.

use crate::store_support::{agent, approved, call_id, held, intact_rows, open_at, open_call, outcome, runtime, yes_to};
use portcullis_model::{AgentName, Code};
use portcullis_policy::{ApprovalState, ApprovalStore as _, Approver, AuditTicket, Outcome};
use portcullis_store::{ApprovalFilter, AuditFilter, Store};

fn kinds(store: &Store) -> Vec<String> {
    let mut rows = store.audit().list(&AuditFilter::default()).unwrap();
    rows.reverse();
    rows.into_iter().map(|row| row.kind).collect()
}

async fn state(store: &Store, id: &portcullis_policy::ApprovalId) -> ApprovalState {
    store.get(id).await.unwrap().unwrap().state
}

#[test]
fn a_whole_life_is_told_by_table_and_log_alike() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_at(dir.path(), 1000);
    runtime().block_on(async {
        let new = held(&store, 1000).await;
        let found = store.get(&new.id).await.unwrap().unwrap();
        assert_eq!(
            (found.description, found.fingerprint, found.state),
            (Some(new.description), new.fingerprint, ApprovalState::Pending)
        );
        let permit = approved(&store, &new.id, 1001).await.unwrap();
        assert_eq!(state(&store, &new.id).await, ApprovalState::Approved);
        let call = open_call(&store, permit, 1002).await;
        assert_eq!(state(&store, &new.id).await, ApprovalState::Executing);
        call.close(&store, outcome()).await.unwrap();
        let found = store.get(&new.id).await.unwrap().unwrap();
        assert_eq!(
            (found.state, found.decided_ms, found.result.as_deref()),
            (ApprovalState::Executed, Some(1001), Some(r#"{"answer":42}"#))
        );
    });
    assert_eq!(kinds(&store), ["approval-asked", "approval-approved", "intent", "outcome"]);
    assert_eq!(intact_rows(&store), 4);
    let mut log = Vec::new();
    store.audit().export(&mut log).unwrap();
    assert!(!String::from_utf8(log).unwrap().contains("secret-of-the-body"), "a description is no matter of the log");
}

#[test]
fn a_refused_send_ends_as_failed_with_its_code() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_at(dir.path(), 1000);
    runtime().block_on(async {
        let new = held(&store, 1000).await;
        let permit = approved(&store, &new.id, 1000).await.unwrap();
        let refused = Outcome { refusal: Some("address-refused".to_owned()), result: None, ..outcome() };
        open_call(&store, permit, 1000).await.close(&store, refused).await.unwrap();
        let found = store.get(&new.id).await.unwrap().unwrap();
        assert_eq!((found.state, found.reason.as_deref()), (ApprovalState::Failed, Some("address-refused")));
    });
}

#[test]
fn a_second_yes_and_a_late_no_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_at(dir.path(), 1000);
    runtime().block_on(async {
        let new = held(&store, 1000).await;
        assert!(store.approve(&new.id, &Approver::Terminal, 1000, None).await.unwrap());
        assert!(!store.approve(&new.id, &Approver::Terminal, 1000, None).await.unwrap());
        assert!(!store.reject(&new.id, "too late", &Approver::Terminal, 1000).await.unwrap());
        let other = held(&store, 1000).await;
        assert!(store.reject(&other.id, "no", &Approver::Terminal, 1000).await.unwrap());
        assert!(!store.approve(&other.id, &Approver::Terminal, 1000, None).await.unwrap());
        assert_eq!(store.get(&other.id).await.unwrap().unwrap().reason.as_deref(), Some("no"));
    });
    assert_eq!(kinds(&store), ["approval-asked", "approval-approved", "approval-asked", "approval-rejected"]);
}

#[test]
fn the_log_keeps_who_decided_and_no_agent_decides_for_another() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_at(dir.path(), 1000);
    let (me, other): (AgentName, AgentName) = (agent(), "other".parse().unwrap());
    runtime().block_on(async {
        for by in [Approver::Terminal, Approver::Token(other.clone()), Approver::Form(me.clone())] {
            let (yes, no) = (held(&store, 1000).await, held(&store, 1000).await);
            assert!(store.approve(&yes.id, &by, 1000, None).await.unwrap());
            assert!(store.reject(&no.id, "no", &by, 1000).await.unwrap());
        }
        let mine = held(&store, 1000).await;
        for by in [Approver::Form(other.clone()), Approver::Withdrawn(other.clone()), Approver::Withdrawn(me.clone())] {
            assert!(store.approve(&mine.id, &by, 1000, None).await.is_err(), "{by}");
        }
        for by in [Approver::Form(other.clone()), Approver::Withdrawn(other)] {
            assert!(store.reject(&mine.id, "no", &by, 1000).await.is_err(), "{by}");
        }
        assert_eq!(state(&store, &mine.id).await, ApprovalState::Pending);
        assert!(store.reject(&mine.id, "no more", &Approver::Withdrawn(me), 1000).await.unwrap());
    });
    let mut told = Vec::new();
    for kind in ["approval-approved", "approval-rejected"] {
        let filter = AuditFilter { kind: Some(kind.to_owned()), ..AuditFilter::default() };
        told.extend(store.audit().list(&filter).unwrap().into_iter().rev().map(|row| row.body["by"].clone()));
    }
    let deciders = ["operator", "operator-token:other", "form:tester"];
    assert_eq!(told[..3], deciders);
    assert_eq!(told[3..6], deciders);
    assert_eq!(told[6], "withdrawn:tester");
}

#[test]
fn of_many_racers_one_approves_and_an_approval_is_spent_once() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_at(dir.path(), 1000);
    runtime().block_on(async {
        for _ in 0..20 {
            let new = held(&store, 1000).await;
            // All have read that it waits before the first of them says yes: what they race for is the store's to give.
            let seen = store.get(&new.id).await.unwrap().unwrap();
            let racers: Vec<_> = (0..32)
                .map(|_| {
                    let (store, seen) = (store.clone(), seen.clone());
                    tokio::spawn(async move { yes_to(&store, &seen, 1000).await })
                })
                .collect();
            let mut permits = Vec::new();
            for racer in racers {
                match racer.await.unwrap() {
                    Ok(permit) => permits.push(permit),
                    Err(refusal) => assert_eq!(refusal.code(), Code::ApprovalUsed),
                }
            }
            assert_eq!(permits.len(), 1);
        }
    });
}

#[test]
fn a_permit_whose_approval_was_spent_behind_its_back_opens_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_at(dir.path(), 1000);
    runtime().block_on(async {
        let new = held(&store, 1000).await;
        let permit = approved(&store, &new.id, 1000).await.unwrap();
        crate::store_support::raw(dir.path()).execute("UPDATE approvals SET state = 'executed'", ()).unwrap();
        let refusal = AuditTicket::open(&store, call_id(), permit, 1000).await.err().unwrap();
        assert_eq!(refusal.code(), Code::ApprovalUsed);
    });
    assert_eq!(kinds(&store), ["approval-asked", "approval-approved"], "no intent without its approval");
}

#[test]
fn time_ends_what_waits_and_what_was_not_spent() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = open_at(dir.path(), 1000);
    runtime().block_on(async {
        let waits = held(&store, 1000).await;
        let unspent = held(&store, 1000).await;
        let permit = approved(&store, &unspent.id, 1000).await.unwrap();
        assert!(waits.expires_ms == 601_000);
        clock.set(600_999);
        assert_eq!(state(&store, &waits.id).await, ApprovalState::Pending);
        // The given time decides, not only the clock.
        assert!(!store.approve(&waits.id, &Approver::Terminal, 601_000, None).await.unwrap());
        assert_eq!(state(&store, &waits.id).await, ApprovalState::Expired);
        clock.set(601_000);
        let list = store.list_approvals(&ApprovalFilter::default()).await.unwrap();
        let of = |id| list.iter().find(|line| line.id == id).unwrap().state;
        assert_eq!((of(waits.id), of(unspent.id)), (ApprovalState::Expired, ApprovalState::Failed));
        let refusal = AuditTicket::open(&store, call_id(), permit, 601_000).await.err().unwrap();
        assert_eq!(refusal.code(), Code::ApprovalExpired);
    });
    assert_eq!(kinds(&store)[3..], ["approval-expired", "approval-failed"]);
}

#[test]
fn looking_at_one_that_is_over_ends_it_once() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = open_at(dir.path(), 1000);
    runtime().block_on(async {
        let new = held(&store, 1000).await;
        clock.set(2_000_000);
        for _ in 0..3 {
            assert_eq!(state(&store, &new.id).await, ApprovalState::Expired);
        }
    });
    assert_eq!(kinds(&store), ["approval-asked", "approval-expired"]);
}

#[test]
fn a_prune_takes_descriptions_and_answers_of_old_ends_and_no_row() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open_at(dir.path(), 1000);
    runtime().block_on(async {
        let done = held(&store, 1000).await;
        let permit = approved(&store, &done.id, 1000).await.unwrap();
        open_call(&store, permit, 1000).await.close(&store, outcome()).await.unwrap();
        let waits = held(&store, 1000).await;
        let rows = intact_rows(&store);
        assert_eq!(store.prune(1500, 500).unwrap().approvals, 0);
        assert_eq!(store.prune(1501, 500).unwrap().approvals, 1);
        let found = store.get(&done.id).await.unwrap().unwrap();
        assert_eq!((found.state, found.result, found.description), (ApprovalState::Executed, None, None));
        assert!(store.get(&waits.id).await.unwrap().unwrap().description.is_some());
        assert_eq!(intact_rows(&store), rows);
        let pruned: Vec<_> = store.list_approvals(&ApprovalFilter::default()).await.unwrap();
        assert_eq!(pruned.iter().filter(|line| line.pruned).count(), 1);
        // Gone from the files, not only from the answers.
        store.reject(&waits.id, "no", &Approver::Terminal, 1000).await.unwrap();
        store.prune(9999, 0).unwrap();
        for name in ["portcullis.db", "portcullis.db-wal"] {
            let bytes = std::fs::read(dir.path().join(name)).unwrap_or_default();
            assert!(!bytes.windows(18).any(|part| part == b"secret-of-the-body"), "{name}");
        }
    });
}
