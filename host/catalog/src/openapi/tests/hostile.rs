//! Descriptions that are meant to take all of the time or the memory, or to get something past a reader.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use portcullis_model::Code;
use serde_json::{Value, json};

use super::{description, operation, post, text, value, with};
use crate::openapi::{Imported, MAX_BYTES};

/// Whatever is imported, it is over in a while, on a machine that has other things to do.
const WHILE: Duration = Duration::from_secs(60);

fn in_time<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    let took = start.elapsed();
    println!("{what}: {} ms", took.as_millis());
    assert!(took < WHILE, "{what} took {took:?}");
    done
}

fn refused(what: &str, description: &str) -> String {
    let refusal = in_time(what, || text(description)).err().unwrap_or_else(|| panic!("{what} was imported"));
    assert_eq!(refusal.code(), Code::BadDocument, "{what}");
    let shown = format!("{} {}", refusal.message(), refusal.way_out().unwrap_or_default());
    assert!(shown.len() < 2_000, "{what} is told in {} bytes", shown.len());
    shown
}

#[test]
fn nothing_is_read_that_is_too_long_or_too_deep() {
    for (what, text, why) in [
        ("100 MB of nothing", " ".repeat(100 << 20), "100 MiB"),
        ("16 MiB of spaces", " ".repeat(MAX_BYTES), "openapi"),
        ("16 MiB of line feeds", "\n".repeat(MAX_BYTES), "openapi"),
        ("a list of 16 MiB", format!("[{}", "1,".repeat(MAX_BYTES / 2 - 1)), "budget"),
        ("an object of empty lists", format!("{{\"a\":[{}", "[],".repeat(MAX_BYTES / 3 - 4)), "values"),
        ("a YAML list of 16 MiB", "- 1\n".repeat(MAX_BYTES / 4), "budget"),
        ("JSON ten thousand deep", format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000)), "deeper"),
        ("YAML flow ten thousand deep", format!("a: {}{}", "[".repeat(10_000), "]".repeat(10_000)), "read"),
        (
            "YAML blocks ten thousand deep",
            (0..10_000).fold(String::new(), |s, n| s + &" ".repeat(n % 200) + "a:\n"),
            "",
        ),
        ("YAML dashes", "- ".repeat(1 << 20), "read"),
        ("a key of 16 MiB", format!("\"{}", "k".repeat(MAX_BYTES - 10)), "read"),
        ("a comment of 16 MiB", format!("# {}", "c".repeat(MAX_BYTES - 10)), "openapi"),
        ("a JSON text that ends early", r#"{"openapi": "3.1.0", "#.to_owned(), "read"),
        ("a text with a null", "openapi: 3.1.0\u{0}".to_owned(), "read"),
    ] {
        let told = refused(what, &text);
        assert!(told.contains(why), "{what}: {told}");
    }
}

#[test]
fn aliases_that_would_grow_without_end_are_stopped() {
    let mut doubling = "a0: &a0 [x, x]\n".to_owned();
    for n in 1..64 {
        writeln!(doubling, "a{n}: &a{n} [*a{}, *a{}]", n - 1, n - 1).unwrap();
    }
    refused("sixty-four doublings", &doubling);
    let aliases = |count: usize| format!("a: &a x\nb: [{}]\n", "*a, ".repeat(count));
    refused("a million aliases", &aliases(1_000_000));
    assert!(refused("eleven thousand aliases", &aliases(11_000)).contains("liases"));
    assert!(refused("five thousand aliases", &aliases(5_000)).contains("does not say"), "they can be read");
    let replayed = format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(1_000), "*a, ".repeat(200));
    assert!(refused("two hundred times a thousand", &replayed).contains("cannot be read"));
    refused("a hundred thousand anchors", &(0..100_000).fold(String::new(), |s, n| s + &format!("k{n}: &a{n} x\n")));
    refused("an alias to itself", "openapi: &a [*a]\n");
    let merged =
        (1..2_000).fold("m0: &m0 {a: 1}\n".to_owned(), |s, n| s + &format!("m{n}: &m{n} {{<<: *m{}}}\n", n - 1));
    refused("two thousand merges", &merged);
}

