//! A standing approval in the store: made with its yes, spent with an intent, ended by whatever makes it untrue.

use std::sync::Arc;

use crate::route::world::{World, agent, create, manifest_draft};
use crate::store_support::{
    HandClock, call_id, intact_rows, open_at, open_call, outcome, plugin_record, raw, runtime, take_in,
};
use portcullis_model::{Digest, Grants, PortSet, RoutedRequest};
use portcullis_policy::{
    ApprovalId, ApprovalState, ApprovalStore as _, ApprovedRequest, Approver, AuditTicket, Decision, Opening, RuleSet,
    Situation, StandingApproval, StandingId, StandingState, Terms, approve_for, decide, hold, stand_in,
};
use portcullis_store::{AuditFilter, NewToken, Pruned, Store, TokenKind};

const BODY: &str = r#"{"model":"small","messages":[]}"#;

fn world() -> World {
    World { digest: Digest::of(b"component"), ..World::default() }
}

fn request() -> RoutedRequest {
    world().route("create-thing", create(BODY))
}

fn id(first: u8) -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    bytes[0] = first;
    bytes
}

fn facts(store: &Store, kind: &str) -> Vec<serde_json::Value> {
    let filter = AuditFilter { kind: Some(kind.to_owned()), ..AuditFilter::default() };
    store.audit().list(&filter).unwrap().into_iter().map(|row| row.body).collect()
}

/// Says yes, on terms; the yes itself is sent.
async fn made(store: &Store, life_ms: Option<u64>, uses: Option<u32>, now_ms: u64) -> StandingApproval {
    let Decision::NeedsApproval(pending) = decide(request(), agent(), &RuleSet::default(), &Situation::at(now_ms))
    else {
        panic!()
    };
    let held = hold(store, ApprovalId::from_random(id(1)), &pending, &RuleSet::default(), now_ms).await.unwrap();
    let held = store.get(&held.id).await.unwrap().unwrap();
    let (new, terms) = (StandingId::from_random(id(2)), Terms { life_ms, uses, free: vec!["/messages".to_owned()] });
    let by = Approver::Terminal;
    let permit = approve_for(
        store,
        &held,
        request(),
        &by,
        &RuleSet::default(),
        &Situation::at(now_ms),
        Some((new.clone(), &terms)),
    )
    .await
    .unwrap();
    open_call(store, permit, now_ms).await.close(store, outcome()).await.unwrap();
    store.standing(&new).unwrap().unwrap()
}

/// The permit that this standing approval gives, as it was read.
fn permit(standing: &StandingApproval, now_ms: u64) -> ApprovedRequest {
    let Decision::NeedsApproval(pending) = decide(request(), agent(), &RuleSet::default(), &Situation::at(now_ms))
    else {
        panic!()
    };
    match stand_in(pending, std::slice::from_ref(standing), now_ms) {
        Decision::Allowed(permit) => permit,
        other => panic!("{other:?}"),
    }
}

fn opened(dir: &std::path::Path) -> (Store, Arc<HandClock>) {
    open_at(dir, 1000)
}

fn state(store: &Store, id: &StandingId, now_ms: u64) -> StandingState {
    store.standing(id).unwrap().unwrap().state(now_ms)
}

fn live(store: &Store) -> usize {
    store.standing_for(&agent(), &"things/create-thing".parse().unwrap()).unwrap().len()
}

