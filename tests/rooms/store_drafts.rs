//! Drafts in the store: whose they are, what may become of them, and that an operator's yes is to what was looked at.

use std::path::Path;

use crate::route::world::{World, create};
use crate::store_support::{call_id, intact_rows, manifest, open_at, plugin_record, runtime, take_in};
use portcullis_model::{AgentName, Definition, Digest, Grants, ManifestDraft, PortSet, PortSlug};
use portcullis_policy::{
    ApprovalId, ApprovalState, ApprovalStore as _, Approver, AuditTicket, Decision, DraftId, NewStanding, RuleSet,
    Situation, StandingId, Terms, approve_for, decide, hold,
};
use portcullis_store::{
    Addition, ApprovalFilter, AuditFilter, DraftContent, DraftError, DraftFilter, DraftLine, DraftState, NewToken,
    Pruned, Store, TokenKind,
};
use serde_json::{Value, json};

const TEMPLATE: &str = r#"{"slug":"get-thing","path":"/v1/the-content"}"#;

fn name(text: &str) -> AgentName {
    text.parse().unwrap()
}

fn port() -> PortSlug {
    "things".parse().unwrap()
}

fn issue(store: &Store, who: &str, ports: &[&str], expires_ms: Option<u64>) {
    let propose = PortSet::new(ports.iter().map(|port| port.parse().unwrap()));
    let (kind, hash, grants) = (TokenKind::Agent, Digest::of(who.as_bytes()), Grants::default());
    let new = NewToken { kind, name: name(who), grants, forms: false, propose, hash, expires_ms };
    assert!(store.issue_token(&new).unwrap());
}

/// A store at 1000, with an agent `robot` that may propose for `things`.
fn opened(dir: &Path) -> (Store, std::sync::Arc<crate::store_support::HandClock>) {
    let (store, clock) = open_at(dir, 1000);
    issue(&store, "robot", &["things"], None);
    let mut manifest = manifest("things");
    manifest.port.slug = "things".to_owned();
    take_in(&store, plugin_record(manifest, b"things"), b"things", false).unwrap();
    (store, clock)
}

/// The operator's yes, with an addition made of what is installed now.
fn publish(store: &Store, id: &DraftId, seen: Digest, by: &Approver) -> Result<DraftLine, DraftError> {
    let installed = store.installed(&port()).unwrap().unwrap();
    let before = installed.line.served();
    let mut action = installed.manifest.actions[0].clone();
    action.slug = "get-thing".to_owned();
    let only = ManifestDraft { actions: vec![action.clone()], ..installed.manifest.clone() };
    let mut manifest = installed.manifest;
    manifest.actions.retain(|action| action.slug != "get-thing");
    manifest.actions.push(action);
    let added = Some(Definition::new(Digest::of(b"template"), only).unwrap());
    store.publish_draft(id, seen, by, &Addition { port: port(), before, added, manifest }, b"template")
}

fn id() -> DraftId {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap();
    DraftId::from_random(bytes)
}

fn content(template: &str) -> DraftContent {
    DraftContent { action: "get-thing".parse().unwrap(), template: template.to_owned() }
}

async fn made(store: &Store) -> DraftLine {
    store.create_draft(id(), &port(), &name("robot"), content(TEMPLATE)).await.unwrap()
}

async fn requested(store: &Store) -> DraftLine {
    let made = made(store).await;
    store.request_draft(&made.id, &made.agent, made.digest).await.unwrap()
}

fn facts(store: &Store, kind: &str) -> Vec<Value> {
    let filter = AuditFilter { kind: Some(kind.to_owned()), ..AuditFilter::default() };
    store.audit().list(&filter).unwrap().into_iter().map(|row| row.body).collect()
}

fn state(store: &Store, id: &DraftId) -> DraftState {
    store.draft(id).unwrap().unwrap().line.state
}

