//! Who decides, and what a yes is worth: one exact request, once, in time, and never without a row in the log.
//!
//! The stores are doubles; the real ones have tests of their own.

pub(crate) mod doubles;
mod drafts;
mod rules;

use portcullis_model::{
    ApprovalMode, AuthDraft, Code, Description, Digest, Effect, Fingerprint, FixedOrigin, Refusal, RoutedRequest,
};
use portcullis_policy::{
    Approval, ApprovalId, ApprovalState, ApprovalStore, ApprovedRequest, Approver, AuditTicket, CallId, Decision,
    Denial, Durability, OperatorApproval, Outcome, RuleSet, Rules, Situation, approve, decide, hold,
};

use crate::route::world::{World, agent, create, get, text};
use doubles::{RecordingApprovals, RecordingLog};

const NOW_MS: u64 = 1_000_000;

fn rules(word: Option<OperatorApproval>) -> RuleSet {
    let mut rules = Rules::default();
    if let Some(word) = word {
        rules.set("things/create-thing".parse().unwrap(), word);
    }
    RuleSet::bundled(rules)
}

fn request() -> RoutedRequest {
    World::default().route("create-thing", create("{}"))
}

/// The decision about `create-thing`, as its plugin and its operator have it.
fn decision(mode: ApprovalMode, effect: Effect, word: Option<OperatorApproval>) -> Decision {
    let mut world = World::default();
    for action in &mut world.draft.actions {
        (action.approval, action.effect) = (mode, effect);
        action.method = portcullis_model::Method::Post;
    }
    decide(world.route("create-thing", create("{}")), agent(), &rules(word), &Situation::at(NOW_MS))
}

#[test]
fn the_operators_word_goes_over_the_manifests_and_a_change_is_never_automatic_by_itself() {
    use ApprovalMode::{Automatic as Auto, RequireApproval as Ask};
    use Effect::{Destructive, Read, Write};
    use OperatorApproval::{Automatic, Deny, RequireApproval};
    let manifest = "manifest: require_approval";
    let line = |word: &str| format!("portcullis.toml [ports.things.actions.create-thing] approval = \"{word}\"");
    let (auto, ask, deny) = (line("automatic"), line("require_approval"), line("deny"));
    for (mode, effect, word, expected, rule) in [
        (Auto, Read, None, "asks", "default: a POST is approved by a person, whatever its plugin calls it"),
        (Auto, Write, None, "asks", "default: a write action that declares itself automatic is approved by a person"),
        (
            Auto,
            Destructive,
            None,
            "asks",
            "default: a destructive action that declares itself automatic is approved by a person",
        ),
        (Ask, Read, None, "asks", manifest),
        (Ask, Write, None, "asks", manifest),
        (Ask, Destructive, None, "asks", manifest),
        (Auto, Read, Some(Automatic), "allowed", auto.as_str()),
        (Auto, Write, Some(Automatic), "allowed", &auto),
        (Auto, Destructive, Some(Automatic), "allowed", &auto),
        (Ask, Read, Some(Automatic), "allowed", &auto),
        (Ask, Write, Some(Automatic), "allowed", &auto),
        (Ask, Destructive, Some(Automatic), "allowed", &auto),
        (Auto, Read, Some(RequireApproval), "asks", &ask),
        (Auto, Write, Some(RequireApproval), "asks", &ask),
        (Auto, Destructive, Some(RequireApproval), "asks", &ask),
        (Ask, Read, Some(RequireApproval), "asks", &ask),
        (Ask, Write, Some(RequireApproval), "asks", &ask),
        (Ask, Destructive, Some(RequireApproval), "asks", &ask),
        (Auto, Read, Some(Deny), "denied", &deny),
        (Auto, Write, Some(Deny), "denied", &deny),
        (Auto, Destructive, Some(Deny), "denied", &deny),
        (Ask, Read, Some(Deny), "denied", &deny),
        (Ask, Write, Some(Deny), "denied", &deny),
        (Ask, Destructive, Some(Deny), "denied", &deny),
    ] {
        let (outcome, said) = match decision(mode, effect, word) {
            Decision::Allowed(permit) => ("allowed", permit.rule().to_owned()),
            Decision::NeedsApproval(pending) => ("asks", pending.rule().to_owned()),
            Decision::Denied(Denial { refusal, .. }) => {
                assert_eq!(refusal.code(), Code::Denied);
                ("denied", refusal.message().replace("`things/create-thing` is denied by ", ""))
            }
        };
        assert_eq!((outcome, said.as_str()), (expected, rule), "{mode} {effect} {word:?}");
    }
}

