//! What a selection finds, and what becomes of one that cannot be made.

use serde_json::json;

use super::*;
use crate::shape::summary::SELECTED;
use crate::shape::{Content, LeftOut, ResponseMode, Shaped, View, What};
use portcullis_model::ResultMode;

fn document() -> Value {
    json!({"object": "list", "data": [
        {"id": "b", "type": "base", "max": 10, "tags": ["x", "y"]},
        {"id": "a", "type": "tuned", "max": 20, "tags": []},
    ]})
}

fn selected(path: &str) -> Value {
    let view = View::new(ResponseMode::Full, Some(path)).unwrap();
    let shaped = Shaped::new(&Content::Json(document()), ResultMode::Json, &view);
    assert_eq!(shaped.left_out, [], "{path}");
    shaped.result
}

#[test]
fn a_path_to_one_place_gives_the_value_and_any_other_a_list() {
    assert_eq!(selected("$"), document());
    assert_eq!(selected("$.object"), json!("list"));
    assert_eq!(selected("$.data[-1]['id']"), json!("a"));
    assert_eq!(selected("$.none.such"), json!(null));
    assert_eq!(selected("$.data[*].id"), json!(["b", "a"]));
    assert_eq!(selected("$.data[?@.max > 15].id"), json!(["a"]));
    assert_eq!(selected("$.data[?count(@.tags[*]) == 2 && length(@.id) == 1]['type','id']"), json!(["base", "b"]));
    assert_eq!(selected("$..id"), json!(["b", "a"]));
    assert_eq!(selected("$.data[0:1]"), json!([document()["data"][0]]));
    assert_eq!(selected("$.none[*]"), json!([]));
}

#[test]
fn a_wrong_path_is_refused_with_what_is_wrong_and_an_example() {
    for path in ["", "data", "$.", "$.data[", "$.data[?@.a", "$[?match(@.a,'b')]", "$..a..b", "$.a b", "$['a'"] {
        let refusal = View::new(ResponseMode::Full, Some(path)).unwrap_err();
        assert_eq!(refusal.code(), Code::BadRequest, "{path}");
        assert!(refusal.way_out().unwrap().contains("$.data[*].id"), "{path}");
    }
    let long = Selection::parse(&"\u{202e}".repeat(9_000)).unwrap_err();
    assert!(long.message().len() < 2_000 && !long.message().contains('\u{202e}'), "{long}");
    assert!(Selection::parse("$.a[").unwrap_err().message().contains("not a JSONPath"));
}

#[test]
fn deep_brackets_do_not_overflow_the_stack() {
    for text in ["[", "(", "[?(", "!(", "[?@[", "$[", "[?!(", "[?count("] {
        let path = format!("${}", text.repeat(MAX_REPEATS / text.len()));
        assert!(Selection::parse(&path).is_err(), "{path}");
    }
}
const MAX_REPEATS: usize = path::MAX_BYTES - 1;