/// The refusal in a word.
fn no<T: std::fmt::Debug>(done: Result<T, DraftError>) -> String {
    match done.unwrap_err() {
        DraftError::Unknown => "unknown".to_owned(),
        DraftError::State(state) => state.to_string(),
        DraftError::Changed { .. } => "changed".to_owned(),
        DraftError::TooMany { most } => format!("{most}"),
        DraftError::TooLong { .. } => "too long".to_owned(),
        DraftError::NotAllowed(port) => format!("not for {port}"),
        DraftError::Moved(port) => format!("{port} moved"),
        DraftError::Store(error) => error.to_string(),
    }
}

#[test]
fn a_draft_goes_from_its_agent_to_the_operator_with_a_row_for_each_step_and_none_with_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = opened(dir.path());
    let rows = intact_rows(&store);
    runtime().block_on(async {
        let line = made(&store).await;
        let facts_of = |digest: Digest| json!({"draft": line.id, "action": "things/get-thing", "agent": "robot", "digest": digest});
        assert_eq!((line.state, line.created_ms, line.updated_ms), (DraftState::Open, 1000, 1000));
        assert_eq!(line.digest, Digest::of(TEMPLATE.as_bytes()));
        assert_eq!(facts(&store, "draft-created"), [facts_of(line.digest)]);
        assert_eq!(store.draft(&line.id).unwrap().unwrap().template.as_deref(), Some(TEMPLATE));

        clock.set(2000);
        let other = content(r#"{"slug":"get-thing"}"#);
        let changed = store.change_draft(&line.id, &line.agent, other.clone()).await.unwrap();
        assert_eq!((changed.digest, changed.created_ms, changed.updated_ms), (other.digest(), 1000, 2000));
        let mut told = facts_of(other.digest());
        told["replaced"] = json!(line.digest);
        assert_eq!(facts(&store, "draft-changed"), [told]);

        let asked = store.request_draft(&line.id, &line.agent, other.digest()).await.unwrap();
        assert_eq!(asked.state, DraftState::Requested);
        assert_eq!(facts(&store, "draft-requested"), [facts_of(other.digest())]);

        let by = Approver::Token(name("anna"));
        let published = publish(&store, &line.id, other.digest(), &by).unwrap();
        assert_eq!((published.state, published.by.as_deref()), (DraftState::Published, Some("operator-token:anna")));
        let mut told = facts_of(other.digest());
        told["by"] = json!("operator-token:anna");
        assert_eq!(facts(&store, "draft-published"), [told]);
    });
    // One of them is the added action's.
    assert_eq!(intact_rows(&store), rows + 5);
    let mut log = Vec::new();
    store.audit().export(&mut log).unwrap();
    assert!(!String::from_utf8(log).unwrap().contains("the-content"));
}

#[test]
fn an_operator_publishes_what_was_requested_and_looked_at_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = opened(dir.path());
    let by = Approver::Terminal;
    runtime().block_on(async {
        let open = made(&store).await;
        assert_eq!(no(publish(&store, &open.id, open.digest, &by)), "open");
        let seen = requested(&store).await;
        // Edited between the look and the yes: the request is taken back, and asking again does not bring the old yes.
        let other = store.change_draft(&seen.id, &seen.agent, content("{}")).await.unwrap();
        assert_eq!(other.state, DraftState::Open);
        assert_eq!(facts(&store, "draft-changed")[0]["taken_back"], true);
        assert_eq!(no(publish(&store, &seen.id, seen.digest, &by)), "open");
        assert_eq!(no(store.request_draft(&seen.id, &seen.agent, seen.digest).await), "changed");
        store.request_draft(&seen.id, &seen.agent, other.digest).await.unwrap();
        assert_eq!(no(publish(&store, &seen.id, seen.digest, &by)), "changed");
        assert_eq!(state(&store, &seen.id), DraftState::Requested);
        assert!(facts(&store, "draft-published").is_empty());
        publish(&store, &seen.id, other.digest, &by).unwrap();
        assert_eq!(no(publish(&store, &seen.id, other.digest, &by)), "published");
        assert_eq!(no(publish(&store, &id(), other.digest, &by)), "unknown");
    });
}

