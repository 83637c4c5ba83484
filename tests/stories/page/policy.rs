//! The rules at the page: which hold, and how a call would be decided, without anything coming of it.

use super::browser::{Browser, form, guarded};
use crate::doors::served::Served;
use crate::home::{CHAT, Home};
use crate::service::Mistral;

#[test]
fn rules_are_shown_and_decisions_explained_and_nothing_comes_of_it() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let page = browser.page("/policy");
    assert!(page.contains("<h1>Policy</h1>") && page.contains("sha256:") && page.contains("bundled"), "{page}");
    let before = home.rows().len();
    let explain = |action: &str, agent: &str, input: &str| {
        let reply =
            browser.submit("/policy/explain", &[("action", action), ("agent", agent), ("input", input)]).is(200);
        guarded(&reply);
        reply.body
    };
    for (action, input, decision) in
        [("mistral/chat-complete", CHAT, "Needs a person"), ("mistral/list-models", "{}", "Allowed without a person")]
    {
        let page = explain(action, "helper", input);
        assert!(page.contains(&format!("<strong>{decision}</strong>")), "{page}");
    }
    for (action, agent, input) in [
        ("x", "helper", "{}"),
        ("mistral/chat-complete", "<u>", "{}"),
        ("mistral/chat-complete", "helper", "{\"<script>\":1}"),
        ("mistral/none", "helper", "</textarea><script>alert(1)</script>"),
    ] {
        let page = explain(action, agent, input);
        assert!(page.contains("role=\"alert\"") && !page.contains("<script>alert") && !page.contains("<u>"), "{page}");
    }
    assert_eq!((home.rows().len(), mistral.count()), (before, 0));
    let csrf = form(&[("action", "mistral/list-models")]);
    browser.send("POST", "/policy/explain", &browser.own_origin(), Some(&csrf)).is(403);
}