#[test]
fn a_selection_is_made_in_the_whole_answer_before_it_is_cut() {
    let many = json!((0..2_000).map(|n| json!({"id": n, "words": "w".repeat(500)})).collect::<Vec<_>>());
    let content = Content::Json(many);
    let shaped = |mode, path| {
        let view = View::new(mode, Some(path)).unwrap();
        Shaped::new(&content, ResultMode::JsonSummary, &view)
    };
    assert_eq!(shaped(ResponseMode::Full, "$[1999].id").result, json!(1999));
    assert_eq!(shaped(ResponseMode::Compact, "$[?@.id == 1999].id").result, json!([1999]));
    let ids = shaped(ResponseMode::Compact, "$[*].id");
    assert_eq!(ids.result, json!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    assert_eq!(ids.left_out, [LeftOut { at: String::new(), count: 1_990, of: What::Items }]);
}

#[test]
fn an_answer_that_cannot_be_selected_from_is_given_and_says_so() {
    let view = View::new(ResponseMode::Full, Some("$.a")).unwrap();
    let note = LeftOut { at: String::new(), count: 1, of: What::SelectionOfNoJson };
    let shaped = Shaped::new(&Content::Text("busy".to_owned()), ResultMode::Json, &view);
    assert_eq!(shaped, Shaped { result: json!("busy"), left_out: vec![note.clone()] });
    let binary = Content::Binary { content_type: "image/png".to_owned(), bytes: 7 };
    let shaped = Shaped::new(&binary, ResultMode::Json, &view);
    let result = json!({"binary": {"content_type": "image/png", "bytes": 7}});
    assert_eq!(shaped, Shaped { result, left_out: vec![note] });
    assert_eq!(Shaped::new(&Content::Empty, ResultMode::Json, &view).result, json!(null));
}

/// Chains of `[[[…]]]`, each as deep as can be read.
fn chains(count: usize) -> Value {
    let chain = (0..125).fold(json!([]), |inner, _| json!([inner]));
    Value::Array(vec![chain; count])
}

#[test]
fn a_selection_that_is_too_much_work_is_not_made_and_the_answer_not_lost() {
    let view = View::new(ResponseMode::Compact, Some("$..[?@ == @]")).unwrap();
    let select = view.select.as_ref().unwrap();
    assert!(select.find(&chains(10)).is_ok());
    assert_eq!(select.find(&chains(4_000)), Err(NotSelected::TooCostly));
    let shaped = Shaped::new(&Content::Json(chains(4_000)), ResultMode::Json, &view);
    assert_eq!(shaped.left_out[0], LeftOut { at: String::new(), count: 1, of: What::SelectionTooCostly });
    assert_eq!(shaped.result.as_array().map(Vec::len), Some(10));
    // A path to one place is no work in a document of any size.
    assert!(Selection::parse("$[3999][0][0]").unwrap().find(&chains(4_000)).is_ok());
}

#[test]
fn what_is_found_level_by_level_is_no_larger_than_an_answer() {
    // A quarter of a megabyte, in which `..` finds fifteen.
    let content = Content::Json(chains(1_000));
    let view = View::new(ResponseMode::Full, Some("$..[0]")).unwrap();
    let Content::Json(document) = &content else { panic!("it is JSON") };
    let Found::List(nodes) = view.select.as_ref().unwrap().find(document).unwrap() else { panic!("it is a list") };
    let all: usize = nodes.iter().map(|node| node.to_string().len()).sum();
    assert!(all > SELECTED.bytes, "{all}");
    let shaped = Shaped::new(&content, ResultMode::Json, &view);
    assert!(shaped.result.to_string().len() <= SELECTED.bytes);
    assert_eq!(shaped.left_out.last().unwrap().of, What::Items);
}

#[test]
fn ok_gives_no_result_and_full_what_the_action_declares() {
    let long = Content::Json(json!(vec![0; 60]));
    let shaped = |content: &Content, declared, mode| {
        let view = View { mode, select: None };
        let shaped = Shaped::new(content, declared, &view);
        (shaped.result.as_array().map(Vec::len), shaped.left_out.len())
    };
    assert_eq!(shaped(&long, ResultMode::Json, ResponseMode::Full), (Some(60), 0));
    assert_eq!(shaped(&long, ResultMode::JsonSummary, ResponseMode::Full), (Some(50), 1));
    assert_eq!(shaped(&long, ResultMode::Json, ResponseMode::Compact), (Some(10), 1));
    assert_eq!(shaped(&long, ResultMode::Json, ResponseMode::Ok), (None, 0));
    let text = Content::Text("t".repeat(100_000));
    let text =
        |declared, mode| Shaped::new(&text, declared, &View { mode, select: None }).result.as_str().map(str::len);
    assert_eq!(text(ResultMode::Text, ResponseMode::Full), Some(100_000));
    assert_eq!(text(ResultMode::Json, ResponseMode::Full), Some(100_000));
    assert_eq!(text(ResultMode::JsonSummary, ResponseMode::Full), Some(64 * 1024 - 2));
    assert_eq!(text(ResultMode::Text, ResponseMode::Compact), Some(8 * 1024 - 2));
}
