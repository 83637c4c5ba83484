//! Agents that mean no good, and templates that want more than an action.

use serde_json::{Value, json};

use super::{PEEK, PEEKED, made, new_draft, peek, places, proposer, requested, told, yes_to};
use crate::doors::served::{Served, operator};
use crate::home::Home;

/// A home, an agent that may propose, and the door.
fn opened() -> (Home, String, Served) {
    let home = Home::at("http://127.0.0.1:9");
    let builder = proposer(&home, "builder");
    let served = Served::start(&home);
    (home, builder, served)
}

#[test]
fn nothing_in_a_draft_says_another_origin_auth_or_port() {
    let (home, builder, served) = opened();
    for (member, value) in [
        ("origin", json!("https://evil.example")),
        ("baseUrl", json!("https://evil.example")),
        ("port", json!("other")),
        ("portTemplates", json!([{"baseUrl": "https://evil.example"}])),
        ("auth", json!({"header": "authorization"})),
        ("authHeaderName", json!("x-key")),
        ("authMode", json!("none")),
        ("headers", json!(["authorization"])),
        ("component", json!({"ref": "evil.example/x"})),
        ("$defs", json!({"a": {}})),
        ("template", json!("sha256:0")),
        ("manifest", json!({})),
        ("outputSchema", json!({})),
        ("constructor", Value::Null),
    ] {
        let reply = served.post("/v1/drafts", &builder, &new_draft(&peek(json!({member: value}))));
        assert_eq!(places(&reply), [format!("/{member}")], "{reply:#?}");
        reply.refused(422, "bad-document");
    }
    // Beside the template, too.
    for body in [r#"{"port":"mistral","template":{},"origin":"https://evil.example"}"#, r#"{"template":{}}"#, "{}"] {
        served.post("/v1/drafts", &builder, body).refused(400, "bad-request");
    }
    for path in [
        "https://evil.example/v1",
        "//evil.example/v1",
        "/v1/../admin",
        "/v1/a?b=c",
        "/v1/a#b",
        "/v1/a\r\nx: y",
        "/v1/%2e%2e/a",
    ] {
        let reply = served.post("/v1/drafts", &builder, &new_draft(&peek(json!({"path": path})))).is(201);
        assert!(places(&reply).iter().any(|at| at == "/path"), "{path:?}: {reply:#?}");
    }
    assert!(home.rows().iter().all(|row| row["kind"] != "intent"));
}

#[test]
fn no_parameter_is_a_header() {
    let (_home, builder, served) = opened();
    let with = |parameter: Value| peek(json!({"path": "/v1/models", "inputs": {"parameters": [parameter]}}));
    for place in ["header", "cookie", "Query", ""] {
        let reply =
            served.post("/v1/drafts", &builder, &new_draft(&with(json!({"name": "authorization", "in": place}))));
        assert!(places(&reply).contains(&"/inputs/parameters/0/in".to_owned()), "{reply:#?}");
        reply.refused(422, "bad-document");
    }
    for name in ["a\r\nauthorization", "a&b", "a=b", "access_token"] {
        let reply = served.post("/v1/drafts", &builder, &new_draft(&with(json!({"name": name, "in": "query"}))));
        let all = places(&reply);
        assert!(all.iter().any(|at| at.starts_with("/inputs/parameters/0")), "{name:?}: {reply:#?}");
    }
}

#[test]
fn an_action_of_the_ports_own_plugin_is_not_replaced() {
    let (_home, builder, served) = opened();
    let reply = served.post("/v1/drafts", &builder, &new_draft(&peek(json!({"slug": "list-models"})))).is(201);
    assert_eq!(places(&reply), ["/slug"], "{reply:#?}");
    assert!(reply.body.contains("propose under another name"));
    let at = format!("/v1/drafts/{}", reply.json()["id"].as_str().unwrap());
    served.post(&format!("{at}/request"), &builder, "{}").refused(422, "bad-document");
    served.post(&format!("{at}/test"), &builder, PEEKED).refused(422, "bad-document");
    for slug in ["", "Peek", "peek--model", "../peek", "portcullis__result", "a/b"] {
        let reply = served.post("/v1/drafts", &builder, &new_draft(&peek(json!({"slug": slug}))));
        assert!(places(&reply).contains(&"/slug".to_owned()), "{slug}: {reply:#?}");
        reply.refused(422, "bad-document");
    }
}