#[test]
fn the_operators_word_is_about_one_action_only() {
    let allowed = |action: &str, description: Description| {
        let request = World::default().route(action, description);
        matches!(
            decide(request, agent(), &rules(Some(OperatorApproval::Automatic)), &Situation::at(NOW_MS)),
            Decision::Allowed(_)
        )
    };
    assert!(allowed("create-thing", create("{}")));
    assert!(!allowed("delete-things", Description { method: portcullis_model::Method::Delete, ..create("{}") }));
}

/// Holds `create-thing` for a person, who has not answered yet.
async fn asked(store: &RecordingApprovals) -> Approval {
    let Decision::NeedsApproval(pending) = decide(request(), agent(), &RuleSet::default(), &Situation::at(NOW_MS))
    else {
        panic!("it is a write")
    };
    hold(store, ApprovalId::from_random([7; 16]), &pending, &RuleSet::default(), NOW_MS).await.unwrap();
    store.held()
}

async fn answered(
    store: &RecordingApprovals,
    request: RoutedRequest,
    rules: &RuleSet,
    now_ms: u64,
) -> Result<ApprovedRequest, Refusal> {
    let held = store.held();
    approve(store, &held, request, &Approver::Terminal, rules, &Situation::at(now_ms)).await
}

#[tokio::test]
async fn a_yes_is_a_permit_for_the_very_request_that_was_held() {
    let store = RecordingApprovals::default();
    let held = asked(&store).await;
    assert_eq!((held.created_ms, held.expires_ms), (NOW_MS, NOW_MS + 600_000));
    assert_eq!((&held.description, held.digest), (&Some(create("{}")), Digest::of(b"the component")));
    let permit = answered(&store, request(), &RuleSet::default(), NOW_MS + 1).await.unwrap();
    assert_eq!((permit.approval(), permit.agent(), permit.fingerprint()), (Some(&held.id), &agent(), held.fingerprint));
    assert_eq!(Fingerprint::of(permit.request(), permit.agent()), held.fingerprint);
    assert_eq!(permit.rule(), "default: a write action that declares itself automatic is approved by a person");
    assert_eq!(store.held().state, ApprovalState::Approved);
}

#[tokio::test]
async fn an_approval_is_for_nothing_but_what_was_shown() {
    let other = |change: fn(&mut World)| {
        let mut world = World::default();
        change(&mut world);
        world.route("create-thing", create("{}"))
    };
    for (what, request) in [
        ("another component", other(|w| w.digest = Digest::of(b"another component"))),
        ("another origin", other(|w| w.origin = Some(FixedOrigin::by_operator("http://127.0.0.1:4010").unwrap()))),
        ("another slot", other(|w| w.draft.port.slug = text("stuff"))),
        ("another header for the credential", other(|w| w.draft.port.auth = AuthDraft::None)),
        ("another body", World::default().route("create-thing", create("{ }"))),
        ("another action", World::default().route("get-thing", get("7"))),
    ] {
        let store = RecordingApprovals::default();
        asked(&store).await;
        let refusal = answered(&store, request, &RuleSet::default(), NOW_MS + 1).await.unwrap_err();
        assert_eq!(refusal.code(), Code::ApprovalMismatch, "{what}");
        assert_eq!(store.held().state, ApprovalState::Pending, "{what} spends nothing");
    }
    let store = RecordingApprovals::default();
    let stolen = Approval { agent: "robot2".parse().unwrap(), ..asked(&store).await };
    let refusal =
        approve(&store, &stolen, request(), &Approver::Terminal, &RuleSet::default(), &Situation::at(NOW_MS + 1))
            .await
            .unwrap_err();
    assert_eq!(refusal.code(), Code::ApprovalMismatch, "another agent");
    assert_eq!(store.held().state, ApprovalState::Pending);
}

