//! Forms: each change comes from this page, from this session, by POST, or it does not happen.

use std::io::{Read as _, Write as _};

use super::browser::{Browser, form};
use crate::doors::asked::connect;
use crate::doors::served::{Served, agent};
use crate::home::Home;

fn agents_live(home: &Home) -> bool {
    home.run(["agent", "list", "--json"]).exits(0).json()[0]["revoked_ms"].is_null()
}

/// The status of an answer to HEAD, which must be a head alone.
fn head(browser: &Browser<'_>, served: &Served, path: &str) -> u16 {
    let mut stream = connect(served.address());
    stream.write_all(browser.request("HEAD", path, "", None).as_bytes()).unwrap();
    let mut head = String::new();
    stream.read_to_string(&mut head).unwrap();
    assert!(head.ends_with("\r\n\r\n") && head.matches("\r\n\r\n").count() == 1, "{head}");
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_form_without_the_sessions_own_token_changes_nothing() {
    let home = Home::at("http://127.0.0.1:1");
    agent(&home, "helper");
    let served = Served::start(&home);
    let (browser, other) = (Browser::by_link(&served), Browser::by_token(&served, &home, "anna"));
    let (own, others) = (browser.csrf(), other.csrf());
    assert_ne!(own, others);
    let origin = browser.own_origin();
    let send = |path: &str, body: &str| browser.send("POST", path, &origin, Some(body));
    for path in ["/agents/helper/revoke", "/activity/verify", "/sign-out", "/approvals/apr-0000000000000000/approve"] {
        for wrong in ["", &others, &own[1..], &own.to_uppercase(), "0"] {
            let reply = send(path, &form(&[("csrf", wrong)])).is(403);
            assert!(reply.body.contains("not one of this session"), "{reply:#?}");
        }
        send(path, "").is(403);
        // One that is in the address is in logs.
        send(&format!("{path}?csrf={own}"), "").is(403);
        let twice = format!("{}&{}", form(&[("csrf", &own)]), form(&[("csrf", &own)]));
        send(path, &twice).is(400);
    }
    assert!(agents_live(&home));
    assert!(home.rows().iter().all(|row| row["kind"] != "signed-out"));
    // The twin.
    browser.submit("/agents/helper/revoke", &[]).is(303);
    assert!(!agents_live(&home));
    let rows = home.rows();
    let row = rows.iter().find(|row| row["kind"] == "token-revoked").unwrap();
    assert!(row["body"]["by"].as_str().unwrap().starts_with("operator-page:s"), "{row}");
}

#[test]
fn a_form_from_another_place_changes_nothing() {
    let home = Home::at("http://127.0.0.1:1");
    agent(&home, "helper");
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let body = form(&[("csrf", &browser.csrf())]);
    let url = served.url();
    for lines in [
        String::new(),
        "origin: https://evil.example\r\n".to_owned(),
        "origin: null\r\n".to_owned(),
        "origin: http://127.0.0.1:1\r\n".to_owned(),
        format!("origin: {url}\r\norigin: https://evil.example\r\n"),
        format!("origin: {url}\r\nsec-fetch-site: cross-site\r\n"),
        format!("origin: {url}\r\nsec-fetch-site: same-site\r\n"),
        "sec-fetch-site: cross-site\r\nsec-fetch-mode: navigate\r\n".to_owned(),
        "sec-fetch-site: none\r\n".to_owned(),
    ] {
        for path in ["/agents/helper/revoke", "/approvals/apr-0000000000000000", "/sign-out", "/sign-in"] {
            let reply = browser.send("POST", path, &lines, Some(&body));
            assert!(matches!(reply.status, 403 | 405), "{lines}: {reply:#?}");
            assert_eq!(reply.header("set-cookie"), None, "{lines}");
        }
    }
    assert!(agents_live(&home));
    browser.page("/");
    let same = "sec-fetch-site: same-origin\r\n";
    browser.send("POST", "/agents/helper/revoke", same, Some(&body)).is(303);
    assert!(!agents_live(&home));
}

#[test]
fn only_a_post_changes_anything() {
    let home = Home::at("http://127.0.0.1:1");
    agent(&home, "helper");
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let body = form(&[("csrf", &browser.csrf())]);
    let before = home.rows().len();
    let changes = ["/agents/helper/revoke", "/activity/verify", "/sign-out", "/approvals/apr-0000000000000000/approve"];
    for path in changes {
        assert_eq!(head(&browser, &served, path), 405, "{path}");
        for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let with_form = (method != "GET").then_some(body.as_str());
            let reply = browser.send(method, path, &browser.own_origin(), with_form);
            assert_eq!(reply.status, 405, "{method} {path}: {reply:#?}");
        }
        browser.get(&format!("{path}?{body}")).is(405);
    }
    for path in ["/", "/activity", "/ports", "/ports/mistral", "/agents", "/sign-in"] {
        browser.get(path).is(200);
        assert_eq!(head(&browser, &served, path), 200, "{path}");
    }
    for path in ["/ports/none", "/ports/..", "/ports/A%00", "/activity/call-0000000000000000", "/activity/x", "/page/x"]
    {
        let reply = browser.get(path);
        assert!(matches!(reply.status, 404 | 400), "{path}: {reply:#?}");
    }
    assert_eq!(home.rows().len(), before);
    assert!(agents_live(&home));
    browser.page("/");
}

#[test]
fn a_form_is_bounded_and_of_its_own_kind() {
    let home = Home::new("");
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let csrf = browser.csrf();
    let origin = browser.own_origin();
    let large = form(&[("csrf", &csrf), ("x", &"a".repeat(20 << 10))]);
    browser.send("POST", "/activity/verify", &origin, Some(&large)).is(413);
    let more = form(&[("csrf", &csrf), ("x", "1")]);
    browser.send("POST", "/activity/verify", &origin, Some(&more)).is(400);
    let json = format!("{origin}content-type: application/json\r\ncontent-length: 2\r\n");
    let request = browser.request("POST", "/activity/verify", &json, None);
    crate::doors::asked::ask(served.address(), format!("{request}{{}}")).is(415);
    browser.submit("/activity/verify", &[]).is(303);
    assert!(browser.page("/activity").contains("Intact"));
}
