//! A yes in advance: it covers what differs in its free places only, for its terms, and never what destroys.
//!
//! The store is a double here; the real one has tests of its own.

use portcullis_model::{
    AgentName, AuthDraft, Body, Code, Description, Digest, Effect, FixedOrigin, FreePlaces, Latitude, Method, Refusal,
    RoutedRequest, Seal,
};
use portcullis_policy::{
    Approval, ApprovalId, Approver, AuditTicket, CallId, Decision, NewStanding, Opening, Revoked, RuleSet, Rules,
    Situation, StandingApproval, StandingId, StandingState, Terms, approve_for, decide, hold, latitude, stand_in,
};

use crate::policy::doubles::{RecordingApprovals, RecordingLog};
use crate::route::world::{World, agent, create, note, text};

const NOW_MS: u64 = 1_000_000;
const DAY_MS: u64 = 24 * 3600 * 1000;
const CHAT: &str = r#"{"model":"small","messages":[{"role":"user","content":"hi"}],"options":{"top_p":0.5},"n":1}"#;

fn routed(description: Description) -> RoutedRequest {
    World::default().route("create-thing", description)
}

fn places(places: &[&str]) -> Vec<String> {
    places.iter().map(|&place| text(place)).collect()
}

fn free(request: &RoutedRequest, named: &[&str]) -> FreePlaces {
    FreePlaces::of(request, &places(named)).unwrap()
}

fn form(fields: &[(&str, &str)]) -> RoutedRequest {
    let fields = fields.iter().map(|(name, value)| (text(name), text(value))).collect();
    let description =
        Description { path: vec![text("v1"), text("forms")], body: Some(Body::Form(fields)), ..create("") };
    World::default().route("send-form", description)
}

/// Whether a yes to one request, with these places free, covers another.
fn covers(approved: &RoutedRequest, named: &[&str], other: &RoutedRequest) -> bool {
    let free = free(approved, named);
    let seal = Seal::of(approved, &agent(), &free).unwrap();
    Seal::of(other, &agent(), &free) == Some(seal)
}

#[test]
fn whatever_is_not_free_breaks_the_seal() {
    let (approved, named) = (routed(create(CHAT)), ["/messages", "/options/top_p"]);
    assert!(covers(&approved, &named, &routed(create(CHAT))));
    let world = |change: fn(&mut World)| {
        let mut world = World::default();
        change(&mut world);
        world.route("create-thing", create(CHAT))
    };
    let described = |change: fn(&mut Description)| {
        let mut description = create(CHAT);
        change(&mut description);
        routed(description)
    };
    for (what, other) in [
        ("the component", world(|w| w.digest = Digest::of(b"another component"))),
        ("the origin", world(|w| w.origin = Some(FixedOrigin::by_operator("http://127.0.0.1:4010").unwrap()))),
        ("the declared origin", world(|w| w.draft.port.origin = text("https://api2.example.com"))),
        ("the slot", world(|w| w.draft.port.slug = text("stuff"))),
        ("no credential", world(|w| w.draft.port.auth = AuthDraft::None)),
        (
            "the header of the credential",
            world(|w| w.draft.port.auth = AuthDraft::Header { name: text("x-api-key"), prefix: text("") }),
        ),
        ("a header", described(|d| d.headers = vec![(text("x-request-id"), text("a"))])),
        ("another accept", described(|d| d.headers = vec![(text("accept"), text("text/plain"))])),
    ] {
        assert!(!covers(&approved, &named, &other), "{what}");
    }
    let world = World::default();
    let put = |id: &str, method: Method| Description {
        method,
        path: vec![text("v1"), text("things"), text(id)],
        ..create(CHAT)
    };
    let before = world.route("put-thing", put("7", Method::Put));
    assert!(covers(&before, &named, &world.route("put-thing", put("7", Method::Put))));
    assert!(!covers(&before, &named, &world.route("put-thing", put("8", Method::Put))), "the path");
    assert!(!covers(&before, &named, &world.route("patch-thing", put("7", Method::Patch))), "the method");
    let list = |query: &[(&str, &str)]| {
        let query = query.iter().map(|(key, value)| (text(key), text(value))).collect();
        let description = Description { method: Method::Get, query, body: None, ..create("") };
        world.route("list-things", description)
    };
    let asked = list(&[("q", "a")]);
    assert!(covers(&asked, &[], &list(&[("q", "a")])));
    for (what, other) in
        [("a value", list(&[("q", "b")])), ("no query", list(&[])), ("one more", list(&[("q", "a"), ("Limit", "1")]))]
    {
        assert!(!covers(&asked, &[], &other), "{what}");
    }
    let other: AgentName = "robot2".parse().unwrap();
    let free = free(&approved, &named);
    assert_ne!(Seal::of(&approved, &other, &free), Seal::of(&approved, &agent(), &free), "the agent");
    // One more place that is not there leaves the same rest of the body, and is another approval all the same.
    let more = FreePlaces::of(&approved, &places(&["/messages", "/options/top_p", "/seed"])).unwrap();
    assert_ne!(Seal::of(&approved, &agent(), &more), Seal::of(&approved, &agent(), &free), "one more free place");
    let fewer = FreePlaces::of(&approved, &places(&["/messages"])).unwrap();
    assert_ne!(Seal::of(&approved, &agent(), &fewer), Seal::of(&approved, &agent(), &free), "the free places");
}