#[tokio::test]
async fn a_yes_counts_until_the_last_moment_and_not_after() {
    for (at, code) in [(599_999, None), (600_000, Some(Code::ApprovalExpired)), (700_000, Some(Code::ApprovalExpired))]
    {
        let store = RecordingApprovals::default();
        asked(&store).await;
        let result = answered(&store, request(), &RuleSet::default(), NOW_MS + at).await;
        assert_eq!(result.err().map(|r| r.code()), code, "after {at} ms");
    }
    let mut short = Rules::default();
    short.set_approval_life_ms(5);
    let Decision::NeedsApproval(pending) =
        decide(request(), agent(), &RuleSet::bundled(short.clone()), &Situation::at(NOW_MS))
    else {
        panic!("it is a write")
    };
    let new = hold(
        &RecordingApprovals::default(),
        ApprovalId::from_random([7; 16]),
        &pending,
        &RuleSet::bundled(short.clone()),
        NOW_MS,
    )
    .await
    .unwrap();
    assert_eq!(new.expires_ms, NOW_MS + 5);
    short.set_approval_life_ms(u64::MAX);
    let new = hold(
        &RecordingApprovals::default(),
        ApprovalId::from_random([7; 16]),
        &pending,
        &RuleSet::bundled(short.clone()),
        NOW_MS,
    )
    .await
    .unwrap();
    assert_eq!(new.expires_ms, u64::MAX, "no overflow makes it old or eternal by accident");
}

#[tokio::test]
async fn an_approval_is_answered_once() {
    let store = RecordingApprovals::default();
    let before = asked(&store).await;
    answered(&store, request(), &RuleSet::default(), NOW_MS).await.unwrap();
    assert_eq!(answered(&store, request(), &RuleSet::default(), NOW_MS).await.unwrap_err().code(), Code::ApprovalUsed);
    let late = approve(&store, &before, request(), &Approver::Terminal, &RuleSet::default(), &Situation::at(NOW_MS))
        .await
        .unwrap_err();
    assert_eq!(
        (late.code(), late.message()),
        (Code::ApprovalUsed, "the approval is `approved` already"),
        "as the store says, not the copy"
    );
    for state in ApprovalState::ALL.into_iter().filter(|state| *state != ApprovalState::Pending) {
        let store = RecordingApprovals::default();
        let held = Approval { state, ..asked(&store).await };
        let code = approve(&store, &held, request(), &Approver::Terminal, &RuleSet::default(), &Situation::at(NOW_MS))
            .await
            .unwrap_err()
            .code();
        let expected = if state == ApprovalState::Expired { Code::ApprovalExpired } else { Code::ApprovalUsed };
        assert_eq!((code, store.held().state), (expected, ApprovalState::Pending), "{state}");
    }
}

#[tokio::test]
async fn an_agent_approves_nothing_and_its_form_only_what_it_asked_itself() {
    let other: portcullis_model::AgentName = "other".parse().unwrap();
    for (by, word) in [
        (Approver::Withdrawn(agent()), "withdrawn:"),
        (Approver::Withdrawn(other.clone()), "withdrawn:"),
        (Approver::Form(other.clone()), "form:"),
    ] {
        let store = RecordingApprovals::default();
        let held = asked(&store).await;
        let refusal =
            approve(&store, &held, request(), &by, &RuleSet::default(), &Situation::at(NOW_MS)).await.unwrap_err();
        assert_eq!((refusal.code(), store.held().state), (Code::Forbidden, ApprovalState::Pending));
        assert!(refusal.message().contains(word), "{refusal}");
    }
    for by in [Approver::Terminal, Approver::Token(other), Approver::Form(agent())] {
        let store = RecordingApprovals::default();
        let held = asked(&store).await;
        approve(&store, &held, request(), &by, &RuleSet::default(), &Situation::at(NOW_MS)).await.unwrap();
    }
}

#[tokio::test]
async fn a_rejected_request_gets_no_permit() {
    let store = RecordingApprovals::default();
    let held = asked(&store).await;
    assert!(store.reject(&held.id, "no", &Approver::Terminal, NOW_MS).await.unwrap());
    assert_eq!(answered(&store, request(), &RuleSet::default(), NOW_MS).await.unwrap_err().code(), Code::ApprovalUsed);
    assert_eq!(
        approve(&store, &held, request(), &Approver::Terminal, &RuleSet::default(), &Situation::at(NOW_MS))
            .await
            .unwrap_err()
            .code(),
        Code::ApprovalUsed
    );
}