#[test]
fn references_that_lead_back_or_apart_stop_at_their_operation() {
    let parameter_loop = json!({"/a": {"get": operation(json!({"parameters": [{"$ref": "#/components/parameters/x"}]}))},
        "/b": {"get": operation(json!({}))}});
    let components = json!({"components": {"parameters": {"x": {"$ref": "#/components/parameters/y"},
        "y": {"$ref": "#/components/parameters/x"}}}});
    let imported = value(&with(description("3.1.0", parameter_loop), components)).unwrap();
    assert!(imported.out()[0].contains("leads back to itself"), "{:?}", imported.out());
    assert_eq!(imported.document.action_templates.len(), 1);

    let item_loop =
        json!({"/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"}, "/c": {"get": operation(json!({}))}});
    let imported = value(&description("3.1.0", item_loop)).unwrap();
    assert_eq!(imported.left_out.len(), 2);

    for (what, schemas) in [
        ("a reference to itself", json!({"a": {"$ref": "#/components/schemas/a"}})),
        (
            "two that lead to one another",
            json!({"a": {"allOf": [{"$ref": "#/components/schemas/b"}]},
            "b": {"anyOf": [{"$ref": "#/components/schemas/a"}]}}),
        ),
    ] {
        let refusal = in_time(what, || post("3.1.0", json!({"$ref": "#/components/schemas/a"}), schemas)).unwrap_err();
        assert!(refusal.places()[0].what.contains("leads back to itself"), "{what}: {:?}", refusal.places());
    }
}

fn doubling(levels: usize, of: impl Fn(&str) -> Value) -> Value {
    let mut schemas = json!({"a0": {"type": "string"}});
    for n in 1..=levels {
        schemas[format!("a{n}")] = of(&format!("#/components/schemas/a{}", n - 1));
    }
    schemas
}

#[test]
fn schemas_that_double_with_each_level_are_stopped() {
    for (what, schemas) in [
        ("doubling in place", doubling(60, |next| json!({"allOf": [{"$ref": next}, {"$ref": next}]}))),
        ("doubling in place by choice", doubling(60, |next| json!({"oneOf": [{"$ref": next}, {"$ref": next}]}))),
        ("a chain of ten thousand", doubling(10_000, |next| json!({"allOf": [{"$ref": next}]}))),
        (
            "a chain of ten thousand members",
            doubling(10_000, |next| json!({"required": ["a"], "properties": {"a": {"$ref": next}}})),
        ),
    ] {
        let last = json!({"$ref": format!("#/components/schemas/a{}", schemas.as_object().unwrap().len() - 1)});
        let refusal = in_time(what, || post("3.1.0", last, schemas)).unwrap_err();
        assert_eq!(refusal.places().len(), 1, "{what}");
    }
    // A tree of twice as many members with each level is small as it is written, and its examples are bounded.
    let tree =
        doubling(60, |next| json!({"required": ["a", "b"], "properties": {"a": {"$ref": next}, "b": {"$ref": next}}}));
    in_time("doubling members", || drop(post("3.1.0", json!({"$ref": "#/components/schemas/a60"}), tree)));
}

#[test]
fn what_many_operations_share_is_not_worked_on_without_end() {
    let choices: Vec<Value> = (0..500).map(|n| json!({"const": n.to_string()})).collect();
    let names = || (0..400).map(|n| format!("p{n}"));
    let parameter = |name: &str| json!({"name": name, "in": "query", "schema": {"$ref": "#/components/schemas/s"}});
    let parameters: Value = names().map(|name| (name.clone(), parameter(&name))).collect();
    let shared: Vec<Value> = names().map(|name| json!({"$ref": format!("#/components/parameters/{name}")})).collect();
    let mut paths = json!({});
    for n in 0..500 {
        paths[format!("/p{n}")] = json!({"get": operation(json!({})), "parameters": shared.clone()});
    }
    let components = json!({"components": {"schemas": {"s": {"anyOf": choices}}, "parameters": parameters}});
    let all = with(description("3.1.0", paths), components).to_string();
    let told = refused("four hundred parameters that five hundred operations share", &all);
    assert!(told.contains("too large"), "{told}");
}