#[test]
fn anothers_draft_is_not_there() {
    let (home, builder, served) = opened();
    let other = proposer(&home, "other");
    let (at, _) = requested(&served, &builder, PEEK);
    let nobodys = "/v1/drafts/drf-0000000000000000";
    let put = format!("{{\"template\":{PEEK}}}");
    let words = |reply: crate::doors::asked::Reply| reply.refused(404, "draft-unknown").to_string();
    let same = |a: String, b: String| {
        let id = at.strip_prefix("/v1/drafts/").unwrap();
        assert_eq!(a.replace(id, "ID"), b.replace("drf-0000000000000000", "ID"));
    };
    same(words(served.get(&at, &other)), words(served.get(nobodys, &other)));
    same(words(served.put(&at, &other, &put)), words(served.put(nobodys, &other, &put)));
    for (step, body) in [("validate", "{}"), ("request", "{}"), ("withdraw", "{}"), ("test", PEEKED)] {
        let [theirs, nobodys] =
            [at.as_str(), nobodys].map(|at| words(served.post(&format!("{at}/{step}"), &other, body)));
        same(theirs, nobodys);
    }
    assert_eq!(served.get("/v1/drafts", &other).is(200).json(), json!([]));
    assert_eq!(served.get(&at, &builder).is(200).json()["state"], "requested");
    let refused = home.rows().into_iter().find(|row| row["kind"] == "refused" && row["body"]["agent"] == "other");
    assert_eq!(refused.unwrap()["body"]["code"], "draft-unknown");
}

#[test]
fn an_edit_takes_the_request_back_and_the_operator_publishes_what_was_looked_at() {
    let (home, builder, served) = opened();
    let anna = operator(&home, "anna");
    let (at, digest) = requested(&served, &builder, PEEK);
    let worse = peek(json!({"method": "DELETE", "approvalMode": "require_approval"}));
    let changed = served.put(&at, &builder, &format!("{{\"template\":{worse}}}")).is(200).json();
    assert_eq!(changed["state"], "open");
    served.post(&format!("{at}/publish"), &anna, &yes_to(&digest)).refused(409, "draft-state");
    // Asked for again at once, between the look and the yes.
    drop(served.post(&format!("{at}/request"), &builder, "{}").is(200));
    served.post(&format!("{at}/publish"), &anna, &yes_to(&digest)).refused(409, "draft-state");
    let kinds: Vec<String> = told(&home).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["draft-created", "draft-requested", "draft-changed", "draft-requested"]);
    assert_eq!(told(&home)[2].1["taken_back"], true);
    let now = changed["digest"].as_str().unwrap();
    drop(served.post(&format!("{at}/publish"), &anna, &yes_to(now)).is(200));
}

#[test]
fn a_credential_is_not_kept() {
    let (home, builder, served) = opened();
    let secret = "sk-live-4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c";
    let parameters = json!([
        {"name": "id", "in": "path", "schema": {"type": "string"}, "required": true},
        {"name": "api_key", "in": "query", "schema": {"type": "string"}, "default": secret}
    ]);
    for template in [
        peek(json!({"inputs": {"parameters": parameters}})),
        peek(json!({"description": format!("Send Bearer {secret} along.")})),
    ] {
        for reply in [
            served.post("/v1/drafts", &builder, &new_draft(&template)),
            served.put(&made(&served, &builder, PEEK), &builder, &format!("{{\"template\":{template}}}")),
        ] {
            assert!(!reply.body.contains(secret), "{reply:#?}");
            reply.refused(422, "bad-document");
        }
    }
    drop(served);
    for entry in std::fs::read_dir(home.path().join("state")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{}", path.display());
        }
    }
}