#[test]
fn of_a_json_body_only_the_free_places_may_differ() {
    let approved = routed(create(CHAT));
    let named = ["/messages", "/options/top_p", "/seed"];
    for same in [
        CHAT,
        r#"{"n":1,"messages":[],"options":{"top_p":0.5},"model":"small"}"#,
        r#"{"model":"small","options":{"top_p":0.5},"n":1}"#,
        r#"{"model":"small","messages":null,"options":{"top_p":{"a":[1]}},"n":1}"#,
        r#"{"model":"small","messages":"x","options":{},"n":1,"seed":7}"#,
        r#"{ "model" : "\u0073mall", "options":{}, "n":1 }"#,
    ] {
        assert!(covers(&approved, &named, &routed(create(same))), "{same}");
    }
    for (what, other) in [
        ("a value", r#"{"model":"large","messages":[],"options":{},"n":1}"#),
        ("a value of another type", r#"{"model":"small","messages":[],"options":{},"n":"1"}"#),
        ("the spelling of a number", r#"{"model":"small","messages":[],"options":{},"n":1.0}"#),
        ("the exponent of a number", r#"{"model":"small","messages":[],"options":{},"n":1e0}"#),
        ("a missing member", r#"{"messages":[],"options":{},"n":1}"#),
        ("a null for a missing one", r#"{"model":null,"messages":[],"options":{},"n":1}"#),
        ("a new member", r#"{"model":"small","messages":[],"options":{},"n":1,"tools":[]}"#),
        ("a new null", r#"{"model":"small","messages":[],"options":{},"n":1,"tools":null}"#),
        ("a new member inside", r#"{"model":"small","messages":[],"options":{"x":1},"n":1}"#),
        ("no object around the place", r#"{"model":"small","messages":[],"n":1}"#),
        ("a list around the place", r#"{"model":"small","messages":[],"options":[],"n":1}"#),
        ("the case of a name", r#"{"model":"small","Messages":[],"options":{},"n":1}"#),
        ("a name that looks like the pointer", r#"{"model":"small","options":{},"n":1,"/messages":1}"#),
        ("no object at all", "[]"),
    ] {
        assert!(!covers(&approved, &named, &routed(create(other))), "{what}");
    }
}

#[test]
fn an_item_of_a_list_is_free_in_its_place_and_the_list_keeps_its_length() {
    let approved = routed(create(r#"{"a":[{"k":1,"v":2},3]}"#));
    let inside = ["/a/0/v"];
    assert!(covers(&approved, &inside, &routed(create(r#"{"a":[{"k":1,"v":"x"},3]}"#))));
    assert!(covers(&approved, &inside, &routed(create(r#"{"a":[{"k":1},3]}"#))));
    for other in [r#"{"a":[{"k":2},3]}"#, r#"{"a":[{"k":1}]}"#, r#"{"a":[3,{"k":1}]}"#, r#"{"a":[{"k":1},3,4]}"#] {
        assert!(!covers(&approved, &inside, &routed(create(other))), "{other}");
    }
    let (three, two) = (routed(create(r#"{"a":[1,2,3]}"#)), ["/a/0", "/a/1"]);
    assert!(covers(&three, &two, &routed(create(r#"{"a":[8,9,3]}"#))));
    assert!(!covers(&three, &two, &routed(create(r#"{"a":[1,2,4]}"#))), "no item moves into a free place");
    assert!(!covers(&routed(create(r#"{"a":[7]}"#)), &["/a/0"], &routed(create(r#"{"a":[]}"#))), "an item is there");
    let item = ["/a/0"];
    assert!(covers(&approved, &item, &routed(create(r#"{"a":[null,3]}"#))));
    for other in [r#"{"a":[3]}"#, r#"{"a":[]}"#, r#"{"a":[1,2,3]}"#, r#"{"a":[1,2]}"#, r#"{"a":{"0":1}}"#] {
        assert!(!covers(&approved, &item, &routed(create(other))), "{other}");
    }
}

#[test]
fn of_a_form_only_the_free_fields_may_differ_and_a_text_has_none() {
    let approved = form(&[("to", "a"), ("text", "hi")]);
    assert!(covers(&approved, &["text"], &form(&[("to", "a"), ("text", "ho")])));
    assert!(covers(&approved, &["text"], &form(&[("text", "1"), ("to", "a"), ("text", "2")])));
    assert!(covers(&approved, &["text", "cc"], &form(&[("to", "a"), ("cc", "b")])));
    for other in [
        &[("to", "b"), ("text", "hi")][..],
        &[("text", "hi")],
        &[("to", "a"), ("text", "hi"), ("cc", "b")],
        &[("to", "a"), ("to", "a")],
    ] {
        assert!(!covers(&approved, &["text"], &form(other)), "{other:?}");
    }
    let written = |words: &str| World::default().route("send-text", note(words));
    assert!(covers(&written("hi"), &[], &written("hi")));
    assert!(!covers(&written("hi"), &[], &written("ho")));
    assert_eq!(FreePlaces::of(&written("hi"), &places(&["/a"])).unwrap_err().code(), Code::BadRequest);
    // The same words, as another kind of body.
    let mut world = World::default();
    for action in &mut world.draft.actions {
        action.body = if action.slug == "create-thing" { portcullis_model::BodyMode::Text } else { action.body };
    }
    let as_text = Description { body: Some(Body::Text(text("{}"))), ..create("") };
    assert!(!covers(&routed(create("{}")), &[], &world.route("create-thing", as_text)), "the kind of the body");
}

#[test]
fn a_place_must_be_one_of_the_body_and_not_all_of_it() {
    let request = routed(create(CHAT));
    let many: Vec<String> = (0..17).map(|n| format!("/m{n}")).collect();
    let long = format!("/{}", "é".repeat(255));
    for good in
        [&["/messages"][..], &["/messages/0/content"], &["/seed"], &["/options/seed"], &["/"], &["/a~1b"], &[&long]]
    {
        FreePlaces::of(&request, &places(good)).unwrap();
    }
    FreePlaces::of(&request, &many[..16]).unwrap();
    let too_long = format!("{long}é");
    for (bad, why) in [
        (&[""][..], "whole body"),
        (&["messages"], "JSON Pointer"),
        (&["/a~2"], "JSON Pointer"),
        (&["/tools/0"], "no such place"),
        (&["/model/x"], "no such place"),
        (&["/messages/1"], "no such item"),
        (&["/messages/-"], "no such item"),
        (&["/messages/00"], "no such item"),
        (&["/messages", "/messages"], "twice"),
        (&["/messages", "/messages/0"], "within"),
        (&["/messages/0/role", "/messages"], "within"),
        (&[&too_long], "256"),
    ] {
        let refusal = FreePlaces::of(&request, &places(bad)).unwrap_err();
        assert_eq!(refusal.code(), Code::BadRequest, "{bad:?}");
        assert!(refusal.message().contains(why), "{bad:?}: {refusal}");
    }
    assert_eq!(FreePlaces::of(&request, &many).unwrap_err().code(), Code::BadRequest);
    let get =
        World::default().route("root", Description { method: Method::Get, path: vec![], body: None, ..create("") });
    assert_eq!(FreePlaces::of(&get, &places(&["/a"])).unwrap_err().code(), Code::BadRequest);
    assert!(FreePlaces::of(&get, &[]).is_ok());
    assert_eq!(FreePlaces::of(&form(&[("a", "b")]), &places(&[""])).unwrap_err().code(), Code::BadRequest);
}

#[test]
fn a_person_reads_every_part_that_is_fixed_and_every_place_that_is_free() {
    let request = routed(create(CHAT));
    let seen = Latitude::new(&request, &agent(), &free(&request, &["/messages/0/content", "/options", "/seed"]));
    let list =
        |stated: &[portcullis_model::Stated]| -> Vec<String> { stated.iter().map(ToString::to_string).collect() };
    assert_eq!(
        list(&seen.free),
        ["/seed: (not there now)", "/messages/0/content: \"hi\"", "/options: {\"top_p\": 0.5}"]
    );
    let fixed = list(&seen.fixed);
    for part in [
        "agent: robot",
        "action: things/create-thing",
        "request: POST https://api.example.com/v1/things",
        "header authorization: Bearer <credential `things`>",
        "header content-type: application/json",
        "/messages/0/role: \"user\"",
        "/model: \"small\"",
        "/n: 1",
    ] {
        assert!(fixed.contains(&text(part)), "{part}: {fixed:#?}");
    }
    assert!(!fixed.iter().any(|part| part.contains("content-length") || part.contains("\"hi\"")), "{fixed:#?}");
    let hostile = routed(create(r#"{"a\u001b[2J\u202e":"\u001b]0;x\u0007"}"#));
    let shown = Latitude::new(&hostile, &agent(), &FreePlaces::default()).to_string();
    assert!(!shown.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{shown:?}");
}

/// Rules by which a person is asked about this action.
fn asking(request: &RoutedRequest) -> RuleSet {
    let mut rules = Rules::default();
    rules.set(request.binding().id(), portcullis_policy::OperatorApproval::RequireApproval);
    RuleSet::bundled(rules)
}

/// Holds a request, and says yes to it on terms.
async fn said(
    request: RoutedRequest,
    by: &Approver,
    terms: &Terms,
) -> (Result<(), Refusal>, Option<NewStanding>, Approval) {
    let store = RecordingApprovals::default();
    let rules = asking(&request);
    let again = RoutedRequest::check(request.description().clone(), request.binding().clone()).unwrap();
    let now = Situation::at(NOW_MS);
    let Decision::NeedsApproval(pending) = decide(request, agent(), &rules, &now) else { panic!("a rule asks") };
    hold(&store, ApprovalId::from_random([7; 16]), &pending, &rules, NOW_MS).await.unwrap();
    let held = store.held();
    let id = StandingId::from_random([9; 16]);
    let answer = approve_for(&store, &held, again, by, &rules, &now, Some((id, terms))).await.map(drop);
    let stands = store.stands.lock().unwrap().clone();
    (answer, stands, store.held())
}

fn terms(life_ms: Option<u64>, uses: Option<u32>) -> Terms {
    Terms { life_ms, uses, free: places(&["/messages"]) }
}

#[tokio::test]
async fn terms_have_an_end_and_bounds() {
    for (life_ms, uses, ends) in [
        (Some(60_000), None, Some(60_000)),
        (None, Some(1), Some(DAY_MS)),
        (Some(1), Some(10_000), Some(1)),
        (Some(7 * DAY_MS), Some(1), Some(7 * DAY_MS)),
        (Some(7 * DAY_MS + 1), None, None),
        (Some(u64::MAX), Some(1), None),
        (Some(0), Some(1), None),
        (None, Some(0), None),
        (None, Some(10_001), None),
        (None, None, None),
    ] {
        let (answer, stands, held) = said(routed(create(CHAT)), &Approver::Terminal, &terms(life_ms, uses)).await;
        assert_eq!(stands.as_ref().map(|new| new.expires_ms - NOW_MS), ends, "{life_ms:?} {uses:?}");
        match ends {
            Some(_) => {
                let new = stands.unwrap();
                answer.unwrap();
                assert_eq!((new.uses, new.created_ms, &new.approval), (uses, NOW_MS, &held.id));
                assert_eq!((new.agent, new.action, new.digest), (held.agent, held.action, held.digest));
                assert_eq!(new.request, "POST https://api.example.com/v1/things");
            }
            None => {
                assert_eq!(answer.unwrap_err().code(), Code::BadRequest, "{life_ms:?} {uses:?}");
                assert_eq!(held.state, portcullis_policy::ApprovalState::Pending, "it still waits");
            }
        }
    }
}

#[tokio::test]
async fn what_destroys_is_approved_one_by_one() {
    let destroys = |effect: Effect, action: &str, description: Description| {
        let mut world = World::default();
        world.draft.actions.iter_mut().filter(|a| a.slug == action).for_each(|action| action.effect = effect);
        world.route(action, description)
    };
    let delete = || Description { method: Method::Delete, ..create(CHAT) };
    for (request, allowed) in [
        (destroys(Effect::Write, "create-thing", create(CHAT)), true),
        (destroys(Effect::Read, "create-thing", create(CHAT)), true),
        (destroys(Effect::Destructive, "create-thing", create(CHAT)), false),
        // A plugin may call a DELETE what it likes.
        (destroys(Effect::Write, "delete-things", delete()), false),
    ] {
        let again = RoutedRequest::check(request.description().clone(), request.binding().clone()).unwrap();
        let (answer, stands, held) = said(request, &Approver::Terminal, &terms(Some(1000), None)).await;
        let seen = latitude(&held, &again, &terms(Some(1000), None));
        assert_eq!((answer.is_ok(), stands.is_some(), seen.is_ok()), (allowed, allowed, allowed));
        if let Err(refusal) = answer {
            assert_eq!(refusal.code(), Code::Forbidden);
            assert!(refusal.message().contains("may destroy"), "{refusal}");
        }
    }
}

#[tokio::test]
async fn an_agents_own_host_approves_nothing_in_advance() {
    for (by, allowed) in [
        (Approver::Terminal, true),
        (Approver::Token("anna".parse().unwrap()), true),
        (Approver::Form(agent()), false),
        (Approver::Withdrawn(agent()), false),
    ] {
        let (answer, stands, _) = said(routed(create(CHAT)), &by, &terms(Some(1000), None)).await;
        assert_eq!((answer.is_ok(), stands.is_some()), (allowed, allowed), "{by}");
        assert!(answer.err().is_none_or(|refusal| refusal.code() == Code::Forbidden));
    }
}

/// What the store gives back of it.
fn kept(new: NewStanding) -> StandingApproval {
    StandingApproval {
        id: new.id,
        agent: new.agent,
        action: new.action,
        digest: new.digest,
        seal: new.seal,
        free: new.free,
        request: new.request,
        rule: new.rule,
        question: new.question,
        approval: new.approval,
        by: text("operator"),
        created_ms: new.created_ms,
        expires_ms: new.expires_ms,
        uses_left: new.uses.map(u64::from),
        uses: 0,
        last_used_ms: None,
        revoked: None,
    }
}

fn asks(request: RoutedRequest, who: AgentName) -> portcullis_policy::PendingRequest {
    let rules = asking(&request);
    match decide(request, who, &rules, &Situation::at(NOW_MS)) {
        Decision::NeedsApproval(pending) => pending,
        other => panic!("{other:?}"),
    }
}

async fn standing() -> StandingApproval {
    let (answer, stands, _) = said(routed(create(CHAT)), &Approver::Terminal, &terms(Some(1000), Some(3))).await;
    answer.unwrap();
    kept(stands.unwrap())
}

#[tokio::test]
async fn it_stands_in_for_a_person_while_it_lives_and_for_what_it_covers() {
    let standing = standing().await;
    let other = || routed(create(&CHAT.replace("\"hi\"", "\"ho\"")));
    let answers = |standing: StandingApproval, request: RoutedRequest, who: AgentName, now_ms: u64| match stand_in(
        asks(request, who),
        &[standing],
        now_ms,
    ) {
        Decision::Allowed(permit) => Some(permit),
        Decision::NeedsApproval(_) => None,
        Decision::Denied(denial) => panic!("{}", denial.refusal),
    };
    let permit = answers(standing.clone(), other(), agent(), NOW_MS).unwrap();
    assert_eq!((permit.standing(), permit.approval()), (Some(&standing.id), None));
    assert_eq!(
        permit.rule(),
        format!("standing approval {} (asked for by {})", standing.id, asks(other(), agent()).rule())
    );
    // It ends before the permit would.
    assert!(permit.still_good(NOW_MS + 999).is_ok() && permit.still_good(NOW_MS + 1000).is_err());
    assert!(answers(standing.clone(), other(), agent(), NOW_MS + 999).is_some());
    assert!(answers(standing.clone(), other(), agent(), NOW_MS + 1000).is_none(), "its time is over");
    assert!(answers(standing.clone(), other(), "robot2".parse().unwrap(), NOW_MS).is_none(), "another's");
    assert!(answers(standing.clone(), routed(create("{}")), agent(), NOW_MS).is_none(), "another body");
    let revoked = Some(Revoked { at_ms: NOW_MS, by: text("operator"), why: text("revoked") });
    for (what, ended, state) in [
        ("used up", StandingApproval { uses_left: Some(0), ..standing.clone() }, StandingState::UsedUp),
        ("revoked", StandingApproval { revoked, ..standing.clone() }, StandingState::Revoked),
    ] {
        assert_eq!(ended.state(NOW_MS), state);
        assert!(answers(ended, other(), agent(), NOW_MS).is_none(), "{what}");
    }
    let elsewhere = StandingApproval { question: Digest::of(b"others"), ..standing.clone() };
    assert!(answers(elsewhere, other(), agent(), NOW_MS).is_none(), "a question that another rule asks");
    let uncounted = StandingApproval { uses_left: None, ..standing.clone() };
    assert!(answers(uncounted, other(), agent(), NOW_MS).is_some());
    // A row for an action that destroys would not count, however it came there.
    let mut world = World::default();
    world.draft.actions.iter_mut().for_each(|action| action.effect = Effect::Destructive);
    let destroys = world.route("create-thing", create(CHAT));
    assert!(answers(standing, destroys, agent(), NOW_MS).is_none(), "what destroys");
}

#[tokio::test]
async fn where_it_ended_in_the_meantime_the_question_is_open_again() {
    let standing = standing().await;
    let permit = || match stand_in(asks(routed(create(CHAT)), agent()), std::slice::from_ref(&standing), NOW_MS) {
        Decision::Allowed(permit) => permit,
        other => panic!("{other:?}"),
    };
    let call = || CallId::from_random([1; 16]);
    let log = RecordingLog::default();
    drop(AuditTicket::open(&log, call(), permit(), NOW_MS).await.unwrap());
    assert_eq!(log.intents.lock().unwrap()[0].standing.as_ref(), Some(&standing.id));
    let spent = RecordingLog { spent: true, ..RecordingLog::default() };
    let moved = AuditTicket::try_open(&spent, call(), permit(), NOW_MS).await.unwrap();
    let Opening::Moved(request) = moved else { panic!("it was used up") };
    assert_eq!(asks(request, agent()).fingerprint(), permit().fingerprint(), "the same request, to be decided again");
    let late = AuditTicket::try_open(&log, call(), permit(), NOW_MS + 1000).await.unwrap();
    assert!(matches!(late, Opening::Moved(_)), "its end came between look and send");
    let broken = RecordingLog { broken: true, ..RecordingLog::default() };
    let failed = AuditTicket::try_open(&broken, call(), permit(), NOW_MS).await.unwrap_err();
    assert_eq!(failed.code(), Code::AuditUnavailable);
    assert_eq!(log.intents.lock().unwrap().len(), 1);
}