/// So many paths that are one and the same, by reference.
fn all_alike(paths: usize, item: &Value, components: Value) -> String {
    let mut all = json!({"/p": item});
    for n in 0..paths {
        all[format!("/p{n}")] = json!({"$ref": "#/paths/~1p"});
    }
    with(description("3.1.0", all), json!({"components": components})).to_string()
}

#[test]
fn what_is_large_and_shared_by_reference_is_paid_for_by_each() {
    let servers: Vec<Value> = (0..20_000).map(|n| json!({"url": format!("https://s{n}.example")})).collect();
    let schemes: Value = (0..20_000).map(|n| (format!("s{n}"), json!([]))).collect();
    let answers: Value = (0..20_000).map(|n| (format!("2{n}"), json!({"content": {"image/png": {}}}))).collect();
    let values: Vec<String> = (0..20_000).map(|n| format!("value {n}")).collect();
    let text = "word ".repeat(200_000);
    let parameter = |members: Value| {
        let parameter = with(json!({"name": "q", "in": "query", "schema": {"type": "string"}}), members);
        operation(json!({"parameters": [parameter]}))
    };
    let body = |schema: Value| operation(json!({"requestBody": {"content": {"application/json": schema}}}));
    for (what, item) in [
        ("servers", json!({"servers": servers, "get": operation(json!({}))})),
        ("schemes", json!({"get": operation(json!({"security": [schemes]}))})),
        ("answers", json!({"get": {"responses": answers}})),
        ("a description", json!({"get": operation(json!({"description": text}))})),
        ("a parameter's description", json!({"get": parameter(json!({"description": text}))})),
        (
            "a schema's description",
            json!({"get": parameter(json!({"schema": {"type": "string", "description": text}}))}),
        ),
        ("a parameter's values", json!({"get": parameter(json!({"schema": {"enum": values}}))})),
        (
            "a parameter's examples",
            json!({"get": parameter(json!({"schema": {"type": "string", "examples": values}}))}),
        ),
        ("a parameter's example", json!({"get": parameter(json!({"example": text}))})),
        ("a body's example", json!({"post": body(json!({"example": values}))})),
        ("a body's names", json!({"post": body(json!({"schema": {"required": values}}))})),
        (
            "a form's fields",
            json!({"post": operation(json!({"requestBody": {"content": {"application/x-www-form-urlencoded":
            {"schema": {"properties": values.iter().map(|v| (v.clone(), json!({}))).collect::<Value>()}}}}}))}),
        ),
    ] {
        let all = all_alike(1_990, &item, json!({}));
        refused(&format!("{what} of two thousand operations"), &all);
    }
}

#[test]
fn a_path_of_a_million_parts_and_a_reference_of_a_million_letters_lead_nowhere() {
    let paths = json!({format!("/{}", "{a}/".repeat(1_000_000)): {"get": operation(json!({}))},
        "/b": {"get": operation(json!({"parameters": [{"$ref": format!("#/{}", "a/".repeat(1_000_000))}]}))},
        "/c": {"get": operation(json!({"operationId": "a".repeat(1_000_000), "summary": "b".repeat(1_000_000)}))}});
    let imported = in_time("long names", || value(&description("3.1.0", paths))).unwrap();
    assert_eq!((imported.document.action_templates.len(), imported.left_out.len()), (1, 2));
    assert!(imported.out().iter().all(|line| line.len() < 600), "{:?}", imported.out());
}