#[test]
fn it_is_made_with_its_yes_and_each_use_stands_in_the_row_of_the_send() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = opened(dir.path());
    runtime().block_on(async {
        let standing = made(&store, Some(60_000), Some(5), 1000).await;
        assert_eq!((standing.uses, standing.uses_left, standing.last_used_ms), (0, Some(5), None));
        assert_eq!((standing.created_ms, standing.expires_ms, standing.by.as_str()), (1000, 61_000, "operator"));
        assert_eq!(live(&store), 1);
        assert!(store.standing_for(&"other".parse().unwrap(), &standing.action).unwrap().is_empty());
        assert!(store.standing_for(&agent(), &"things/send-text".parse().unwrap()).unwrap().is_empty());
        for uses in 1..=2_u64 {
            clock.set(2000 + uses);
            open_call(&store, permit(&standing, 2000), 2000).await.close(&store, outcome()).await.unwrap();
            let intent = &facts(&store, "intent")[0];
            assert_eq!((&intent["standing"], &intent["uses"]), (&standing.id.as_str().into(), &uses.into()));
            assert!(intent["approval"].is_null() && intent["rule"].as_str().unwrap().contains(standing.id.as_str()));
        }
        let now = store.standing(&standing.id).unwrap().unwrap();
        assert_eq!((now.uses, now.uses_left, now.last_used_ms), (2, Some(3), Some(2002)));
        let first = facts(&store, "intent").pop().unwrap();
        assert!(first.get("standing").is_none() && first.get("uses").is_none(), "the yes itself is no use: {first:#}");
        let row = &facts(&store, "standing-made")[0];
        for (fact, value) in [
            ("standing", serde_json::json!(standing.id)),
            ("approval", serde_json::json!(standing.approval)),
            ("agent", "robot".into()),
            ("action", "things/create-thing".into()),
            ("free", serde_json::json!(["/messages"])),
            ("uses", 5.into()),
            ("expires_ms", 61_000.into()),
            ("by", "operator".into()),
        ] {
            assert_eq!(row[fact], value, "{fact}");
        }
    });
    intact_rows(&store);
}

#[test]
fn however_many_race_it_is_used_as_often_as_was_said() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = opened(dir.path());
    runtime().block_on(async {
        let standing = made(&store, None, Some(5), 1000).await;
        let racers: Vec<_> = (0..64)
            .map(|_| {
                let (store, permit) = (store.clone(), permit(&standing, 1000));
                tokio::spawn(async move { AuditTicket::try_open(&store, call_id(), permit, 1000).await })
            })
            .collect();
        let (mut sent, mut asked) = (0, 0);
        for racer in racers {
            match racer.await.unwrap().unwrap() {
                Opening::Open(ticket) => {
                    sent += 1;
                    ticket.spend(1000).0.close(&store, outcome()).await.unwrap();
                }
                Opening::Moved(_) => asked += 1,
            }
        }
        assert_eq!((sent, asked), (5, 59));
        let now = store.standing(&standing.id).unwrap().unwrap();
        assert_eq!((now.uses, now.uses_left, now.state(1000)), (5, Some(0), StandingState::UsedUp));
        let mut uses: Vec<u64> = facts(&store, "intent").iter().filter_map(|row| row["uses"].as_u64()).collect();
        uses.sort_unstable();
        assert_eq!((uses, live(&store)), (vec![1, 2, 3, 4, 5], 0));
    });
    intact_rows(&store);
}

#[test]
fn its_time_is_the_stores_and_ends_to_the_millisecond() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = opened(dir.path());
    runtime().block_on(async {
        let standing = made(&store, Some(60_000), None, 1000).await;
        clock.set(60_999);
        assert_eq!(live(&store), 1);
        open_call(&store, permit(&standing, 60_999), 60_999).await.close(&store, outcome()).await.unwrap();
        // The caller's clock says that it stands; the store knows better.
        let late = permit(&standing, 60_999);
        clock.set(61_000);
        assert_eq!(live(&store), 0);
        let late = AuditTicket::try_open(&store, call_id(), late, 60_999).await.unwrap();
        assert!(matches!(late, Opening::Moved(_)));
        assert_eq!(state(&store, &standing.id, 61_000), StandingState::Expired);
        assert!(store.list_standing(false).unwrap().is_empty());
        assert_eq!(store.list_standing(true).unwrap().len(), 1);
        assert!(!store.end_standing(&standing.id, &Approver::Terminal, "late").await.unwrap());
        assert!(facts(&store, "standing-revoked").is_empty(), "what ended by itself is not revoked");
    });
}

