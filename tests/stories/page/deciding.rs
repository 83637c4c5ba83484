//! Deciding at the page: what was shown is sent, once, by whoever is named in the log; anything else is not.

use serde_json::json;

use super::browser::{Browser, field, form};
use crate::doors::served::{Served, agent};
use crate::home::{CHAT, Home};
use crate::service::Mistral;
use crate::tap::Tap;

const DELETE: &str = r#"{"connector_id":"7f9c24e8-3b1a-4d6f-9c55-0a1b2c3d4e5f"}"#;

/// Holds a call that destroys something.
fn destructive(home: &Home) -> String {
    let held = home.run(["run", "mistral/delete-connector", "--input", DELETE]).exits(3);
    held.out.trim().to_owned()
}

#[test]
fn a_yes_sends_what_was_shown_and_a_no_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (yes, no) = (home.hold(CHAT), home.hold(CHAT));
    let served = Served::start(&home);
    let (link, anna) = (Browser::by_link(&served), Browser::by_token(&served, &home, "anna"));
    let list = link.page("/");
    assert!(list.contains(&yes) && list.contains(&no) && list.contains("<title>(2) Approvals"), "{list}");

    let page = link.page(&format!("/approvals/{yes}"));
    for part in [&mistral.origin(), "/v1/chat/completions", "Bearer &lt;credential `mistral`&gt;", "present", "write"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains(mistral.token()));
    assert!(page.contains("No earlier call of this action was approved and sent."));
    let seal = field(&page, "fingerprint");
    let done = link.submit(&format!("/approvals/{yes}/approve"), &[("fingerprint", &seal)]).is(303);
    assert_eq!(done.header("location"), Some(format!("/approvals/{yes}").as_str()));
    let page = link.page(&format!("/approvals/{yes}"));
    assert!(page.contains("Sent and answered") && page.contains("status 200"), "{page}");
    assert!(!page.contains("You said"), "the answer is the agent's: {page}");
    assert!(!page.contains("<button class=\"primary\""), "{page}");

    let page = anna.page(&format!("/approvals/{no}"));
    assert!(page.contains("Nothing is different."), "{page}");
    let seal = field(&page, "fingerprint");
    let reason = "not <b>this</b> model";
    anna.submit(&format!("/approvals/{no}/reject"), &[("fingerprint", &seal), ("reason", reason)]).is(303);
    assert_eq!(home.approval(&no)["reason"], reason);
    let page = anna.page(&format!("/approvals/{no}"));
    assert!(page.contains("Rejected") && page.contains("not &lt;b&gt;this&lt;/b&gt; model"), "{page}");
    assert_eq!(mistral.count(), 1);

    let rows = home.rows();
    let by = |kind: &str| rows.iter().find(|row| row["kind"] == kind).unwrap()["body"]["by"].clone();
    let session = rows.iter().find(|row| row["kind"] == "signed-in").unwrap()["body"]["by"].clone();
    assert_eq!((by("approval-approved"), by("approval-rejected")), (session, json!("operator-token:anna")));
    for (id, who) in [(&yes, &anna), (&no, &link)] {
        for what in ["approve", "reject"] {
            let late = who.submit(&format!("/approvals/{id}/{what}"), &[("fingerprint", &seal)]).is(409);
            assert!(late.body.contains("already"), "{late:#?}");
        }
    }
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_form_that_was_shown_with_another_request_decides_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (one, other) = (home.hold(CHAT), home.hold(r#"{"model":"x","messages":[{"role":"user","content":"other"}]}"#));
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let seal = |id: &str| field(&browser.page(&format!("/approvals/{id}")), "fingerprint");
    let (ones, others) = (seal(&one), seal(&other));
    assert_ne!(ones, others);
    for wrong in ["", &others, &ones[1..]] {
        for what in ["approve", "reject"] {
            browser.submit(&format!("/approvals/{one}/{what}"), &[("fingerprint", wrong)]).is(409);
        }
    }
    browser.submit(&format!("/approvals/{one}/approve"), &[]).is(409);
    assert_eq!((mistral.count(), home.approval(&one)["state"].clone()), (0, json!("pending")));
    // Where it would go elsewhere now than where it was shown to go, no form is offered and none counts.
    home.configure(&crate::home::settings("http://127.0.0.1:9", ""));
    let served = Served::start(&home);
    let browser = Browser::by_token(&served, &home, "anna");
    let page = browser.page(&format!("/approvals/{one}"));
    assert!(page.contains("cannot be sent any more") && !page.contains("id=\"yes\""), "{page}");
    browser.submit(&format!("/approvals/{one}/approve"), &[("fingerprint", &ones)]).is(409);
    browser.submit(&format!("/approvals/{one}/reject"), &[("fingerprint", &ones)]).is(303);
    assert_eq!(mistral.count(), 0);
}

#[test]
fn what_is_destructive_wants_its_name() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let id = destructive(&home);
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let page = browser.page(&format!("/approvals/{id}"));
    assert!(page.contains("Type <code>mistral/delete-connector</code>"), "{page}");
    let seal = field(&page, "fingerprint");
    let at = format!("/approvals/{id}/approve");
    for name in ["", "yes", "delete-connector", "mistral/delete-connector ", "MISTRAL/DELETE-CONNECTOR"] {
        let reply = browser.submit(&at, &[("fingerprint", &seal), ("name", name)]).is(403);
        assert!(reply.body.contains("its name must be typed"), "{reply:#?}");
    }
    assert_eq!((mistral.count(), home.approval(&id)["state"].clone()), (0, json!("pending")));
    browser.submit(&at, &[("fingerprint", &seal), ("name", "mistral/delete-connector")]).is(303);
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_yes_in_advance_leaves_open_what_was_checked_and_is_ended_at_the_page() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let id = home.hold(CHAT);
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let page = browser.page(&format!("/approvals/{id}"));
    assert!(page.contains(r#"name="free:/messages""#) && page.contains("Approve for"), "{page}");
    let seal = field(&page, "fingerprint");
    let at = format!("/approvals/{id}/approve");
    for wrong in [("minutes", "x"), ("minutes", "0"), ("uses", "-1"), ("free:/messages", "on")] {
        browser.submit(&at, &[("fingerprint", &seal), wrong]).is(400);
    }
    let terms = [("fingerprint", seal.as_str()), ("minutes", "15"), ("uses", "2"), ("free:/messages", "on")];
    browser.submit(&at, &terms).is(303);
    assert_eq!(mistral.count(), 1);
    let other = CHAT.replace("\"hi\"", "\"bye\"");
    home.run(["run", "mistral/chat-complete", "--input", &other]).exits(0);
    assert_eq!(mistral.count(), 2);
    let list = browser.page("/");
    assert!(list.contains("Approved in advance"), "{list}");
    let end = list.split_once("action=\"/standing/").unwrap().1.split_once('"').unwrap().0;
    browser.submit(&format!("/standing/{end}"), &[]).is(303);
    home.hold(&other);
    assert!(!browser.page("/").contains("Approved in advance"));
    // What destroys is looked at each time.
    let page = browser.page(&format!("/approvals/{}", destructive(&home)));
    assert!(!page.contains("Approve for"), "{page}");
}

#[test]
fn a_call_that_fails_after_a_yes_says_so_at_its_page() {
    let tap = Tap::answering(|_| b"this is not HTTP\r\n\r\n".to_vec());
    let home = Home::holding(tap.origin(), "page-token-0123456789");
    let id = home.hold(CHAT);
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let seal = field(&browser.page(&format!("/approvals/{id}")), "fingerprint");
    browser.submit(&format!("/approvals/{id}/approve"), &[("fingerprint", &seal)]).is(303);
    let page = browser.page(&format!("/approvals/{id}"));
    assert!(page.contains("Approved, but not answered") && page.contains("upstream-broken"), "{page}");
}

#[test]
fn two_tabs_that_say_yes_at_once_send_once() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    agent(&home, "helper");
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let csrf = browser.csrf();
    for round in 1..=3 {
        let id = home.hold(CHAT);
        let seal = field(&browser.page(&format!("/approvals/{id}")), "fingerprint");
        let body = form(&[("csrf", &csrf), ("fingerprint", &seal)]);
        let at = format!("/approvals/{id}/approve");
        let yes = || browser.send("POST", &at, &browser.own_origin(), Some(&body)).status;
        let statuses = std::thread::scope(|scope| [(); 4].map(|()| scope.spawn(yes)).map(|one| one.join().unwrap()));
        assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
        assert_eq!(mistral.count(), round);
    }
}

#[test]
fn what_is_different_from_the_last_time_is_said_in_words() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let first = home.hold(CHAT);
    home.run(["approvals", "approve", &first, "--yes"]).exits(0);
    let second = home.hold(&CHAT.replace("\"hi\"", "\"<b>bye</b>\""));
    let served = Served::start(&home);
    let page = Browser::by_link(&served).page(&format!("/approvals/{second}"));
    let of = |word: &str| {
        let line =
            page.split_once(&format!("<span class=\"sr\">{word}</span><code>")).unwrap_or_else(|| panic!("{page}")).1;
        line.split_once("</code>").unwrap().0.to_owned()
    };
    assert!(page.contains(&format!("<a href=\"/approvals/{first}\">")), "{page}");
    // The first line that differs is the length, which the host writes.
    assert!(of("removed: ").starts_with("content-length: ") && of("added: ").starts_with("content-length: "), "{page}");
    assert!(page.contains("&#34;content&#34;: &#34;&lt;b&gt;bye&lt;/b&gt;&#34;"), "{page}");
}