#[tokio::test]
async fn a_no_of_the_operators_in_the_meantime_goes_over_a_yes() {
    let store = RecordingApprovals::default();
    asked(&store).await;
    let refusal = answered(&store, request(), &rules(Some(OperatorApproval::Deny)), NOW_MS).await.unwrap_err();
    assert_eq!(refusal.code(), Code::Denied);
    assert_eq!(store.held().state, ApprovalState::Pending);
}

#[tokio::test]
async fn nothing_is_held_or_approved_by_a_store_that_fails() {
    let broken = RecordingApprovals { broken: true, ..RecordingApprovals::default() };
    let Decision::NeedsApproval(pending) = decide(request(), agent(), &RuleSet::default(), &Situation::at(NOW_MS))
    else {
        panic!("it is a write")
    };
    let held = hold(&broken, ApprovalId::from_random([7; 16]), &pending, &RuleSet::default(), NOW_MS).await;
    assert_eq!(held.unwrap_err().code(), Code::AuditUnavailable);
    let held = asked(&RecordingApprovals::default()).await;
    let yes =
        approve(&broken, &held, request(), &Approver::Terminal, &RuleSet::default(), &Situation::at(NOW_MS)).await;
    assert_eq!(yes.unwrap_err().code(), Code::AuditUnavailable);
}

fn call_id() -> CallId {
    CallId::from_random([3; 16])
}

/// A permit that nobody was asked for; it lasts 30 seconds.
fn permit() -> ApprovedRequest {
    let request = World::default().route("get-thing", get("7"));
    let Decision::Allowed(permit) = decide(request, agent(), &RuleSet::default(), &Situation::at(NOW_MS)) else {
        panic!("it is a read")
    };
    permit
}

#[tokio::test]
async fn without_a_row_in_the_log_there_is_no_ticket_to_send_with() {
    let broken = RecordingLog { broken: true, ..RecordingLog::default() };
    let refusal = AuditTicket::open(&broken, call_id(), permit(), NOW_MS).await.unwrap_err();
    assert_eq!(refusal.code(), Code::AuditUnavailable);
    assert!(refusal.message().starts_with("nothing was sent"), "{refusal}");
    let spent = RecordingLog { spent: true, ..RecordingLog::default() };
    let refusal = AuditTicket::open(&spent, call_id(), permit(), NOW_MS).await.unwrap_err();
    assert_eq!(refusal.code(), Code::ApprovalUsed);
}

#[tokio::test]
async fn a_permit_ends_before_the_log_and_again_before_the_send() {
    let log = RecordingLog::default();
    let late = AuditTicket::open(&log, call_id(), permit(), NOW_MS + 30_000).await.unwrap_err();
    assert_eq!(late.code(), Code::ApprovalExpired);
    assert!(log.intents.lock().unwrap().is_empty(), "an expired permit leaves no intent");

    let ticket = AuditTicket::open(&log, call_id(), permit(), NOW_MS + 29_999).await.unwrap();
    let (call, request) = ticket.spend(NOW_MS + 30_000);
    let refusal = request.unwrap_err();
    assert_eq!(refusal.code(), Code::ApprovalExpired);
    let outcome = Outcome {
        status: None,
        response_bytes: 0,
        scrubbed: 0,
        duration_us: 1,
        refusal: Some(refusal.code().to_string()),
        rooms_us: Default::default(),
        result: None,
    };
    call.close(&log, outcome).await.unwrap();
    let closed = log.outcomes.lock().unwrap().last().unwrap().refusal.clone();
    assert_eq!(closed.as_deref(), Some("approval-expired"), "what was opened is closed all the same");

    let (_call, request) = AuditTicket::open(&log, call_id(), permit(), NOW_MS).await.unwrap().spend(NOW_MS + 29_999);
    assert_eq!(request.unwrap().request().url().path(), "/v1/things/7");
}