#[test]
fn a_permit_for_one_agent_action_and_plugin_spends_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = opened(dir.path());
    runtime().block_on(async {
        let standing = made(&store, None, Some(5), 1000).await;
        for column in ["agent = 'other'", "action = 'things/send-text'", "digest = 'sha256:00'"] {
            let asked = permit(&standing, 1000);
            raw(dir.path()).execute(&format!("UPDATE standing SET {column}"), ()).unwrap();
            assert!(AuditTicket::open(&store, call_id(), asked, 1000).await.is_err(), "{column}");
            let sql = "UPDATE standing SET agent = ?1, action = ?2, digest = ?3";
            let before = (standing.agent.as_str(), standing.action.to_string(), standing.digest.to_string());
            raw(dir.path()).execute(sql, before).unwrap();
        }
        open_call(&store, permit(&standing, 1000), 1000).await.close(&store, outcome()).await.unwrap();
        assert_eq!(store.standing(&standing.id).unwrap().unwrap().uses, 1);
    });
}

#[test]
fn it_ends_when_somebody_says_so_once() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = opened(dir.path());
    runtime().block_on(async {
        let standing = made(&store, None, Some(5), 1000).await;
        let other = made(&store, None, Some(5), 1000).await;
        for by in [Approver::Form(agent()), Approver::Withdrawn(agent())] {
            assert!(store.end_standing(&standing.id, &by, "no").await.is_err(), "{by}");
        }
        let asked = permit(&standing, 1000);
        clock.set(1500);
        let by = Approver::Token("anna".parse().unwrap());
        assert!(store.end_standing(&standing.id, &by, "not today").await.unwrap());
        assert!(!store.end_standing(&standing.id, &by, "again").await.unwrap());
        assert!(!store.end_standing(&StandingId::from_random([0; 16]), &by, "nothing").await.unwrap());
        let late = AuditTicket::try_open(&store, call_id(), asked, 1500).await.unwrap();
        assert!(matches!(late, Opening::Moved(_)));
        let revoked = store.standing(&standing.id).unwrap().unwrap().revoked.unwrap();
        assert_eq!(
            (revoked.at_ms, revoked.by.as_str(), revoked.why.as_str()),
            (1500, "operator-token:anna", "not today")
        );
        assert_eq!((live(&store), state(&store, &other.id, 1500)), (1, StandingState::Live));
        let rows = facts(&store, "standing-revoked");
        assert_eq!(
            (rows.len(), &rows[0]["by"], &rows[0]["why"]),
            (1, &"operator-token:anna".into(), &"not today".into())
        );
        assert_eq!(rows[0]["standing"], standing.id.as_str());
    });
}

#[test]
fn no_form_makes_one_even_where_the_policy_is_passed_by() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = opened(dir.path());
    runtime().block_on(async {
        // A standing approval that policy made for the operator, brought along by another's yes.
        let double = crate::policy::doubles::RecordingApprovals::default();
        let Decision::NeedsApproval(pending) = decide(request(), agent(), &RuleSet::default(), &Situation::at(1000))
        else {
            panic!()
        };
        let name = ApprovalId::from_random(id(1));
        hold(&double, name.clone(), &pending, &RuleSet::default(), 1000).await.unwrap();
        hold(&store, name.clone(), &pending, &RuleSet::default(), 1000).await.unwrap();
        let terms = Terms { uses: Some(1), ..Terms::default() };
        let (held, new) = (double.held(), StandingId::from_random(id(2)));
        let by = Approver::Terminal;
        approve_for(&double, &held, request(), &by, &RuleSet::default(), &Situation::at(1000), Some((new, &terms)))
            .await
            .unwrap();
        let stands = double.stands.lock().unwrap().clone();
        assert!(store.approve(&name, &Approver::Form(agent()), 1000, stands.clone()).await.is_err());
        assert_eq!(store.get(&name).await.unwrap().unwrap().state, ApprovalState::Pending, "neither yes counts");
        assert!(store.list_standing(true).unwrap().is_empty());
        assert!(store.approve(&name, &by, 1000, stands.clone()).await.unwrap());
        assert_eq!(store.list_standing(true).unwrap().len(), 1);
        assert!(!store.approve(&name, &by, 1000, stands).await.unwrap(), "no yes, nothing that stands");
        assert_eq!((store.list_standing(true).unwrap().len(), facts(&store, "standing-made").len()), (1, 1));
    });
}

