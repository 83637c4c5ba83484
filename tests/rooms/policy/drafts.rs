//! A draft is tried by a person's yes to each request, whatever its agent or any rule says; deny stays deny.

use portcullis_model::{ApprovalMode, Code, Effect, RoutedRequest};
use portcullis_policy::{
    Approval, ApprovalId, ApprovalState, Approver, AuditTicket, CallId, Decision, DraftId, OperatorApproval,
    PendingRequest, RuleFile, RuleSet, Rules, Situation, StandingId, Terms, approve_for, decide, hold, latitude,
};

use super::doubles::{RecordingApprovals, RecordingLog};
use super::{NOW_MS, request, rules};
use crate::route::world::{World, agent, get, text};

fn draft() -> DraftId {
    DraftId::from_random([3; 16])
}

/// A read that declares itself automatic: what would go unattended, were it installed.
fn read() -> RoutedRequest {
    let mut world = World::default();
    for action in world.draft.actions.iter_mut().filter(|action| action.slug == "get-thing") {
        (action.approval, action.effect) = (ApprovalMode::Automatic, Effect::Read);
    }
    world.route("get-thing", get("1"))
}

fn file(rule: &str) -> RuleSet {
    RuleSet::new(Rules::default(), &[RuleFile { name: text("team.cedar"), text: text(rule) }]).unwrap()
}

fn asked(request: RoutedRequest, rules: &RuleSet) -> PendingRequest {
    let draft = draft();
    match decide(request, agent(), rules, &Situation { draft: Some(&draft), ..Situation::at(NOW_MS) }) {
        Decision::NeedsApproval(pending) => pending,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_test_of_a_draft_waits_for_a_person_whatever_would_let_it_go() {
    let plain = RuleSet::default();
    let word = {
        let mut rules = Rules::default();
        rules.set("things/get-thing".parse().unwrap(), OperatorApproval::Automatic);
        RuleSet::bundled(rules)
    };
    let permits = file(r#"@id("all") permit (principal, action, resource);"#);
    for rules in [&plain, &word, &permits] {
        assert!(matches!(decide(read(), agent(), rules, &Situation::at(NOW_MS)), Decision::Allowed(_)));
        let pending = asked(read(), rules);
        assert_eq!(pending.rule(), "a person approves each test of a draft");
    }
    let asks = rules(Some(OperatorApproval::RequireApproval));
    let rule = asked(request(), &asks).rule().to_owned();
    assert!(rule.starts_with("a person approves each test of a draft; portcullis.toml ["), "{rule}");
}

#[test]
fn deny_stays_deny() {
    let draft = draft();
    let situation = Situation { draft: Some(&draft), ..Situation::at(NOW_MS) };
    for rules in [rules(Some(OperatorApproval::Deny)), file(r#"@id("no") forbid (principal, action, resource);"#)] {
        let Decision::Denied(denial) = decide(request(), agent(), &rules, &situation) else { panic!("it is denied") };
        assert_eq!(denial.refusal.code(), Code::Denied);
    }
}

async fn held(store: &RecordingApprovals) -> Approval {
    let pending = asked(request(), &RuleSet::default());
    hold(store, ApprovalId::from_random([7; 16]), &pending, &RuleSet::default(), NOW_MS).await.unwrap();
    assert_eq!(store.held().draft, Some(draft()));
    store.held()
}

async fn say(held: &Approval, by: &Approver, terms: Option<&Terms>) -> (Option<Code>, ApprovalState) {
    let store = RecordingApprovals::default();
    *store.held.lock().unwrap() = Some(held.clone());
    let (rules, now) = (RuleSet::default(), Situation::at(NOW_MS));
    let terms = terms.map(|terms| (StandingId::from_random([9; 16]), terms));
    let answer = approve_for(&store, held, request(), by, &rules, &now, terms).await;
    assert!(store.stands.lock().unwrap().is_none());
    (answer.err().map(|refusal| refusal.code()), store.held().state)
}

#[tokio::test]
async fn only_an_operator_lets_a_draft_be_tried_and_never_in_advance() {
    let held = held(&RecordingApprovals::default()).await;
    let token = Approver::Token("anna".parse().unwrap());
    for by in [Approver::Terminal, token, Approver::Page("s".parse().unwrap())] {
        assert_eq!(say(&held, &by, None).await, (None, ApprovalState::Approved), "{by}");
    }
    // The agent's own host answers for a person where an installed action is meant, and not here.
    let form = Approver::Form(agent());
    assert_eq!(say(&held, &form, None).await, (Some(Code::Forbidden), ApprovalState::Pending));
    let installed = Approval { draft: None, ..held.clone() };
    assert_eq!(say(&installed, &form, None).await, (None, ApprovalState::Approved));

    let terms = Terms { life_ms: Some(1000), ..Terms::default() };
    let (code, state) = say(&held, &Approver::Terminal, Some(&terms)).await;
    assert_eq!((code, state), (Some(Code::Forbidden), ApprovalState::Pending));
    assert_eq!(latitude(&held, &request(), &terms).unwrap_err().code(), Code::Forbidden);
    assert!(latitude(&installed, &request(), &terms).is_ok());
}

#[tokio::test]
async fn the_intent_says_which_draft_is_tried() {
    let store = RecordingApprovals::default();
    let held = held(&store).await;
    let (rules, now) = (RuleSet::default(), Situation::at(NOW_MS));
    let permit = approve_for(&store, &held, request(), &Approver::Terminal, &rules, &now, None).await.unwrap();
    let log = RecordingLog::default();
    drop(AuditTicket::open(&log, CallId::from_random([1; 16]), permit, NOW_MS).await.unwrap());
    let intents = log.intents.lock().unwrap();
    assert_eq!(intents[0].draft, Some(draft()));
    assert_eq!(serde_json::to_value(&intents[0]).unwrap()["draft"], draft().as_str());
}
