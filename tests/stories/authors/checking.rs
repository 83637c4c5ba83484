//! `portcullis check`: an error exits with 1, a warning only where that is asked for, and each finding has its fix.

use serde_json::{Value, json};

use super::workshop::{NOTES, Workshop};

/// An integration document whose one action has these words and this schema of a query parameter.
fn document(description: &str, approval: &str, schema: &Value) -> String {
    json!({
        "formatVersion": 1, "kind": "dock_integration", "slug": "notes", "title": "Notes",
        "summary": "Finds notes.", "description": "Notebooks of one account: finding notes in them.",
        "version": "1.0.0", "publisher": {"slug": "acme", "name": "Acme"}, "category": "Notes", "tags": ["notes"],
        "portTemplates": [{
            "kind": "http_api", "label": "Notes", "description": "Notebooks of one account, and finding notes in them.",
            "baseUrl": "https://api.notes.dev", "authMode": "header_token", "authHeaderName": "authorization",
            "authTokenPrefix": "Bearer",
        }],
        "actionTemplates": [{
            "slug": "find-notes", "label": "Find notes", "description": description, "method": "GET", "path": "/v1/notes",
            "inputs": {"parameters": [
                {"name": "words", "in": "query", "schema": schema, "description": "Words to look for."},
            ]},
            "approvalMode": approval, "requestBodyMode": "none", "resultMode": "json",
        }],
    })
    .to_string()
}

const SAID: &str = "Lists notes, the newest first. Call it before adding one.";

#[test]
fn an_error_exits_with_1_and_says_where_and_how_to_mend_it() {
    let workshop = Workshop::new();
    let open = json!({"type": "object", "properties": {}});
    workshop.write("open.json", document(SAID, "automatic", &open));
    let found = workshop.run(["check", "open.json", "--json"]).exits(1).json();
    assert_eq!(found["id"], "notes", "{found:#}");
    let finding = &found["findings"][0];
    assert_eq!((&finding["severity"], &finding["rule"]), (&"error".into(), &"open-object".into()), "{found:#}");
    assert!(finding["at"].as_str().unwrap().starts_with("find-notes: input-schema/"), "{found:#}");
    let shown = workshop.run(["check", "open.json"]).exits(1);
    assert!(shown.out.contains("open-object") && shown.out.contains("fix: add `\"additionalProperties\": false`"));
    assert!(shown.err.contains("1 error,"), "{shown:?}");
}

#[test]
fn a_warning_exits_with_1_only_where_that_is_asked_for() {
    let workshop = Workshop::new();
    let text = json!({"type": "string"});
    workshop.write("loose.json", document(SAID, "automatic", &text));
    let found = workshop.run(["check", "loose.json", "--json"]).exits(0).json();
    let rules: Vec<&Value> = found["findings"].as_array().unwrap().iter().map(|finding| &finding["rule"]).collect();
    assert!(rules.contains(&&"unbounded-string".into()), "{found:#}");
    assert_eq!(found["errors"], 0);
    workshop.run(["check", "loose.json", "--strict"]).exits(1);
}

#[test]
fn the_starter_has_nothing_to_mend() {
    let workshop = Workshop::new();
    workshop.holding_notes();
    let shown = workshop.run(["check", NOTES, "--strict"]).exits(0);
    assert!(shown.err.contains("0 errors, 0 warnings"), "{shown:?}");
    let hints: Vec<&str> = shown.out.lines().filter(|line| !line.trim_start().starts_with("fix:")).collect();
    assert!(hints.iter().all(|hint| hint.contains("placeholder-origin")), "{hints:?}");
}

#[test]
fn what_no_host_installs_is_told_with_the_rest() {
    let workshop = Workshop::new();
    workshop.write("many.wasm", portcullis_gateway::built_in("many_problems").unwrap());
    let found = workshop.run(["check", "many.wasm", "--json"]).exits(1).json();
    let refused = |finding: &&Value| finding["rule"] == "host-refuses";
    assert!(found["findings"].as_array().unwrap().iter().filter(refused).count() > 1, "{found:#}");
}

#[test]
fn the_shipped_plugin_has_no_error() {
    let workshop = Workshop::new();
    workshop.write("mistral.wasm", portcullis_gateway::built_in("mistral").unwrap());
    let found = workshop.run(["check", "mistral.wasm", "--json"]).exits(0).json();
    assert_eq!(found["errors"], 0, "{found:#}");
}

#[test]
fn a_component_that_was_not_built_says_what_to_type() {
    let workshop = Workshop::new();
    workshop.write("notes/pyproject.toml", "[project]\nname = \"notes\"\n");
    for verb in ["check", "test"] {
        let refusal = workshop.run([verb, "notes", "--json"]).refused("bad-request");
        assert_eq!(refusal["fix"], "portcullis build notes");
    }
}
