//! A draft from its agent to the operator, over HTTP.

use serde_json::{Value, json};

use super::{PEEK, PEEKED, PEEKED_LIVE, made, new_draft, peek, places, proposer, requested, told, yes_to};
use crate::doors::served::{Served, agent, nothing_sent, operator};
use crate::home::Home;
use crate::service::Mistral;

#[test]
fn a_draft_is_mended_tried_requested_and_published_by_the_operator_alone() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (builder, anna) = (proposer(&home, "builder"), operator(&home, "anna"));
    let served = Served::start(&home);

    // Everything that is wrong with it is told at once.
    let broken = peek(json!({"method": "POST", "path": "/v1/models/{other}", "resultMode": "xml"}));
    let draft = served.post("/v1/drafts", &builder, &new_draft(&broken)).is(201);
    let all = places(&draft);
    for place in ["/approvalMode", "/resultMode", "/path"] {
        assert!(all.iter().any(|at| at == place), "{place}: {draft:#?}");
    }
    let draft = draft.json();
    assert_eq!((&draft["state"], &draft["action"]), (&json!("open"), &json!("mistral/peek-model")));
    let at = format!("/v1/drafts/{}", draft["id"].as_str().unwrap());
    let refused = served.post(&format!("{at}/request"), &builder, "{}");
    assert_eq!(places(&refused), all);
    refused.refused(422, "bad-document");
    served.post(&format!("{at}/test"), &builder, PEEKED).refused(422, "bad-document");
    assert_eq!(places(&served.post(&format!("{at}/validate"), &builder, "{}").is(200)), all);

    let mended = served.put(&at, &builder, &format!("{{\"template\":{PEEK}}}")).is(200).json();
    assert_eq!(mended["problems"], json!([]), "{mended:#}");
    assert_ne!(mended["digest"], draft["digest"]);
    let valid = served.post(&format!("{at}/validate"), &builder, "{}").is(200).json();
    assert_eq!((&valid["problems"], &valid["template"]["path"]), (&json!([]), &json!("/v1/models/{id}")));

    let tried = served.post(&format!("{at}/test"), &builder, PEEKED).is(200).json();
    assert_eq!((&tried["state"], &tried["decision"]), (&json!("dry-run"), &json!("needs-approval")), "{tried:#}");
    assert_eq!(tried["rule"], "a person approves each test of a draft");
    assert_eq!(tried["request"]["url"], format!("{}/v1/models/mistral-small-latest", mistral.origin()));
    served.post(&format!("{at}/test"), &builder, r#"{"input":{"path":{"id":1}}}"#).refused(422, "invalid-input");
    nothing_sent(&home);

    // Until it is published there is no such action, and its agent cannot publish it.
    served.post("/v1/actions/mistral/peek-model/execute", &builder, "{}").refused(404, "unknown-action");
    let asked = served.post(&format!("{at}/request"), &builder, "{}").is(200).json();
    assert_eq!(asked["state"], "requested");
    served.post(&format!("{at}/request"), &builder, "{}").refused(409, "draft-state");
    let digest = asked["digest"].as_str().unwrap();
    for (path, body) in [("publish", yes_to(digest)), ("reject", "{}".to_owned())] {
        served.post(&format!("{at}/{path}"), &builder, &body).refused(403, "forbidden");
    }
    served.get(&format!("{at}/diff"), &builder).refused(403, "forbidden");

    let list = served.get("/v1/drafts?state=requested", &anna).is(200).json();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["agent"]), (1, &json!("builder")));
    assert_eq!(served.get(&at, &anna).is(200).json()["template"], valid["template"]);
    let diff = served.get(&format!("{at}/diff"), &anna).is(200).json();
    assert_eq!((&diff["digest"], &diff["live"]), (&json!(digest), &json!(false)), "{diff:#}");
    assert!(diff["origin"].as_str().unwrap().starts_with(&mistral.origin()), "{diff:#}");
    let lines = diff["lines"].as_array().unwrap();
    assert!(lines.iter().all(|line| line["kind"] == "added"), "{diff:#}");
    assert!(lines.iter().any(|line| line["text"] == "sends     GET /v1/models/{id}"), "{diff:#}");

    let other = format!("sha256:{}", "0".repeat(64));
    served.post(&format!("{at}/publish"), &anna, &yes_to(&other)).refused(409, "draft-state");
    let published = served.post(&format!("{at}/publish"), &anna, &yes_to(digest)).is(200).json();
    assert_eq!((&published["state"], &published["by"]), (&json!("published"), &json!("operator-token:anna")));
    served.post(&format!("{at}/publish"), &anna, &yes_to(digest)).refused(409, "draft-state");

    let told = told(&home);
    let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["draft-created", "draft-changed", "draft-requested", "draft-published"]);
    for (_, facts) in &told {
        assert_eq!((&facts["agent"], &facts["action"]), (&json!("builder"), &json!("mistral/peek-model")));
        assert!(!facts.to_string().contains("v1/models"), "no content in the log: {facts:#}");
    }
    assert_eq!(told[3].1["by"], "operator-token:anna");
    assert_eq!(home.run(["audit", "verify", "--json"]).exits(0).json()["intact"], true);
}

