//! Signing in: a link is good once and for a while, a token while it is good, and nothing else at all.

use rusqlite::Connection;

use super::browser::{Browser, form, guarded, secret};
use crate::doors::served::{Served, agent, operator};
use crate::home::Home;

/// Makes another link, as a person at the machine does.
fn link(home: &Home, served: &Served) -> String {
    let made = home.run(["operator", "link", "--at", served.url(), "--json"]).exits(0).json();
    let link = made["link"].as_str().unwrap();
    assert!(link.starts_with(&format!("{}/sign-in#pcl_", served.url())), "{link}");
    secret(link).to_owned()
}

fn kinds(home: &Home, kind: &str) -> Vec<serde_json::Value> {
    home.rows().into_iter().filter(|row| row["kind"] == kind).collect()
}

#[test]
fn a_link_leads_to_where_somebody_serves_and_to_nowhere_else() {
    let home = Home::new("");
    let ended = home.run(["operator", "link"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.err.contains("nobody serves here") && !ended.out.contains("pcl_"), "{ended:#?}");
    let served = Served::start(&home);
    let made = home.run(["operator", "link", "--json"]).exits(0).json();
    let link = made["link"].as_str().unwrap();
    assert!(link.starts_with(&format!("{}/sign-in#pcl_", served.url())), "{link}");
    Browser::new(&served).enter(secret(link)).is(303);
}

#[test]
fn a_link_lets_one_in_once() {
    let home = Home::new("");
    let served = Served::start(&home);
    let link = served.link().unwrap();
    let mut first = Browser::new(&served);
    let reply = first.enter(secret(link)).is(303);
    assert_eq!(reply.header("location"), Some("/"));
    let cookie = reply.header("set-cookie").unwrap();
    for part in ["portcullis_session=", "; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain") && !cookie.contains("Max-Age") && !cookie.contains("Expires"), "{cookie}");
    first.page("/");

    let mut second = Browser::new(&served);
    let refused = second.enter(secret(link)).is(401);
    assert!(refused.body.contains("no link or token that is good now"), "{refused:#?}");
    assert_eq!((refused.header("set-cookie"), second.get("/").status), (None, 401));
    // The twin: another link, made while it serves, by another process.
    second.enter(&self::link(&home, &served)).is(303);
    second.page("/");
    first.page("/");

    let (issued, entered) = (kinds(&home, "link-issued"), kinds(&home, "signed-in"));
    assert_eq!((issued.len(), entered.len()), (2, 2));
    let by = entered[0]["body"]["by"].as_str().unwrap();
    assert_eq!(by, format!("operator-page:{}", entered[0]["body"]["session"].as_str().unwrap()));
    let log = home.run(["audit", "export"]).exits(0).out;
    assert!(!log.contains(secret(link)) && !log.contains("pcl_"), "the log holds a secret");
}

#[test]
fn two_who_come_with_one_link_are_one() {
    let home = Home::new("");
    let served = Served::start(&home);
    for _ in 0..5 {
        let link = link(&home, &served);
        let entered = std::thread::scope(|scope| {
            let both = [(); 4].map(|()| scope.spawn(|| Browser::new(&served).enter(&link).status));
            both.map(|one| one.join().unwrap())
        });
        assert_eq!(entered.iter().filter(|status| **status == 303).count(), 1, "{entered:?}");
    }
}

#[test]
fn a_link_whose_time_is_over_lets_nobody_in() {
    let home = Home::new("");
    let served = Served::start(&home);
    let (over, good) = (link(&home, &served), link(&home, &served));
    let db = Connection::open(home.database()).unwrap();
    let hash = portcullis_model::Digest::of(over.as_bytes());
    let past = "UPDATE links SET expires_ms = 1 WHERE hash = ?1";
    assert_eq!(db.execute(past, [&hash.as_bytes()[..]]).unwrap(), 1);
    Browser::new(&served).enter(&over).is(401);
    Browser::new(&served).enter(&good).is(303);
}

#[test]
fn whatever_is_wrong_with_a_secret_the_answer_is_the_same() {
    let home = Home::at("http://127.0.0.1:1");
    let (agents, revoked) = (agent(&home, "helper"), operator(&home, "gone"));
    home.run(["operator", "revoke", "gone"]).exits(0);
    let served = Served::start(&home);
    let never = format!("pcl_{}", "A".repeat(43));
    let unknown = format!("pco_{}", "A".repeat(43));
    let mut answers = Vec::new();
    for secret in ["", "x", "pcl_", "pco_", &never, &unknown, &agents, &revoked, "<script>"] {
        let reply = Browser::new(&served).enter(secret).is(401);
        guarded(&reply);
        answers.push(reply.body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    // The twin, and the same with what a person may copy along with it.
    let good = operator(&home, "anna");
    for typed in [good.clone(), format!("  {good}\n"), format!("{}/sign-in#{good}", served.url())] {
        Browser::new(&served).enter(&typed).is(303);
    }
    assert_eq!(kinds(&home, "signed-in")[0]["body"]["by"], "operator-token:anna");
}

#[test]
fn attempts_are_counted() {
    let home = Home::new("");
    let served = Served::start(&home);
    let browser = || Browser::new(&served);
    let statuses: Vec<u16> = (0..200).map(|_| browser().enter("x").status).collect();
    assert!(statuses.contains(&429) && statuses[0] == 401, "{statuses:?}");
    // However many guess, whoever has a link comes in.
    browser().enter(secret(served.link().unwrap())).is(303);
    // Nothing that nobody here sent is counted: pages of other sites are refused before.
    served.get("/health", "").is(200);
}

#[test]
fn after_signing_in_one_is_where_one_wanted_to_be_and_never_elsewhere() {
    let home = Home::new("");
    let served = Served::start(&home);
    let asked = Browser::new(&served).get("/activity").is(401);
    assert!(asked.body.contains(r#"name="next" value="/activity""#), "{asked:#?}");
    for (next, goes) in [
        ("/activity", "/activity"),
        ("//evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ] {
        let browser = Browser::new(&served);
        let secret = link(&home, &served);
        let body = form(&[("token", &secret), ("next", next)]);
        let reply = browser.send("POST", "/sign-in", &browser.own_origin(), Some(&body)).is(303);
        assert_eq!(reply.header("location"), Some(goes), "{next}");
    }
}

#[test]
fn without_the_page_there_is_no_way_in() {
    let home = Home::new("");
    let served = Served::start_with(&home, &["--no-page"]);
    assert_eq!(served.link(), None);
    for path in ["/", "/sign-in", "/activity", "/live", "/page/desk.js"] {
        served.get(path, "").refused(404, "not-found");
    }
}