#[test]
fn what_is_decided_stays_so() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = opened(dir.path());
    let by = Approver::Terminal;
    runtime().block_on(async {
        let (yes, rejected, withdrawn) = (requested(&store).await, requested(&store).await, made(&store).await);
        publish(&store, &yes.id, yes.digest, &by).unwrap();
        let line = store.reject_draft(&rejected.id, &by, "not this").await.unwrap();
        assert_eq!((line.by.as_deref(), line.reason.as_deref()), (Some("operator"), Some("not this")));
        assert_eq!(facts(&store, "draft-rejected")[0]["reason"], "not this");
        let line = store.withdraw_draft(&withdrawn.id, &withdrawn.agent).await.unwrap();
        assert_eq!((line.by, facts(&store, "draft-withdrawn").len()), (None, 1));
        let kept = |line: &DraftLine| store.draft(&line.id).unwrap().unwrap().template.is_some();
        assert_eq!([kept(&yes), kept(&rejected), kept(&withdrawn)], [true, true, false], "what is taken back is gone");
        let rows = intact_rows(&store);
        for (line, word) in [(&yes, "published"), (&rejected, "rejected"), (&withdrawn, "withdrawn")] {
            let who = &line.agent;
            assert_eq!(no(store.change_draft(&line.id, who, content("{}")).await), word);
            assert_eq!(no(store.request_draft(&line.id, who, line.digest).await), word);
            assert_eq!(no(store.withdraw_draft(&line.id, who).await), word);
            assert_eq!(no(store.reject_draft(&line.id, &by, "no").await), word);
            assert_eq!(no(publish(&store, &line.id, line.digest, &by)), word);
        }
        assert_eq!(intact_rows(&store), rows);
    });
}

#[test]
fn anothers_draft_is_not_there_and_only_an_operator_decides() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = opened(dir.path());
    issue(&store, "other", &["things"], None);
    let other = name("other");
    runtime().block_on(async {
        let line = requested(&store).await;
        assert_eq!(no(store.change_draft(&line.id, &other, content("{}")).await), "unknown");
        assert_eq!(no(store.request_draft(&line.id, &other, line.digest).await), "unknown");
        assert_eq!(no(store.withdraw_draft(&line.id, &other).await), "unknown");
        for by in [Approver::Form(name("robot")), Approver::Withdrawn(name("robot"))] {
            assert!(no(publish(&store, &line.id, line.digest, &by)).contains("cannot decide about a draft"));
            assert!(no(store.reject_draft(&line.id, &by, "no").await).contains("cannot decide about a draft"));
        }
        assert_eq!(state(&store, &line.id), DraftState::Requested);
        let of = |agent: Option<AgentName>, state: Option<DraftState>| {
            store.drafts(&DraftFilter { agent, state, limit: None }).unwrap().len()
        };
        assert_eq!((of(Some(other.clone()), None), of(Some(name("robot")), None), of(None, None)), (0, 1, 1));
        assert_eq!((of(None, Some(DraftState::Open)), of(None, Some(DraftState::Requested))), (0, 1));
        assert_eq!(store.drafts(&DraftFilter { limit: Some(0), ..DraftFilter::default() }).unwrap().len(), 0);
    });
}

#[test]
fn the_right_is_of_a_live_token_and_for_the_ports_it_names() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = opened(dir.path());
    issue(&store, "short", &["things"], Some(2000));
    issue(&store, "none", &[], None);
    let create = async |who: &str, port: &str| {
        store.create_draft(id(), &port.parse().unwrap(), &name(who), content(TEMPLATE)).await
    };
    runtime().block_on(async {
        let line = create("short", "things").await.unwrap();
        assert_eq!(no(create("short", "thing").await), "not for thing");
        assert_eq!(no(create("none", "things").await), "not for things");
        assert_eq!(no(create("nobody", "things").await), "not for things");
        clock.set(2000);
        assert_eq!(no(create("short", "things").await), "not for things");
        assert_eq!(no(store.request_draft(&line.id, &line.agent, line.digest).await), "not for things");
        create("robot", "things").await.unwrap();
    });
    assert_eq!(facts(&store, "draft-created").len(), 2);
}

