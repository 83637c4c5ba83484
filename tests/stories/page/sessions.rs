//! Sessions: new at each sign-in, no good anywhere else, and over for every tab at once.

use std::io::Read as _;

use super::browser::{Browser, secret};
use super::live::listen;
use crate::doors::served::{Served, agent, operator};
use crate::home::{Home, until};

#[test]
fn a_cookie_that_somebody_planted_never_becomes_a_session() {
    let home = Home::new("");
    let served = Served::start(&home);
    let planted = format!("portcullis_session={}", "A".repeat(43));
    let mut browser = Browser::new(&served);
    browser.cookie = Some(planted.clone());
    browser.get("/").is(401);
    browser.enter(secret(served.link().unwrap())).is(303);
    assert_ne!(browser.cookie.as_deref(), Some(planted.as_str()));
    browser.page("/");
    let mut attacker = Browser::new(&served);
    attacker.cookie = Some(planted.clone());
    attacker.get("/").is(401);
    // Two of one name: somebody else put one there, so neither counts.
    let own = browser.cookie.clone().unwrap();
    for two in [format!("{own}; {planted}"), format!("{planted}; {own}"), format!("{own}; {own}")] {
        attacker.cookie = Some(two);
        attacker.get("/").is(401);
    }
    // The name that is for TLS alone finds no session of this one.
    attacker.cookie = Some(own.replace("portcullis_session", "__Host-portcullis"));
    attacker.get("/").is(401);
}

#[test]
fn who_signs_in_again_has_another_session_and_the_old_one_is_over() {
    let home = Home::new("");
    let served = Served::start(&home);
    let mut browser = Browser::by_link(&served);
    let old = browser.cookie.clone();
    browser.enter(&operator(&home, "anna")).is(303);
    assert_ne!(browser.cookie, old);
    browser.page("/");
    browser.cookie = old;
    browser.get("/").is(401);
}

#[test]
fn signing_out_ends_what_every_tab_may_do_and_hear() {
    let home = Home::new("");
    let served = Served::start(&home);
    let (tab, other) = (Browser::by_link(&served), Browser::by_token(&served, &home, "anna"));
    let second = Browser { cookie: tab.cookie.clone(), ..Browser::new(&served) };
    let csrf = second.csrf();
    let (mut stream, mut others) = (listen(&served, &second), listen(&served, &other));

    let out = tab.submit("/sign-out", &[]).is(303);
    assert_eq!(out.header("location"), Some("/sign-in"));
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"), "{out:#?}");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("event: over"), "{rest}");
    for path in ["/", "/activity", "/ports", "/agents", "/live", "/approvals/apr-0000000000000000"] {
        let reply = second.get(path).is(401);
        assert!(reply.body.contains("<h1>Sign in</h1>"), "{reply:#?}");
    }
    let body = super::browser::form(&[("csrf", &csrf)]);
    second.send("POST", "/activity/verify", &second.own_origin(), Some(&body)).is(401);
    // The twin goes on.
    other.page("/");
    other.submit("/activity/verify", &[]).is(303);
    other.submit("/sign-out", &[]).is(303);
    rest.clear();
    others.read_to_string(&mut rest).unwrap();
    let rows = home.rows();
    let by: Vec<_> = rows.iter().filter(|row| row["kind"] == "signed-out").map(|row| &row["body"]["by"]).collect();
    assert_eq!(by.len(), 2);
    assert_eq!(by[1], "operator-token:anna");
}

#[test]
fn a_session_by_a_token_ends_with_it() {
    let home = Home::new("");
    let served = Served::start(&home);
    let browser = Browser::by_token(&served, &home, "anna");
    let mut stream = listen(&served, &browser);
    browser.page("/");
    home.run(["operator", "revoke", "anna"]).exits(0);
    browser.get("/").is(401);
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("event: over"), "{rest}");
}

#[test]
fn a_cookie_is_no_good_at_the_api_and_a_token_none_at_the_page() {
    let home = Home::at("http://127.0.0.1:1");
    let (helper, anna) = (agent(&home, "helper"), operator(&home, "anna"));
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    for path in ["/v1/status", "/v1/approvals", "/v1/audit", "/mcp"] {
        browser.get(path).refused(401, "unauthenticated");
    }
    let origin = browser.own_origin();
    browser
        .send("POST", "/v1/approvals/apr-0000000000000000/approve", &origin, Some("{}"))
        .refused(401, "unauthenticated");
    for token in [&helper, &anna] {
        for path in ["/", "/activity", "/ports", "/agents", "/live", "/approvals/apr-0000000000000000"] {
            served.get(path, token).is(401);
        }
        served.post("/activity/verify", token, "{}").is(401);
    }
    browser.page("/");
}

#[test]
fn a_session_ends_with_the_program() {
    let home = Home::new("");
    let served = Served::start(&home);
    let cookie = Browser::by_link(&served).cookie;
    served.signal(rustix::process::Signal::TERM);
    assert_eq!(served.ended().code, Some(0));
    let served = Served::start(&home);
    let mut browser = Browser::new(&served);
    browser.cookie = cookie;
    browser.get("/").is(401);
    until("the program answers", || (served.get("/health", "").status == 200).then_some(()));
}
