//! Reading: what was done, what could be sent, and who may ask.

use super::browser::Browser;
use crate::doors::served::{Served, agent};
use crate::home::{CHAT, Home};
use crate::service::Mistral;

#[test]
fn activity_is_filtered_and_leads_to_a_calls_whole_story() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let helper = agent(&home, "helper");
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    served.post("/v1/actions/mistral/list-models/execute", &helper, "{}").is(200);
    let id = home.hold(CHAT);
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    let rows = home.rows();
    let calls: Vec<&str> =
        rows.iter().filter(|row| row["kind"] == "intent").map(|r| r["call"].as_str().unwrap()).collect();
    let all = browser.page("/activity");
    assert!(calls.iter().all(|call| all.contains(&format!("href=\"/activity/{call}\""))), "{all}");
    for (query, shown, hidden) in [
        ("agent=helper", calls[0], calls[1]),
        ("action=mistral/chat-complete", calls[1], calls[0]),
        (&format!("call={}", calls[0]), calls[0], calls[1]),
        ("kind=outcome&agent=helper&since=hour", calls[0], calls[1]),
    ] {
        let page = browser.page(&format!("/activity?{query}"));
        assert!(
            page.contains(&format!("/activity/{shown}\"")) && !page.contains(&format!("/activity/{hidden}\"")),
            "{query}"
        );
    }
    for wrong in ["agent=A", "action=x", "call=1", "since=ever", "before=x", "x=1", "agent=a&agent=b"] {
        browser.get(&format!("/activity?{wrong}")).is(400);
    }

    let story = browser.page(&format!("/activity/{}", calls[1]));
    for part in
        ["approved by a person", "manifest: require_approval", "Status", "200", "bytes", &id, "/v1/chat/completions"]
    {
        assert!(story.contains(part), "{part}: {story}");
    }
    assert!(!story.contains("You said") && !story.contains(mistral.token()), "{story}");
    let story = browser.page(&format!("/activity/{}", calls[0]));
    assert!(story.contains("allowed without a person") && story.contains("helper"), "{story}");
    browser.get("/activity/call-0000000000000000").is(404);
}

#[test]
fn a_long_log_is_read_page_by_page() {
    let home = Home::at("http://127.0.0.1:1");
    for name in 0..60 {
        home.run(["operator", "create", &format!("o{name}")]).exits(0);
    }
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let first = browser.page("/activity?kind=token-issued");
    assert_eq!(first.matches("token-issued</span>").count(), 50, "{first}");
    let older = first.split_once("class=\"more\" href=\"").unwrap().1.split_once('"').unwrap().0.replace("&#38;", "&");
    let second = browser.page(&older);
    assert_eq!(second.matches("token-issued</span>").count(), 10, "{second}");
    assert!(!second.contains("class=\"more\""));
}

#[test]
fn ports_say_all_that_could_be_sent_and_agents_who_may_ask() {
    let home = Home::at("http://127.0.0.1:1");
    let helper = agent(&home, "helper");
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    assert!(browser.page("/ports").contains("missing"));
    let port = browser.page("/ports/mistral");
    for part in [
        "http://127.0.0.1:1",
        "https://api.mistral.ai",
        "sealed",
        "sha256:",
        "/v1/chat/completions",
        "needs a person",
        "runs by itself",
    ] {
        assert!(port.contains(part), "{part}: {port}");
    }
    let agents = browser.page("/agents");
    assert!(agents.contains("mistral/*") && agents.contains("Revoke helper") && agents.contains("never"), "{agents}");
    assert!(!agents.contains(&helper));
    browser.submit("/agents/helper/revoke", &[]).is(303);
    served.get("/v1/status", &helper).refused(401, "unauthenticated");
    let agents = browser.page("/agents");
    assert!(agents.contains("revoked") && !agents.contains("Revoke helper"), "{agents}");
    browser.submit("/agents/helper/revoke", &[]).is(400);
}
