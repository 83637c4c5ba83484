//! Definitions: one text, one digest, and no other spelling of it.

use portcullis_model::{Definition, Digest, ManifestDraft};
use serde_json::{Value, json};

fn manifest() -> ManifestDraft {
    let action = |slug: &str| {
        json!({
            "slug": slug, "label": "Things", "description": "Reads \"things\".", "method": "GET", "path": "/v1/things",
            "query": ["a"], "headers": [], "body": "none", "input_schema": "{\"type\":\"object\"}",
            "output_schema": null, "approval": "automatic", "effect": "read", "result": "json",
            "traits": {"prompt_bearing": false, "billable": false},
            "examples": [{"title": "All", "input": "{}", "expected": {"method": "GET", "path": ["v1", "things"]}}],
        })
    };
    let manifest = json!({
        "version": "1.0.0",
        "port": {
            "slug": "things", "label": "Things", "description": "Keeps things.", "origin": "https://things.example.com",
            "auth": "bearer", "category": "storage", "tags": [],
            "publisher": {"slug": "example", "name": "Example Ltd", "website_url": null},
        },
        "actions": [action("list-things"), action("count-things")],
    });
    serde_json::from_value(manifest).unwrap()
}

fn definition() -> Definition {
    Definition::new(Digest::of(b"template"), manifest()).unwrap()
}

#[test]
fn what_was_written_is_read_back_with_the_same_digest() {
    let read = Definition::read(definition().as_str().as_bytes()).unwrap();
    assert_eq!((&read, read.digest()), (&definition(), Digest::of(definition().as_str().as_bytes())));
    assert_eq!((read.template(), read.manifest()), (Digest::of(b"template"), &manifest()));
}

#[test]
fn a_change_of_template_or_manifest_is_another_digest() {
    let other_template = Definition::new(Digest::of(b"another"), manifest()).unwrap();
    let mut changed = manifest();
    changed.actions[0].path.push('/');
    let other_manifest = Definition::new(Digest::of(b"template"), changed).unwrap();
    let digests = [definition().digest(), other_template.digest(), other_manifest.digest()];
    assert!(digests[0] != digests[1] && digests[0] != digests[2] && digests[1] != digests[2]);
}

#[test]
fn any_other_spelling_of_the_same_is_refused() {
    let text = definition().as_str().to_owned();
    let value: Value = serde_json::from_str(&text).unwrap();
    let turned = json!({"manifest": value["manifest"], "template": value["template"]});
    let digest = value["template"].as_str().unwrap();
    for other in [
        String::new(),
        "{}".to_owned(),
        format!(" {text}"),
        format!("{text}\n"),
        format!("{text}{text}"),
        text[..text.len() - 1].to_owned(),
        serde_json::to_string_pretty(&value).unwrap(),
        turned.to_string(),
        text.replacen('{', "{\"more\":1,", 1),
        text.replacen('{', &format!("{{\"template\":\"{digest}\","), 1),
        text.replace("\"version\"", "\"more\":1,\"version\""),
        text.replace("\"slug\":\"list-things\"", "\"slug\":\"list-things\",\"more\":null"),
        text.replace("\"label\"", "\"\\u006cabel\""),
        text.replace("Keeps", "\\u004beeps"),
        text.replace(digest, &digest.to_uppercase().replace("SHA", "sha")),
        text.replace("\"website_url\":null", "\"website_url\": null"),
        text.replace(",\"website_url\":null", ""),
        "[".repeat(10_000),
    ] {
        assert_ne!(other, text);
        assert!(Definition::read(other.as_bytes()).is_err(), "{other}");
    }
    assert!(Definition::read(b"\xff\xfe").is_err());
    assert!(Definition::read(text.as_bytes()).is_ok());
}

#[test]
fn a_changed_word_is_read_as_another_definition() {
    let text = definition().as_str().replace("things.example.com", "evil.example.com");
    let read = Definition::read(text.as_bytes()).unwrap();
    assert_ne!(read.digest(), definition().digest());
}

#[test]
fn of_one_action_it_says_that_action_and_the_port() {
    for slug in ["list-things", "count-things"] {
        let one = definition().of_action(slug).unwrap();
        let one = Definition::read(one.as_bytes()).unwrap();
        assert_eq!((one.template(), &one.manifest().port), (definition().template(), &manifest().port));
        assert_eq!(one.manifest().actions.iter().map(|action| action.slug.as_str()).collect::<Vec<_>>(), [slug]);
    }
    assert_eq!(definition().of_action("list-thing"), None);
}
