//! What a model reads is safe to read, and no plugin talks a client out of asking.

use portcullis_model::{ActionDraft, ApprovalMode, BodyMode, Manifest, ManifestDraft, ResultMode, Traits};

use super::*;

fn action(method: Method, effect: Effect, schema: &Value) -> Action {
    let draft = ActionDraft {
        slug: "act".to_owned(),
        label: "Act".to_owned(),
        description: "Does something.".to_owned(),
        method,
        path: "/v1/x".to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body: BodyMode::None,
        input_schema: schema.to_string(),
        output_schema: None,
        approval: ApprovalMode::Automatic,
        effect,
        result: ResultMode::Json,
        traits: Traits::default(),
        examples: vec![example()],
    };
    let manifest = json!({
        "version": "1.0.0",
        "port": {
            "slug": "p", "label": "P", "description": "P.", "origin": "https://example.com", "auth": "bearer",
            "category": "c", "tags": [], "publisher": {"slug": "p", "name": "P", "website_url": null}
        },
        "actions": []
    });
    let mut manifest: ManifestDraft = serde_json::from_value(manifest).unwrap();
    manifest.actions = vec![draft];
    Manifest::check(manifest).unwrap().actions()[0].clone()
}

fn example() -> portcullis_model::Example {
    serde_json::from_value(json!({
        "title": "one", "input": "{}",
        "expected": {"method": "GET", "path": ["v1", "x"], "query": [], "headers": [], "body": null}
    }))
    .unwrap()
}

fn id() -> ActionId {
    "p/act".parse().unwrap()
}

#[test]
fn only_a_safe_method_that_says_it_reads_is_hinted_as_reading() {
    let schema = json!({"type": "object"});
    let cases = [
        (Method::Get, Effect::Read, [true, false, true]),
        (Method::Head, Effect::Read, [true, false, true]),
        (Method::Post, Effect::Read, [false, false, false]),
        (Method::Get, Effect::Write, [false, false, true]),
        (Method::Get, Effect::Destructive, [false, true, true]),
        (Method::Put, Effect::Write, [false, false, true]),
        (Method::Patch, Effect::Write, [false, false, false]),
        (Method::Delete, Effect::Write, [false, true, true]),
    ];
    for (method, effect, expected) in cases {
        let tool = of(&id(), &action(method, effect, &schema), "automatic");
        let hints = tool.annotations.unwrap();
        let seen = [hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint].map(Option::unwrap);
        assert_eq!(seen, expected, "{method} {effect}");
        assert_eq!(hints.open_world_hint, Some(true));
    }
}

#[test]
fn the_first_line_is_the_hosts_and_the_plugin_cannot_move_it() {
    let mut act = action(Method::Post, Effect::Write, &json!({"type": "object"}));
    act.description = format!("a\u{202e}b\u{1b}[2J\u{200b}{}", "x".repeat(3_000));
    act.label = "l\u{202e}".to_owned();
    let tool = of(&id(), &act, "require_approval");
    let description = tool.description.unwrap();
    assert!(description.starts_with("[POST write; a person approves each request"), "{description}");
    assert!(!description.contains(['\u{202e}', '\u{1b}', '\u{200b}']), "{description}");
    assert!(description.len() < MAX_DESCRIPTION + 300, "{}", description.len());
    assert_eq!(tool.title.as_deref(), Some("l\\u{202e}"));
}

#[test]
fn texts_of_a_schema_are_made_safe_and_what_is_compared_is_kept() {
    let mut schema = json!({
        "type": "object",
        "description": "d\u{202e}",
        "properties": {
            "description": {"type": "string", "title": "t\u{200b}", "enum": ["\u{202e}"], "description": "n".repeat(900)},
            "x": {"default": {"description": "\u{202e}"}}
        }
    });
    schema["properties"]["y"] = json!({"anyOf": [{"$comment": "c\u{1b}"}]});
    let tool = of(&id(), &action(Method::Get, Effect::Read, &schema), "automatic");
    let shown = Value::Object(tool.input_schema.as_ref().clone());
    assert_eq!(shown["description"], "d\\u{202e}");
    assert_eq!(shown["properties"]["description"]["title"], "t\\u{200b}");
    assert_eq!(shown["properties"]["description"]["enum"][0], "\u{202e}");
    assert_eq!(shown["properties"]["x"]["default"]["description"], "\u{202e}");
    assert_eq!(shown["properties"]["y"]["anyOf"][0]["$comment"], "c\\u{1b}");
    assert!(shown["properties"]["description"]["description"].as_str().unwrap().len() < MAX_NOTE + 40);
    assert!(shown["properties"]["_portcullis"].is_object());
}

#[test]
fn every_input_schema_has_an_object_at_its_root() {
    for schema in [json!({}), json!({"type": ["object", "null"]}), json!({"type": "array"}), json!({"oneOf": [{}]})] {
        let tool = of(&id(), &action(Method::Get, Effect::Read, &schema), "automatic");
        assert_eq!(tool.input_schema["type"], "object", "{schema}");
    }
}

#[test]
fn a_declared_output_schema_is_quoted_and_never_in_force() {
    let mut act = action(Method::Get, Effect::Read, &json!({"type": "object"}));
    act.output_schema =
        Some(json!({"type": "string", "pattern": "(?<n>a)\\k<n>", "$id": "https://example.com/\u{202e}"}));
    let schema = Value::Object(of(&id(), &act, "automatic").output_schema.unwrap().as_ref().clone());
    let result = schema["properties"]["result"].as_object().unwrap();
    assert_eq!(result.keys().collect::<Vec<_>>(), ["description"]);
    let quoted = result["description"].as_str().unwrap();
    assert!(quoted.contains("\"pattern\"") && !quoted.contains('\u{202e}'), "{quoted}");
    act.output_schema = Some(json!({"description": "x".repeat(MAX_NOTE * 10)}));
    let schema = Value::Object(of(&id(), &act, "automatic").output_schema.unwrap().as_ref().clone());
    assert!(schema.to_string().len() < 3_000);
}
