//! The OpenAPI document says what the routes do.

use serde_json::{Value, json};

use super::served::{Served, agent, operator};
use crate::drafts::{PEEK, PEEKED, new_draft, proposer};
use crate::home::{CHAT, Home};
use crate::service::Mistral;

/// The schema of an answer, with what it refers to.
fn schema(document: &Value, path: &str, method: &str, status: &str, kind: &str) -> Value {
    let content = &document["paths"][path][method]["responses"][status]["content"][kind]["schema"];
    assert!(content.is_object(), "{method} {path} does not describe {status} as {kind}");
    let mut schema = content.clone();
    schema["components"] = document["components"].clone();
    schema
}

#[test]
fn every_answer_is_as_described() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, person) = (agent(&home, "helper"), operator(&home, "person"));
    let served = Served::start(&home);
    let document = served.get("/openapi.json", "").is(200).json();
    assert_eq!(document["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));

    let execute = "/v1/actions/{port}/{action}/execute";
    let at = |action: &str| format!("/v1/actions/mistral/{action}/execute");
    let call = format!("{{\"input\":{CHAT}}}");
    let held = served.post(&at("chat-complete"), &token, &call).is(202);
    let id = held.json()["approval"].as_str().unwrap().to_owned();
    let other =
        served.post(&at("chat-complete"), &token, &call).is(202).json()["approval"].as_str().unwrap().to_owned();
    let third =
        served.post(&at("chat-complete"), &token, &call).is(202).json()["approval"].as_str().unwrap().to_owned();
    let (approve, revoke) = ("/v1/approvals/{id}/approve", "/v1/standing/{id}/revoke");
    let approval = |id: &str, rest: &str| format!("/v1/approvals/{id}{rest}");
    let one = "/v1/approvals/{id}";
    let builder = proposer(&home, "builder");
    let (new, changed) = (new_draft(PEEK), format!("{{\"template\":{PEEK}}}"));
    let made = served.post("/v1/drafts", &builder, &new).is(201);
    let draft_id = made.json()["id"].as_str().unwrap().to_owned();
    let draft = |rest: &str| format!("/v1/drafts/{draft_id}{rest}");
    let nothing = format!("{{\"digest\":\"sha256:{}\"}}", "0".repeat(64));
    for (path, method, reply) in [
        ("/health", "get", served.get("/health", "")),
        ("/v1/status", "get", served.get("/v1/status", &token)),
        ("/v1/status", "get", served.get("/v1/status", &person)),
        ("/v1/status", "get", served.get("/v1/status", "")),
        ("/v1/status", "get", served.get("/v1/status?x=1", &token)),
        ("/v1/ports", "get", served.get("/v1/ports", &token)),
        ("/v1/ports/{port}/actions", "get", served.get("/v1/ports/mistral/actions", &token)),
        ("/v1/ports/{port}/actions", "get", served.get("/v1/ports/none/actions", &token)),
        ("/v1/actions/{port}/{action}", "get", served.get("/v1/actions/mistral/chat-complete", &token)),
        (execute, "post", held),
        (execute, "post", served.post(&at("list-models"), &token, "{}")),
        (execute, "post", served.post(&at("list-models"), &token, r#"{"responseMode":"compact","select":"$.data"}"#)),
        (execute, "post", served.post(&at("list-models"), &token, r#"{"responseMode":"ok"}"#)),
        (execute, "post", served.post(&at("chat-complete"), &token, &call.replacen('{', "{\"dryRun\":true,", 1))),
        (execute, "post", served.post(&at("list-models"), &token, r#"{"input":{"x":1}}"#)),
        (execute, "post", served.post(&at("list-models"), &person, "{}")),
        (one, "get", served.get(&approval(&id, ""), &token)),
        ("/v1/approvals", "get", served.get("/v1/approvals?limit=1&state=pending", &person)),
        ("/v1/approvals/{id}/approve", "post", served.post(&approval(&id, "/approve"), &person, "{}")),
        ("/v1/approvals/{id}/approve", "post", served.post(&approval(&id, "/approve"), &person, "{}")),
        (approve, "post", served.post(&approval(&third, "/approve"), &person, r#"{"for":{"minutes":1,"uses":2}}"#)),
        (approve, "post", served.post(&approval(&third, "/approve"), &person, r#"{"for":{"minutes":0}}"#)),
        ("/v1/standing", "get", served.get("/v1/standing?all=true", &person)),
        ("/v1/standing", "get", served.get("/v1/standing", &token)),
        (revoke, "post", served.post("/v1/standing/std-0000000000000000/revoke", &person, "{}")),
        ("/v1/approvals/{id}/reject", "post", served.post(&approval(&other, "/reject"), &person, r#"{"reason":"no"}"#)),
        (one, "get", served.get(&approval(&id, "?waitMs=1&responseMode=full"), &token)),
        (one, "get", served.get(&approval(&other, ""), &token)),
        (one, "get", served.get(&approval(&id, ""), &person)),
        ("/v1/drafts", "post", made),
        ("/v1/drafts", "post", served.post("/v1/drafts", &builder, r#"{"port":"mistral","template":{"origin":"x"}}"#)),
        ("/v1/drafts", "post", served.post("/v1/drafts", &token, &new)),
        ("/v1/drafts", "get", served.get("/v1/drafts?state=open&limit=1", &builder)),
        ("/v1/drafts", "get", served.get("/v1/drafts", &person)),
        ("/v1/drafts/{id}", "get", served.get(&draft(""), &builder)),
        ("/v1/drafts/{id}", "get", served.get("/v1/drafts/drf-0000000000000000", &person)),
        ("/v1/drafts/{id}", "put", served.put(&draft(""), &builder, &changed)),
        ("/v1/drafts/{id}/validate", "post", served.post(&draft("/validate"), &builder, "{}")),
        ("/v1/drafts/{id}/test", "post", served.post(&draft("/test"), &builder, PEEKED)),
        ("/v1/drafts/{id}/test", "post", served.post(&draft("/test"), &builder, "{}")),
        (
            "/v1/drafts/{id}/test",
            "post",
            served.post(&draft("/test"), &builder, &PEEKED.replacen('{', "{\"live\":true,", 1)),
        ),
        ("/v1/drafts/{id}/request", "post", served.post(&draft("/request"), &builder, "{}")),
        ("/v1/drafts/{id}/request", "post", served.post(&draft("/request"), &builder, "{}")),
        ("/v1/drafts/{id}/diff", "get", served.get(&draft("/diff"), &person)),
        ("/v1/drafts/{id}/publish", "post", served.post(&draft("/publish"), &builder, &nothing)),
        ("/v1/drafts/{id}/publish", "post", served.post(&draft("/publish"), &person, &nothing)),
        ("/v1/drafts/{id}/reject", "post", served.post(&draft("/reject"), &person, "{}")),
        ("/v1/drafts/{id}/withdraw", "post", served.post(&draft("/withdraw"), &builder, "{}")),
        ("/v1/audit", "get", served.get("/v1/audit", &person)),
        ("/v1/audit", "get", served.get("/v1/audit?agent=helper&action=mistral/list-models&before=100", &person)),
    ] {
        let kind = reply.header("content-type").unwrap();
        let schema = schema(&document, path, method, &reply.status.to_string(), kind);
        let validator = jsonschema::options().build(&schema).unwrap();
        let body = reply.json();
        let problems: Vec<String> =
            validator.iter_errors(&body).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(problems.is_empty(), "{method} {path}: {problems:#?} in {body:#}");
    }
}

#[test]
fn every_route_is_described_with_its_refusals_and_its_token() {
    let home = Home::new("");
    let served = Served::start(&home);
    let document = served.get("/openapi.json", "").is(200).json();
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 23, "{:#?}", paths.keys());
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let responses = operation["responses"].as_object().unwrap();
            let mut wanted = vec!["403", "421", "500", "503"];
            if path != "/health" {
                wanted.extend(["400", "401"]);
                assert_eq!(operation["security"], json!([{"token": []}]), "{method} {path}");
            }
            if path.contains('{') {
                wanted.push("404");
            }
            if ["post", "put"].contains(&method.as_str()) {
                wanted.extend(["408", "413", "415"]);
                assert_eq!(operation["requestBody"]["required"], true, "{method} {path}");
            }
            for status in wanted {
                assert!(responses.contains_key(status), "{method} {path} does not describe {status}");
            }
            for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
                let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{method} {path} {status}");
            }
            assert!(operation["summary"].is_string() && operation["operationId"].is_string(), "{method} {path}");
        }
    }
}