#[tokio::test]
async fn an_outcome_that_cannot_be_recorded_is_said_aloud() {
    let log = RecordingLog::default();
    let (call, _) = AuditTicket::open(&log, call_id(), permit(), NOW_MS).await.unwrap().spend(NOW_MS);
    let broken = RecordingLog { broken: true, ..RecordingLog::default() };
    let outcome = Outcome {
        status: Some(200),
        response_bytes: 0,
        scrubbed: 0,
        duration_us: 1,
        refusal: None,
        rooms_us: Default::default(),
        result: None,
    };
    let refusal = call.close(&broken, outcome).await.unwrap_err();
    assert_eq!(refusal.code(), Code::AuditIncomplete);
    assert!(refusal.message().contains("was made"), "{refusal}");
}

#[tokio::test]
async fn the_intent_says_what_is_sent_and_holds_neither_body_nor_input() {
    let log = RecordingLog::default();
    let mut world =
        World { origin: Some(FixedOrigin::by_operator("http://127.0.0.1:4010").unwrap()), ..World::default() };
    world.draft.actions[7].approval = ApprovalMode::Automatic;
    let request = world.route("create-thing", create(r#"{"word":"of-the-body"}"#));
    let Decision::Allowed(permit) =
        decide(request, agent(), &rules(Some(OperatorApproval::Automatic)), &Situation::at(NOW_MS))
    else {
        panic!("the operator said so")
    };
    let seal = permit.fingerprint();
    let ticket = AuditTicket::open(&log, call_id(), permit, NOW_MS).await.unwrap();
    let intents = log.intents.lock().unwrap();
    let intent = intents.last().unwrap();
    assert_eq!(
        (intent.origin.as_str(), intent.origin_overridden, intent.target.as_str()),
        ("http://127.0.0.1:4010", true, "/v1/things")
    );
    assert_eq!((intent.credential.as_deref(), intent.body_bytes, intent.fingerprint), (Some("things"), 22, seal));
    assert_eq!(
        (intent.body_digest, intent.durability),
        (Some(Digest::of(br#"{"word":"of-the-body"}"#)), Durability::Power)
    );
    assert!(!serde_json::to_string(intent).unwrap().contains("of-the-body"));
    drop(ticket);
}

#[test]
fn only_a_get_or_head_is_taken_at_its_word_that_it_reads() {
    let mut world = World::default();
    for action in &mut world.draft.actions {
        (action.approval, action.effect) = (ApprovalMode::Automatic, Effect::Read);
        if action.slug == "get-thing" {
            action.method = portcullis_model::Method::Get;
        }
    }
    world.draft.actions.retain(|action| action.slug == "get-thing");
    let request = world.route("get-thing", crate::route::world::get("7"));
    let Decision::Allowed(permit) = decide(request, agent(), &RuleSet::default(), &Situation::at(NOW_MS)) else {
        panic!("an automatic read goes by itself")
    };
    assert_eq!(permit.rule(), "manifest: automatic read");
}

#[test]
fn what_says_that_it_changes_something_waits_for_a_person_whatever_its_method() {
    for (effect, goes) in [(Effect::Read, true), (Effect::Write, false), (Effect::Destructive, false)] {
        let mut world = World::default();
        for action in world.draft.actions.iter_mut().filter(|action| action.slug == "get-thing") {
            (action.approval, action.effect) = (ApprovalMode::Automatic, effect);
        }
        let request = world.route("get-thing", get("7"));
        let decision = decide(request, agent(), &RuleSet::default(), &Situation::at(NOW_MS));
        assert_eq!(matches!(decision, Decision::Allowed(_)), goes, "{effect}: {decision:?}");
    }
}

#[tokio::test]
async fn a_read_is_written_down_for_the_process_and_a_change_for_the_loss_of_power() {
    for (effect, durability) in [
        (Effect::Read, Durability::Process),
        (Effect::Write, Durability::Power),
        (Effect::Destructive, Durability::Power),
    ] {
        let Decision::Allowed(permit) = decision(ApprovalMode::Automatic, effect, Some(OperatorApproval::Automatic))
        else {
            panic!("the operator said so")
        };
        let log = RecordingLog::default();
        drop(AuditTicket::open(&log, call_id(), permit, NOW_MS).await.unwrap());
        assert_eq!(log.intents.lock().unwrap()[0].durability, durability, "{effect}");
    }
}