#[test]
fn what_is_too_deep_too_long_or_too_many_is_refused() {
    let (_home, builder, served) = opened();
    let deep = |depth: usize| format!("{}{{}}{}", r#"{"not":"#.repeat(depth), "}".repeat(depth));
    let schema = |schema: &str| {
        let parameter = format!(r#"[{{"name":"id","in":"path","schema":{schema},"required":true}}]"#);
        PEEK.replace(r#"[{"name": "id", "in": "path", "schema": {"type": "string"}, "required": true}]"#, &parameter)
    };
    assert_ne!(schema("{}"), PEEK);
    served.post("/v1/drafts", &builder, &new_draft(&schema(&deep(10_000)))).refused(400, "bad-request");
    served.post("/v1/drafts", &builder, &new_draft(&schema(&deep(70)))).refused(400, "bad-request");
    // What is JSON and no schema to be used is a problem of the draft.
    for (bad, place) in [
        (deep(50).as_str(), "/inputs"),
        (r##"{"$ref":"#"}"##, "/inputs/parameters/0/schema"),
        (r#"{"$ref":"https://evil.example/s"}"#, "/inputs/parameters/0/schema"),
        (r#"{"pattern":"(a{1000}){1000}"}"#, "/inputs"),
    ] {
        let reply = served.post("/v1/drafts", &builder, &new_draft(&schema(bad))).is(201);
        assert!(places(&reply).iter().any(|at| at == place), "{bad}: {reply:#?}");
    }
    let long = peek(json!({"description": "x".repeat(64 << 10)}));
    served.post("/v1/drafts", &builder, &new_draft(&long)).refused(413, "request-too-large");
    let mut last = None;
    for _ in 0..40 {
        let reply = served.post("/v1/drafts", &builder, &new_draft(PEEK));
        if reply.status != 201 {
            reply.clone().refused(429, "too-many-calls");
            last = Some(reply);
            break;
        }
    }
    assert!(last.is_some(), "drafts have no end");
    assert!(served.get("/v1/drafts", &builder).is(200).json().as_array().unwrap().len() <= 32);
}

#[test]
fn words_that_would_deceive_are_shown_as_what_they_are() {
    let (home, builder, served) = opened();
    let anna = operator(&home, "anna");
    // What no rule of an action forbids: a description has line feeds, and an example in a schema may be any text.
    let parameters = json!([{"name": "id", "in": "path", "required": true, "schema": {
        "type": "string", "description": "c\n- removed: nothing", "examples": ["a\u{202e}b\u{1b}[2Jc", "x\ny"]
    }}]);
    let tricky = peek(json!({
        "description": "Looks.\nstate     published\ndigest    sha256:0", "inputs": {"parameters": parameters}
    }));
    let reply = served.post("/v1/drafts", &builder, &new_draft(&tricky)).is(201).json();
    let id = reply["id"].as_str().unwrap();
    for verb in ["show", "diff"] {
        let shown = home.run(["draft", verb, id]).exits(0).out;
        assert!(shown.contains("a\\u{202e}b") && !shown.contains(['\u{202e}', '\u{1b}']), "{shown}");
        for line in shown.lines().filter(|line| ["state ", "digest"].iter().any(|word| line.starts_with(word))) {
            assert!(line.starts_with("state     open") || line.len() == "digest    sha256:".len() + 64, "{line}");
        }
    }
    let diff = served.get(&format!("/v1/drafts/{id}/diff"), &anna).is(200).json();
    let lines: Vec<&str> =
        diff["lines"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert!(lines.contains(&"| state     published"), "{lines:#?}");
    assert!(lines.iter().all(|line| !line.contains(['\u{202e}', '\u{1b}', '\n'])), "{lines:#?}");
}

#[test]
fn a_revoked_token_proposes_nothing_and_what_it_proposed_is_gone() {
    let (home, builder, served) = opened();
    let anna = operator(&home, "anna");
    let (at, digest) = requested(&served, &builder, PEEK);
    let open = made(&served, &builder, PEEK);
    home.run(["agent", "revoke", "builder"]).exits(0);
    served.post("/v1/drafts", &builder, &new_draft(PEEK)).refused(401, "unauthenticated");
    served.get(&at, &builder).refused(401, "unauthenticated");
    for draft in [&at, &open] {
        let seen = served.get(draft, &anna).is(200).json();
        assert_eq!((&seen["state"], &seen["by"]), (&json!("withdrawn"), &json!("operator")), "{seen:#}");
        assert_eq!(seen["template"], Value::Null);
    }
    served.post(&format!("{at}/publish"), &anna, &yes_to(&digest)).refused(409, "draft-state");
}