#[test]
fn who_loses_a_token_loses_the_drafts_that_nobody_decided_and_no_one_else_does() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = opened(dir.path());
    issue(&store, "other", &["things"], None);
    runtime().block_on(async {
        let (yes, open, asked) = (requested(&store).await, made(&store).await, requested(&store).await);
        publish(&store, &yes.id, yes.digest, &Approver::Terminal).unwrap();
        let theirs = store.create_draft(id(), &port(), &name("other"), content(TEMPLATE)).await.unwrap();
        assert!(store.revoke_token(TokenKind::Agent, &name("robot")).unwrap());
        let states = [&yes, &open, &asked, &theirs].map(|line| state(&store, &line.id));
        use DraftState::{Open, Published, Withdrawn};
        assert_eq!(states, [Published, Withdrawn, Withdrawn, Open]);
        let told = facts(&store, "draft-withdrawn");
        assert_eq!(told.len(), 2);
        assert_eq!((&told[0]["by"], &told[0]["reason"]), (&json!("operator"), &json!("its agent's token was revoked")));
        assert_eq!(no(publish(&store, &asked.id, asked.digest, &Approver::Terminal)), "withdrawn");
    });
}

#[test]
fn drafts_are_bounded_in_number_and_length() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = opened(dir.path());
    issue(&store, "other", &["things"], None);
    runtime().block_on(async {
        let first = made(&store).await;
        let long = |bytes: usize| content(&"x".repeat(bytes));
        assert_eq!(no(store.change_draft(&first.id, &first.agent, long((64 << 10) + 1)).await), "too long");
        assert_eq!(no(store.create_draft(id(), &port(), &name("robot"), long((64 << 10) + 1)).await), "too long");
        store.change_draft(&first.id, &first.agent, long(64 << 10)).await.unwrap();
        for _ in 1..32 {
            requested(&store).await;
        }
        assert_eq!(no(store.create_draft(id(), &port(), &name("robot"), content("{}")).await), "32");
        store.create_draft(id(), &port(), &name("other"), content("{}")).await.unwrap();
        store.withdraw_draft(&first.id, &first.agent).await.unwrap();
        made(&store).await;
    });
}

#[test]
fn what_was_rejected_long_ago_is_forgotten_but_for_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = opened(dir.path());
    runtime().block_on(async {
        let (rejected, open) = (requested(&store).await, made(&store).await);
        clock.set(5000);
        store.reject_draft(&rejected.id, &Approver::Terminal, "no").await.unwrap();
        assert_eq!(store.prune(6000, 1000).unwrap(), Pruned::default());
        assert_eq!(store.prune(6001, 1000).unwrap(), Pruned { drafts: 1, ..Pruned::default() });
        let kept = |id: &DraftId| store.draft(id).unwrap().unwrap().template;
        assert_eq!((kept(&rejected.id), kept(&open.id).as_deref()), (None, Some(TEMPLATE)));
        assert_eq!(state(&store, &rejected.id), DraftState::Rejected);
    });
}

/// A test of a draft, held.
async fn held(store: &Store, draft: &DraftId) -> ApprovalId {
    let request = World::default().route("create-thing", create("{}"));
    let situation = Situation { draft: Some(draft), ..Situation::at(1000) };
    let Decision::NeedsApproval(pending) = decide(request, name("robot"), &RuleSet::default(), &situation) else {
        panic!("it is asked")
    };
    let mut random = [0; 16];
    getrandom::fill(&mut random).unwrap();
    let id = ApprovalId::from_random(random);
    hold(store, id.clone(), &pending, &RuleSet::default(), 1000).await.unwrap();
    id
}

