//! Words of manifest and code stand in every place that takes them, and small numbers one after another.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::dictionary::Dictionary;
use crate::inputs::Stream;
use crate::options::Options;

fn inputs(schema: &Value, component: Option<&str>, count: usize) -> Vec<Value> {
    let port = super::port(schema);
    let action = port.actions().next().unwrap().clone();
    let component = component.map(|text| wat::parse_str(text).unwrap());
    let dictionary = Dictionary::of(port.manifest(), component.as_deref(), &Options::default());
    let mut stream = Stream::new(&action, &dictionary, 1, 256 << 10).unwrap();
    stream.batch(count).into_iter().map(|input| serde_json::from_str(&input.text).unwrap()).collect()
}

#[test]
fn a_word_that_only_the_code_knows_is_tried_in_every_place() {
    let schema = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"},
        "deep": {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {"b": {"type": "string"}}}}}});
    let module = r#"(module (memory 1) (data (i32.const 64) "xxopen sesamexx") (func i32.const 66 drop i32.const 11 drop
        i64.const 918273645 drop))"#;
    let inputs = inputs(&schema, Some(module), 4_000);
    let word = json!("open sesame");
    assert!(inputs.iter().any(|input| input["a"] == word));
    assert!(inputs.iter().any(|input| input["deep"][0]["b"] == word));
    assert!(inputs.iter().any(|input| input.get("open sesame").is_some()), "as the name of a member");
}

#[test]
fn a_word_that_fits_a_pattern_is_tried_in_its_place() {
    let schema = json!({"type": "object", "required": ["id", "kind"], "properties": {
        "id": {"type": "string", "pattern": "^[a-z]{3}-[0-9]{4}$"}, "kind": {"enum": ["x", "y"]}, "n": {"type": "integer", "minimum": 900}}});
    let module = r#"(module (memory 1) (data (i32.const 64) "abc-1234\00nope\00") (func i64.const 918273645 drop))"#;
    let inputs = inputs(&schema, Some(module), 4_000);
    assert!(inputs.iter().any(|input| input["id"] == "abc-1234"));
    assert!(inputs.iter().any(|input| input["n"] == 918_273_645));
}

#[test]
fn small_numbers_are_tried_one_after_another() {
    let schema =
        json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}, "m": {"type": "number"}}});
    let inputs = inputs(&schema, None, 9_000);
    let seen: HashSet<i64> = inputs.iter().filter_map(|input| input["n"].as_i64()).collect();
    let missing: Vec<i64> = (-100..1_090).filter(|n| !seen.contains(n)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_edges_of_text_and_numbers_are_tried() {
    let schema = json!({"type": "object", "required": ["s", "n"], "properties": {"s": {"type": "string"}, "n": {"type": "number"}}});
    let inputs = inputs(&schema, None, 4_000);
    let texts: HashSet<&str> = inputs.iter().filter_map(|input| input["s"].as_str()).collect();
    for text in ["", "..", "a/b", "%2f", "\r\n", "\0", "\u{202e}abc", "e\u{301}", "\u{1f600}"] {
        assert!(texts.contains(text), "{text:?}");
    }
    assert!(texts.iter().any(|text| text.len() >= 65_536));
    for number in [1e308, -1e308, 5e-324] {
        assert!(inputs.iter().any(|input| input["n"].as_f64() == Some(number)), "{number}");
    }
    assert!(inputs.iter().any(|input| input["n"].as_f64().is_some_and(|n| n == 0.0 && n.is_sign_negative())));
}
