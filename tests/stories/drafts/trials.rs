//! What becomes of a live test when things change before the person's yes, and what rules make of one.

use serde_json::{Value, json};

use super::{PEEK, PEEKED, PEEKED_LIVE, made, peek, proposer};
use crate::doors::served::{Served, nothing_sent, operator};
use crate::home::{Home, settings};
use crate::service::Mistral;

#[test]
fn what_was_shown_is_not_sent_once_the_draft_says_something_else_or_is_gone() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (builder, anna) = (proposer(&home, "builder"), operator(&home, "anna"));
    let served = Served::start(&home);
    let asked = || {
        let at = made(&served, &builder, PEEK);
        let held = served.post(&format!("{at}/test"), &builder, PEEKED_LIVE).is(202).json();
        (at, format!("/v1/approvals/{}/approve", held["approval"].as_str().unwrap()))
    };
    // Even what would make the same request: the yes is to this content.
    let (edited, yes_to_edited) = asked();
    let other = peek(json!({"label": "Peek at another"}));
    drop(served.put(&edited, &builder, &format!("{{\"template\":{other}}}")).is(200));
    let (renamed, yes_to_renamed) = asked();
    let other = peek(json!({"slug": "peep-model"}));
    drop(served.put(&renamed, &builder, &format!("{{\"template\":{other}}}")).is(200));
    let (withdrawn, yes_to_withdrawn) = asked();
    drop(served.post(&format!("{withdrawn}/withdraw"), &builder, "{}").is(200));
    let (rejected, yes_to_rejected) = asked();
    drop(served.post(&format!("{rejected}/reject"), &anna, "{}").is(200));
    for yes in [&yes_to_edited, &yes_to_renamed, &yes_to_withdrawn, &yes_to_rejected] {
        served.post(yes, &anna, "{}").refused(409, "approval-used");
    }
    let rows = home.rows();
    let ended: Vec<_> = rows.iter().filter(|row| row["kind"] == "approval-rejected").map(|row| &row["body"]).collect();
    let words = |facts: &serde_json::Value| (facts["by"].clone(), facts["reason"].clone());
    let told: Vec<_> = ended.into_iter().map(words).collect();
    let (agent, operator) = (json!("withdrawn:builder"), json!("operator-token:anna"));
    assert_eq!(
        told,
        [
            (agent.clone(), json!("its draft was changed")),
            (agent.clone(), json!("its draft was changed")),
            (agent, json!("its draft was withdrawn")),
            (operator, json!("its draft was rejected")),
        ]
    );
    // Whatever else may change a draft: the yes is to the content that made the request.
    let (changed, yes) = asked();
    let other: Value = serde_json::from_str(&peek(json!({"label": "Peek at another"}))).unwrap();
    let id = changed.strip_prefix("/v1/drafts/").unwrap();
    let database = rusqlite::Connection::open(home.database()).unwrap();
    database.execute("UPDATE drafts SET template = ?1 WHERE id = ?2", (other.to_string(), id)).unwrap();
    served.post(&yes, &anna, "{}").refused(409, "approval-mismatch");
    assert_eq!(mistral.count(), 0);
    // A request to publish it changes nothing about what was shown.
    let (requested, yes) = asked();
    drop(served.post(&format!("{requested}/request"), &builder, "{}").is(200));
    drop(served.post(&yes, &anna, "{}").is(200));
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_test_waits_for_the_operators_person_and_for_no_rule() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let word = |word: &str| {
        let more = format!("[ports.mistral.actions.peek-model]\napproval = \"{word}\"\n");
        home.configure(&settings(&mistral.origin(), &more));
    };
    let builder = proposer(&home, "builder");
    word("automatic");
    {
        let served = Served::start(&home);
        let at = made(&served, &builder, PEEK);
        drop(served.post(&format!("{at}/test"), &builder, PEEKED_LIVE).is(202));
        assert_eq!(served.post(&format!("{at}/test"), &builder, PEEKED).is(200).json()["decision"], "needs-approval");
    }
    word("deny");
    let served = Served::start(&home);
    let at = made(&served, &builder, PEEK);
    served.post(&format!("{at}/test"), &builder, PEEKED_LIVE).refused(403, "denied");
    assert_eq!(served.post(&format!("{at}/test"), &builder, PEEKED).is(200).json()["decision"], "denied");
    nothing_sent(&home);
}

#[test]
fn a_value_that_would_leave_its_place_is_stopped_as_it_is_for_any_action() {
    let home = Home::at("http://127.0.0.1:9");
    let builder = proposer(&home, "builder");
    let served = Served::start(&home);
    let at = made(&served, &builder, PEEK);
    let test =
        |id: &str| served.post(&format!("{at}/test"), &builder, &json!({"input": {"path": {"id": id}}}).to_string());
    for bad in ["..", "a/b", "", "%2e%2e", "a\u{0}b", "a\r\nb"] {
        let refusal = test(bad).is(422).json();
        assert!(["bad-segment", "plugin-refused"].contains(&refusal["code"].as_str().unwrap()), "{bad:?}: {refusal:#}");
    }
    assert!(test("a?b#c").is(200).json()["request"]["url"].as_str().unwrap().ends_with("/v1/models/a%3Fb%23c"));
}

#[test]
fn questions_about_drafts_are_bounded_like_any() {
    let home = Home::with("http://127.0.0.1:9", "[doors.limits]\napprovals_waiting = 2\n");
    let builder = proposer(&home, "builder");
    let served = Served::start(&home);
    let at = made(&served, &builder, PEEK);
    let test = || served.post(&format!("{at}/test"), &builder, PEEKED_LIVE);
    drop((test().is(202), test().is(202)));
    test().refused(429, "too-many-calls");
}
