//! Drafts at the page: read as what they are, published with what was shown, and no other.

use serde_json::json;

use super::browser::{Browser, field, form};
use crate::doors::served::Served;
use crate::drafts::{PEEK, made, peek, proposer, requested};
use crate::home::Home;

#[test]
fn the_operator_reads_a_draft_and_publishes_what_was_shown() {
    let home = Home::at("http://127.0.0.1:9");
    let builder = proposer(&home, "builder");
    let served = Served::start(&home);
    let tricky = peek(json!({"description": "<script>alert(1)</script> a\u{202e}b"}));
    let tricky = made(&served, &builder, &tricky);
    let (at, digest) = requested(&served, &builder, &peek(json!({"description": "Looks <b>at</b> one."})));
    let (at, tricky) = (at.trim_start_matches("/v1"), tricky.trim_start_matches("/v1"));
    let browser = Browser::by_link(&served);
    let list = browser.page("/drafts");
    for part in [at, "mistral/peek-model", "requested", "builder"] {
        assert!(list.contains(part), "{part}: {list}");
    }
    // What breaks a rule is told, and cannot be published; its words are shown as what they are.
    let page = browser.page(tricky);
    assert!(page.contains("is no action yet") && page.contains("/description"), "{page}");
    assert!(!page.contains("<script>alert") && !page.contains('\u{202e}') && !page.contains("/publish"), "{page}");

    let page = browser.page(at);
    for part in ["A draft of builder, in its own words.", "http://127.0.0.1:9", "GET /v1/models/{id}", "&lt;b&gt;at"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("<b>at"), "{page}");
    assert_eq!(field(&page, "digest"), digest);
    let publish = format!("{at}/publish");
    let no_token = browser.send("POST", &publish, &browser.own_origin(), Some(&form(&[("digest", &digest)])));
    drop(no_token.is(403));
    drop(browser.submit(&publish, &[]).is(400));
    drop(browser.submit(&publish, &[("digest", &digest), ("more", "1")]).is(400));

    // Its agent edits it, and asks again at once.
    let other = format!("{{\"template\":{PEEK}}}");
    drop(served.put(&format!("/v1{at}"), &builder, &other).is(200));
    drop(served.post(&format!("/v1{at}/request"), &builder, "{}").is(200));
    let late = browser.submit(&publish, &[("digest", &digest)]).is(409);
    assert!(late.body.contains("was changed since"), "{late:#?}");
    let now = field(&browser.page(at), "digest");
    assert_ne!(now, digest);
    let done = browser.submit(&publish, &[("digest", &now)]).is(303);
    assert_eq!(done.header("location"), Some(at));
    let page = browser.page(at);
    assert!(page.contains("published") && !page.contains("<button class=\"primary\""), "{page}");
    let told = crate::drafts::told(&home);
    let by = told.last().unwrap().1["by"].as_str().unwrap().to_owned();
    assert!(by.starts_with("operator-page:"), "{by}");
}

#[test]
fn the_operator_rejects_with_a_reason_and_sees_which_approval_tries_a_draft() {
    let home = Home::at("http://127.0.0.1:9");
    let builder = proposer(&home, "builder");
    let served = Served::start(&home);
    let (at, _) = requested(&served, &builder, PEEK);
    let live = r#"{"live":true,"input":{"path":{"id":"small"}}}"#;
    let held = served.post(&format!("{at}/test"), &builder, live).is(202).json();
    let approval = format!("/approvals/{}", held["approval"].as_str().unwrap());
    let browser = Browser::by_link(&served);
    let page = browser.page(&approval);
    assert!(page.contains("This is a test of a draft") && page.contains("it is not installed"), "{page}");
    assert!(page.contains("by the agent&#39;s word") || page.contains("by the agent's word"), "{page}");
    assert!(!page.contains("Approve for…"), "never in advance: {page}");
    assert!(browser.page("/").contains("<span class=\"effect draft\">draft</span>"));

    let at = at.trim_start_matches("/v1");
    drop(browser.submit(&format!("{at}/reject"), &[("reason", "say <i>which</i>")]).is(303));
    let page = browser.page(at);
    assert!(page.contains("rejected") && page.contains("say &lt;i&gt;which&lt;/i&gt;"), "{page}");
    // What it tried is not asked any more.
    let page = browser.page(&approval);
    assert!(page.contains("its draft was rejected") && !page.contains("id=\"yes\""), "{page}");
}