#[test]
fn a_hundred_thousand_operations_are_too_many_for_one_port() {
    let all = |count: usize| {
        let mut paths = json!({});
        for n in 0..count {
            paths[format!("/p{n}")] = json!({"get": {"operationId": "same"}});
        }
        description("3.1.0", paths).to_string()
    };
    assert!(refused("a hundred thousand operations", &all(100_000)).contains("more than 20000 operations"));
    assert!(refused("ten thousand operations", &all(10_000)).contains("--only"));
}

#[test]
fn a_description_of_patterns_and_examples_ends() {
    let patterns: Value = (0..50_000).map(|n| json!({"pattern": format!("^x{n}(a+)+$")})).collect();
    drop(in_time("fifty thousand patterns", || post("3.1.0", json!({"anyOf": patterns}), json!({}))));
    let examples: Value = (0..5_000)
        .map(|n| json!({"name": format!("p{n}"), "in": "query", "example": "x", "schema": {"type": "integer"}}))
        .collect();
    let mut paths = json!({});
    for n in 0..500 {
        let parameters = &examples.as_array().unwrap()[..100];
        paths[format!("/p{n}")] = json!({"get": operation(json!({"parameters": parameters}))});
    }
    let imported = in_time("fifty thousand examples", || value(&description("3.1.0", paths))).unwrap();
    assert!(imported.all_notes().contains("does not pass"));
}

fn titles(imported: &Imported) -> Vec<String> {
    let actions = &imported.document.action_templates;
    actions.iter().flat_map(|a| [a.label.clone(), a.description.clone()]).collect()
}

#[test]
fn a_description_cannot_show_what_it_does_not_say() {
    let hidden = "List\u{202e}eteled\u{200b}\u{1b}[2J\r\nall";
    let paths = json!({"/a": {"get": operation(json!({"operationId": "list\u{202e}x", "summary": hidden, "description": hidden,
        "parameters": [{"name": "q", "in": "query", "description": hidden, "schema": {"type": "string", "description": hidden}}]}))},
        "/\u{202e}b": {"get": operation(json!({}))}});
    let info = json!({"info": {"title": hidden, "version": hidden, "description": hidden, "contact": {"name": hidden, "url": "https://a@b.example"}}});
    let imported = value(&with(description("3.1.0", paths), info)).unwrap();
    let all = format!("{:?} {:?} {} {:?}", imported.document, titles(&imported), imported.all_notes(), imported.out());
    for deceiving in ["\\u{202e}", "\\u{200b}", "\\u{1b}"] {
        let raw = serde_json::to_string(&imported.document).unwrap();
        assert!(
            !raw.contains('\u{202e}') && !raw.contains('\u{200b}') && !raw.contains("\\u001b"),
            "{deceiving} in {all}"
        );
    }
    assert!(imported.out().iter().all(|line| !line.contains('\u{202e}')));
    assert!(!imported.all_notes().contains('\u{202e}'));
    assert_eq!(imported.document.publisher.website_url, None);
}

#[test]
fn what_looks_like_a_credential_is_left_out_and_said() {
    let key = "sk-proj-4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c";
    let paths = json!({"/a": {"post": operation(json!({"description": format!("Call it with {key}."),
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object",
            "properties": {"password": {"type": "string", "default": "hunter22", "examples": ["correct horse"]},
                "note": {"type": "string", "example": format!("Bearer {key}")}}}}}}}))}});
    let imported = value(&description("3.1.0", paths)).unwrap();
    let raw = serde_json::to_string(&imported.document).unwrap();
    for secret in [key, "hunter22", "correct horse"] {
        assert!(!raw.contains(secret), "{raw}");
        assert!(!imported.all_notes().contains(secret), "{}", imported.all_notes());
    }
    assert!(imported.noted().len() >= 3, "{:?}", imported.noted());
    assert!(raw.contains("\"password\""), "the member itself stays");
}