#[test]
fn it_ends_with_its_agents_token() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = opened(dir.path());
    for name in ["robot", "other"] {
        let (name, hash) = (name.parse().unwrap(), Digest::of(name.as_bytes()));
        let (kind, grants, propose) = (TokenKind::Agent, Grants::default(), PortSet::default());
        let new = NewToken { kind, name, grants, forms: false, propose, hash, expires_ms: None };
        assert!(store.issue_token(&new).unwrap());
    }
    runtime().block_on(async {
        let standing = made(&store, None, Some(5), 1000).await;
        assert!(store.revoke_token(TokenKind::Agent, &"other".parse().unwrap()).unwrap());
        assert_eq!(state(&store, &standing.id, 1000), StandingState::Live);
        assert!(store.revoke_token(TokenKind::Agent, &agent()).unwrap());
        assert_eq!((state(&store, &standing.id, 1000), live(&store)), (StandingState::Revoked, 0));
        let row = &facts(&store, "standing-revoked")[0];
        assert_eq!((&row["why"], &row["agent"]), (&"its agent's token was revoked".into(), &"robot".into()));
    });
}

#[test]
fn it_ends_with_its_plugin_and_with_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = opened(dir.path());
    let install = |port: &str, bytes: &[u8]| {
        let mut manifest = manifest_draft();
        manifest.port.slug = port.to_owned();
        take_in(&store, plugin_record(manifest, bytes), bytes, true).unwrap();
    };
    install("things", b"component");
    install("thing", b"component");
    runtime().block_on(async {
        let standing = made(&store, None, Some(5), 1000).await;
        let is = |expected: StandingState| assert_eq!(state(&store, &standing.id, 1000), expected);
        install("things", b"component");
        is(StandingState::Live);
        assert!(store.remove(&"thing".parse().unwrap()).unwrap());
        is(StandingState::Live);
        install("things", b"another");
        is(StandingState::Revoked);
        assert_eq!(facts(&store, "standing-revoked")[0]["why"], "its plugin was replaced");
        install("things", b"component");
        is(StandingState::Revoked);
        let again = made(&store, None, Some(5), 1000).await;
        assert!(store.remove(&"things".parse().unwrap()).unwrap());
        assert_eq!(state(&store, &again.id, 1000), StandingState::Revoked);
        assert_eq!(facts(&store, "standing-revoked")[0]["why"], "its plugin was removed");
        assert_eq!(facts(&store, "standing-revoked").len(), 2);
    });
    intact_rows(&store);
}

#[test]
fn what_ended_is_forgotten_in_time_and_what_stands_can_be_read_until_then() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = opened(dir.path());
    runtime().block_on(async {
        let standing = made(&store, Some(100_000), None, 1000).await;
        let ended = made(&store, Some(1000), None, 1000).await;
        clock.set(50_000);
        let pruned = store.prune(50_000, 40_000).unwrap();
        assert_eq!(pruned, Pruned { approvals: 2, standing: 1, ..Pruned::default() });
        assert!(store.standing(&ended.id).unwrap().is_none());
        let (kept, gone) = (store.get(&standing.approval).await.unwrap(), store.get(&ended.approval).await.unwrap());
        let (kept, gone) = (kept.unwrap(), gone.unwrap());
        assert!(kept.description.is_some() && kept.result.is_none(), "what it was given for can still be read");
        assert!(gone.description.is_none() && gone.result.is_none());
        assert_eq!(store.prune(50_000, 40_000).unwrap(), Pruned::default());
        clock.set(101_000);
        assert_eq!(store.prune(101_000, 100_000).unwrap(), Pruned::default(), "it was made too lately");
        let pruned = store.prune(101_001, 100_000).unwrap();
        assert_eq!(pruned, Pruned { approvals: 1, standing: 1, ..Pruned::default() });
        assert!(store.get(&standing.approval).await.unwrap().unwrap().description.is_none());
    });
}
