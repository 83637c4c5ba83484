//! What every page says to a browser, and what it is made of: nothing inline, nothing from elsewhere.

use super::browser::{Browser, guarded};
use crate::doors::served::{Served, agent};
use crate::home::{CHAT, Home};
use crate::service::Mistral;

#[test]
fn no_page_can_be_framed_or_made_to_run_anything() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    agent(&home, "helper");
    let id = home.hold(CHAT);
    home.run(["run", "mistral/list-models"]).exits(0);
    let call = home.rows().into_iter().find_map(|row| row["call"].as_str().map(str::to_owned)).unwrap();
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let (approval, call) = (format!("/approvals/{id}"), format!("/activity/{call}"));
    let paths = ["/", &approval, "/activity", &call, "/ports", "/ports/mistral", "/agents", "/policy", "/sign-in"];
    for path in paths {
        let page = browser.page(path);
        assert_eq!(page.matches("<h1").count(), 1, "{path}");
        assert_eq!(page.matches("<main").count(), 1, "{path}");
        assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"), "{path}");
        for tag in page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()) {
            let script = tag.starts_with("script");
            assert!(!script || tag.contains(" src=\"/page/"), "{path}: <{tag}>");
            assert!(!tag.starts_with("style") && !tag.contains(" style="), "{path}: <{tag}>");
            assert!(!tag.split(' ').any(|word| word.starts_with("on") && word.contains('=')), "{path}: <{tag}>");
            for place in ["href=\"", "src=\"", "action=\""] {
                for address in tag.split(place).skip(1) {
                    assert!(
                        address.starts_with('/') && !address.starts_with("//") || address.starts_with("#main"),
                        "{tag}"
                    );
                }
            }
        }
    }
    for refused in [browser.get("/ports/none"), browser.get("/activity?x=1"), Browser::new(&served).get("/")] {
        assert!(refused.status >= 400);
        guarded(&refused);
    }
}

#[test]
fn the_files_are_this_servers_own_and_set_text_only() {
    let home = Home::new("");
    let served = Served::start(&home);
    let browser = Browser::new(&served);
    for (name, kind) in [
        ("desk.js", "text/javascript; charset=utf-8"),
        ("live.js", "text/javascript; charset=utf-8"),
        ("sign-in.js", "text/javascript; charset=utf-8"),
        ("desk.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
        ("icon-waiting.svg", "image/svg+xml"),
    ] {
        let reply = browser.get(&format!("/page/{name}")).is(200);
        guarded(&reply);
        assert_eq!(reply.header("content-type"), Some(kind));
        for word in [
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "document.write",
            "eval(",
            "Function(",
            "Storage",
            "cookie",
            "https:",
            "url(",
            "@import",
        ] {
            assert!(!reply.body.contains(word), "{name}: {word}");
        }
    }
}

#[test]
fn a_page_of_another_site_may_link_to_an_approval_and_to_nothing_else() {
    let home = Home::new("");
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let stranger = Browser::new(&served);
    let followed = "sec-fetch-site: cross-site\r\nsec-fetch-mode: navigate\r\n";
    // The browser leaves the cookie at home, so the page looks again from here.
    let page = stranger.send("GET", "/approvals/apr-0000000000000000", followed, None).is(401);
    assert!(page.body.contains(r#"http-equiv="refresh""#), "{page:#?}");
    guarded(&page);
    let looked = stranger.send("GET", "/approvals/apr-0000000000000000", "sec-fetch-site: same-origin\r\n", None);
    assert!(!looked.is(401).body.contains("http-equiv"));
    for path in ["/", "/activity", "/approvals/apr-0000000000000000/body", "/approvals/a/approve", "/live", "/sign-in"]
    {
        browser.send("GET", path, followed, None).refused(403, "origin-refused");
    }
    let embedded = "sec-fetch-site: cross-site\r\nsec-fetch-mode: no-cors\r\n";
    browser.send("GET", "/approvals/apr-0000000000000000", embedded, None).refused(403, "origin-refused");
}