#[test]
fn an_approval_remembers_the_draft_that_it_tries_and_is_given_by_an_operator_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = opened(dir.path());
    runtime().block_on(async {
        let draft = made(&store).await.id;
        let id = held(&store, &draft).await;
        let found = store.get(&id).await.unwrap().unwrap();
        assert_eq!(found.draft.as_ref(), Some(&draft));
        let listed = store.list_approvals(&ApprovalFilter::default()).await.unwrap();
        assert_eq!(listed[0].draft.as_ref(), Some(&draft));
        assert_eq!(facts(&store, "approval-asked")[0]["draft"], draft.as_str());

        let form = Approver::Form(name("robot"));
        assert!(store.approve(&id, &form, 1000, None).await.is_err());
        assert!(store.approve(&id, &Approver::Terminal, 1000, Some(standing().await)).await.is_err());
        assert_eq!(store.get(&id).await.unwrap().unwrap().state, ApprovalState::Pending);
        assert!(store.list_standing(true).unwrap().is_empty());

        let request = World::default().route("create-thing", create("{}"));
        let (rules, now) = (RuleSet::default(), Situation::at(1000));
        let permit = approve_for(&store, &found, request, &Approver::Terminal, &rules, &now, None).await.unwrap();
        let ticket = AuditTicket::open(&store, call_id(), permit, 1000).await.unwrap();
        ticket.spend(1000).0.close(&store, crate::store_support::outcome()).await.unwrap();
        assert_eq!(facts(&store, "approval-approved")[0]["draft"], draft.as_str());
        assert_eq!(facts(&store, "intent")[0]["draft"], draft.as_str());
        // What a draft tried is no earlier call of an installed action.
        assert_eq!(store.last_executed(&found.action).unwrap(), None);
    });
}

#[test]
fn what_waits_for_a_test_ends_when_its_draft_says_something_else_or_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = opened(dir.path());
    let by = Approver::Terminal;
    runtime().block_on(async {
        let state = async |id: &ApprovalId| {
            let found = store.get(id).await.unwrap().unwrap();
            (found.state, found.reason.unwrap_or_default())
        };
        let other = made(&store).await;
        let of_other = held(&store, &other.id).await;
        for (ended, why) in [
            ("changed", "its draft was changed"),
            ("withdrawn", "its draft was withdrawn"),
            ("rejected", "its draft was rejected"),
            ("published", "its draft was published"),
            ("requested", ""),
        ] {
            let line = made(&store).await;
            let id = held(&store, &line.id).await;
            store.request_draft(&line.id, &line.agent, line.digest).await.unwrap();
            assert_eq!(state(&id).await.0, ApprovalState::Pending, "a request changes nothing about it");
            match ended {
                "changed" => drop(store.change_draft(&line.id, &line.agent, content("{}")).await.unwrap()),
                "withdrawn" => drop(store.withdraw_draft(&line.id, &line.agent).await.unwrap()),
                "rejected" => drop(store.reject_draft(&line.id, &by, "no").await.unwrap()),
                "published" => drop(publish(&store, &line.id, line.digest, &by).unwrap()),
                _ => {}
            }
            let wanted = if why.is_empty() { ApprovalState::Pending } else { ApprovalState::Rejected };
            assert_eq!(state(&id).await, (wanted, why.to_owned()), "{ended}");
        }
        assert_eq!(state(&of_other).await.0, ApprovalState::Pending, "another draft's");
        clock.set(601_000);
        store.withdraw_draft(&other.id, &other.agent).await.unwrap();
        assert_eq!(state(&of_other).await.0, ApprovalState::Expired, "its time was over");
    });
}

/// A standing approval that was made for an installed action.
async fn standing() -> NewStanding {
    let store = crate::policy::doubles::RecordingApprovals::default();
    let route = || World::default().route("create-thing", create("{}"));
    let now = Situation::at(1000);
    let Decision::NeedsApproval(pending) = decide(route(), name("robot"), &RuleSet::default(), &now) else { panic!() };
    hold(&store, ApprovalId::from_random([8; 16]), &pending, &RuleSet::default(), 1000).await.unwrap();
    let terms = Terms { life_ms: Some(1000), ..Terms::default() };
    let said = (StandingId::from_random([9; 16]), &terms);
    let (held, by) = (store.held(), Approver::Terminal);
    approve_for(&store, &held, route(), &by, &RuleSet::default(), &now, Some(said)).await.unwrap();
    store.stands.lock().unwrap().clone().unwrap()
}
