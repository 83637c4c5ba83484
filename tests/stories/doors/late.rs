//! What comes too late: a token that ends while its request is on the way, and one that ended before the answer.

use std::io::Write as _;

use super::asked::{Reply, connect};
use super::served::{Served, agent};
use crate::home::{CHAT, Home, until};
use crate::service::Mistral;

#[test]
fn a_token_that_is_revoked_while_its_request_comes_in_sends_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let request = served.request("POST", "/v1/actions/mistral/list-models/execute", &token, Some("{}"));
    let (first, last) = request.split_at(request.len() - 1);
    let mut stream = connect(served.address());
    stream.write_all(first.as_bytes()).unwrap();
    // The head has been read when the server answers somebody who came later.
    served.get("/health", "").is(200);
    home.run(["agent", "revoke", "helper"]).exits(0);
    stream.write_all(last.as_bytes()).unwrap();
    Reply::read(&mut stream).unwrap().refused(401, "unauthenticated");
    assert_eq!(mistral.count(), 0);
    assert!(home.rows().iter().all(|row| row["kind"] != "intent"));
}

#[test]
fn a_question_of_a_token_that_has_ended_is_not_sent() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let made = home.run(["agent", "create", "short", "--ttl", "20s", "--json"]).exits(0).json();
    let token = made["token"].as_str().unwrap();
    let served = Served::start(&home);
    let call = format!("{{\"input\":{CHAT}}}");
    let held = served.post("/v1/actions/mistral/chat-complete/execute", token, &call).is(202).json();
    until("the token ends", || (served.get("/v1/status", token).status == 401).then_some(()));
    home.run(["approvals", "approve", held["approval"].as_str().unwrap(), "--yes", "--json"])
        .refused("unauthenticated");
    assert_eq!(mistral.count(), 0);
}

#[test]
fn a_path_that_once_broke_the_host_is_refused_before_anything_is_sent() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    for path in ["$['a'é,'b']", "$['a'", "$..a..b"] {
        let body = serde_json::json!({ "select": path }).to_string();
        served.post("/v1/actions/mistral/list-models/execute", &token, &body).refused(400, "bad-request");
    }
    assert_eq!(mistral.count(), 0);
}