#[test]
fn a_live_test_waits_for_a_person_and_is_sent_once() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (builder, anna) = (proposer(&home, "builder"), operator(&home, "anna"));
    let served = Served::start(&home);
    let at = made(&served, &builder, PEEK);
    let id = at.strip_prefix("/v1/drafts/").unwrap();

    let held = served.post(&format!("{at}/test"), &builder, PEEKED_LIVE).is(202);
    let approval = held.json()["approval"].as_str().unwrap().to_owned();
    let approvals = format!("/v1/approvals/{approval}");
    assert_eq!(held.header("location"), Some(approvals.as_str()));
    assert_eq!(mistral.count(), 0);
    // Both sides are told that it is a test of a draft.
    for who in [&builder, &anna] {
        let seen = served.get(&approvals, who).is(200).json();
        assert_eq!((&seen["state"], &seen["draft"]), (&json!("pending"), &json!(id)), "{seen:#}");
    }
    assert_eq!(served.get("/v1/approvals", &anna).is(200).json()[0]["draft"], id);
    let shown = home.run(["approvals", "show", &approval]).exits(0);
    assert!(shown.out.contains(&format!("a test of draft {id}")) && shown.out.contains("not installed"), "{shown:#?}");
    assert!(home.run(["approvals", "list"]).exits(0).out.contains(&format!("(test of {id})")));

    served.post(&format!("{approvals}/approve"), &builder, "{}").refused(403, "forbidden");
    // Never in advance.
    served.post(&format!("{approvals}/approve"), &anna, r#"{"for":{"uses":3}}"#).refused(403, "forbidden");
    assert_eq!(mistral.count(), 0);
    let sent = served.post(&format!("{approvals}/approve"), &anna, "{}").is(200).json();
    assert_eq!((&sent["state"], mistral.count()), (&json!("executed"), 1), "{sent:#}");
    served.post(&format!("{approvals}/approve"), &anna, "{}").refused(409, "approval-used");
    assert_eq!(mistral.count(), 1);
    let answer = served.get(&approvals, &builder).is(200).json();
    assert_eq!(answer["outcome"]["result"]["id"], "mistral-small-latest", "{answer:#}");
    assert_eq!(mistral.seen()[0].line, "GET /v1/models/mistral-small-latest");

    // The next one waits again.
    drop(served.post(&format!("{at}/test"), &builder, PEEKED_LIVE).is(202));
    assert_eq!(mistral.count(), 1);
    let rows = home.rows();
    let of = |kind: &str| rows.iter().find(|row| row["kind"] == kind).unwrap()["body"].clone();
    for kind in ["approval-asked", "approval-approved", "intent"] {
        assert_eq!(of(kind)["draft"], id, "{kind}");
    }
    let installed = home.run(["ports", "--json"]).exits(0).json()[0]["digest"].clone();
    assert_ne!(of("intent")["digest"], installed, "the draft has an identity of its own");
}

#[test]
fn an_operator_rejects_with_a_reason_that_the_agent_reads() {
    let home = Home::at("http://127.0.0.1:9");
    let (builder, anna) = (proposer(&home, "builder"), operator(&home, "anna"));
    let served = Served::start(&home);
    let (at, digest) = requested(&served, &builder, PEEK);
    let long = json!({"reason": "x".repeat(1001)}).to_string();
    served.post(&format!("{at}/reject"), &anna, &long).refused(400, "bad-request");
    drop(served.post(&format!("{at}/reject"), &anna, r#"{"reason":"say which fields"}"#).is(200));
    let seen = served.get(&at, &builder).is(200).json();
    assert_eq!((&seen["state"], &seen["reason"]), (&json!("rejected"), &json!("say which fields")));
    served.post(&format!("{at}/publish"), &anna, &yes_to(&digest)).refused(409, "draft-state");
    served.put(&at, &builder, &format!("{{\"template\":{PEEK}}}")).refused(409, "draft-state");
    served.get("/v1/drafts/drf-0000000000000000", &anna).refused(404, "draft-unknown");
}

#[test]
fn who_may_not_propose_has_no_drafts_and_an_operator_proposes_none() {
    let home = Home::at("http://127.0.0.1:9");
    let (plain, builder) = (agent(&home, "plain"), proposer(&home, "builder"));
    let (elsewhere, anna) = (other_port(&home), operator(&home, "anna"));
    let served = Served::start(&home);
    let at = made(&served, &builder, PEEK);
    let put = format!("{{\"template\":{PEEK}}}");
    for token in [&plain, &anna] {
        served.post("/v1/drafts", token, &new_draft(PEEK)).refused(403, "forbidden");
        served.put(&at, token, &put).refused(403, "forbidden");
        for (step, body) in [("validate", "{}"), ("request", "{}"), ("withdraw", "{}"), ("test", PEEKED)] {
            served.post(&format!("{at}/{step}"), token, body).refused(403, "forbidden");
        }
    }
    served.get("/v1/drafts", &plain).refused(403, "forbidden");
    served.get(&at, &plain).refused(403, "forbidden");
    // The right is for the ports that it names.
    served.post("/v1/drafts", &elsewhere, &new_draft(PEEK)).refused(404, "unknown-action");
    let nowhere = new_draft(PEEK).replace("\"port\":\"mistral\"", "\"port\":\"github\"");
    served.post("/v1/drafts", &elsewhere, &nowhere).refused(404, "unknown-action");
    assert_eq!(served.get("/v1/drafts", &elsewhere).is(200).json(), json!([]));
    let agents: Value = home.run(["agent", "list", "--json"]).exits(0).json();
    let of = |name: &str| agents.as_array().unwrap().iter().find(|a| a["id"] == name).unwrap()["propose"].clone();
    assert_eq!((of("plain"), of("builder"), of("elsewhere")), (json!([]), json!(["mistral"]), json!(["github"])));
}

fn other_port(home: &Home) -> String {
    let create = ["agent", "create", "elsewhere", "--actions", "mistral/*", "--propose", "github", "--json"];
    crate::doors::served::token(home, create)
}
