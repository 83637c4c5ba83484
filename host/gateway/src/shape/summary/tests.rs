//! A summary is bounded whatever the answer is, and its counts add up.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Bounds that small documents reach.
const TIGHT: Bounds = Bounds { items: 3, string_bytes: 7, depth: 3, places: 12, bytes: 60, notes: 4 };

fn left(at: &str, count: usize, of: What) -> LeftOut {
    LeftOut { at: at.to_owned(), count, of }
}

#[test]
fn a_summary_is_bounded_and_counts_what_it_left_out() {
    let long = "é".repeat(3_000);
    let Shaped { result, left_out } = Summary::new(&JSON_SUMMARY).of(&json!({"a": vec![0; 120], "s/~": long}));
    assert_eq!(result["a"].as_array().map(Vec::len), Some(50));
    assert_eq!(result["s/~"].as_str().map(str::len), Some(4_000));
    assert_eq!(left_out, [left("/a", 70, What::Items), left("/s~1~0", 2_000, What::Bytes)]);
}

#[test]
fn a_small_answer_is_left_whole() {
    let value = json!({"data": [{"id": "m"}], "n": 1.5, "none": null});
    for bounds in [&JSON_SUMMARY, &COMPACT, &SELECTED] {
        assert_eq!(Summary::new(bounds).of(&value), Shaped { result: value.clone(), left_out: Vec::new() });
    }
}

#[test]
fn a_wide_or_deep_answer_cannot_flood() {
    let wide = json!((0..50).map(|_| (0..50).map(|n| json!({"n": n})).collect()).collect::<Vec<Vec<Value>>>());
    let Shaped { result, left_out } = Summary::new(&JSON_SUMMARY).of(&wide);
    assert!(result.to_string().len() < 40_000);
    assert!(!left_out.is_empty());
    let deep = (0..60).fold(json!(1), |inner, _| json!([inner]));
    let Shaped { result, left_out } = Summary::new(&JSON_SUMMARY).of(&deep);
    assert_eq!(result.to_string(), format!("{}{}", "[".repeat(17), "]".repeat(17)));
    assert_eq!(left_out, [left(&"/0".repeat(16), 1, What::Items)]);
}

#[test]
fn all_bytes_count_those_of_names_too() {
    let names = (0..100).map(|n| (format!("{n}{}", "\u{1}".repeat(500)), json!(n))).collect::<Map<_, _>>();
    let Shaped { result, left_out } = Summary::new(&COMPACT).of(&Value::Object(names));
    let kept = result.as_object().unwrap().len();
    assert!(result.to_string().len() <= COMPACT.bytes && kept == 2, "{kept}");
    assert_eq!(left_out, [left("", 98, What::Members)]);
    // Ten strings of 400 bytes fit, and as many that are written six times as long do not.
    let strings = |one: &str| Summary::new(&COMPACT).of(&json!(vec![one.repeat(400); 10])).left_out;
    assert_eq!(strings("a"), []);
    assert_ne!(strings("\u{1}"), []);
}

#[test]
fn a_text_may_fill_all_the_bytes() {
    let Shaped { result, left_out } = Summary::new(&COMPACT).text(&"ab".repeat(8 * 1024));
    assert_eq!(result.to_string().len(), COMPACT.bytes);
    assert_eq!(left_out, [left("", 8 * 1024 + 2, What::Bytes)]);
}

#[test]
fn the_list_of_what_was_left_out_is_bounded_too() {
    let many: Map<String, Value> = (0..400).map(|n| (n.to_string(), json!(vec![0; 11]))).collect();
    let Shaped { left_out, .. } = Summary::new(&COMPACT).of(&Value::Object(many));
    assert_eq!(left_out.len(), COMPACT.notes + 1);
    assert_eq!(left_out.last().unwrap().of, What::Places);
    let long = json!({"n".repeat(300): vec![0; 11]});
    assert_eq!(Summary::new(&COMPACT).of(&long).left_out, [left("", 1, What::Places)]);
}

fn documents() -> impl Strategy<Value = Value> {
    let text = || prop_oneof!["[a-c\"\\\\\u{0}-\u{20}\u{7f}é💡/~]{0,12}", "a{0,80}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..8).prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

/// Checks that each array and string is as long as before, less what the list says.
fn adds_up(whole: &Value, cut: &Value, at: &str, left_out: &[LeftOut]) {
    let missing = |of: What| left_out.iter().find(|l| l.at == at && l.of == of).map_or(0, |l| l.count);
    match (whole, cut) {
        (Value::Array(whole), Value::Array(cut)) => {
            assert_eq!(whole.len(), cut.len() + missing(What::Items), "{at}");
            for (index, (whole, cut)) in whole.iter().zip(cut).enumerate() {
                adds_up(whole, cut, &format!("{at}/{index}"), left_out);
            }
        }
        (Value::Object(whole), Value::Object(cut)) => {
            assert_eq!(whole.len(), cut.len() + missing(What::Members), "{at}");
            for (name, cut) in cut {
                let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                adds_up(&whole[name], cut, &at, left_out);
            }
        }
        (Value::String(whole), Value::String(cut)) => {
            assert!(whole.starts_with(cut));
            assert_eq!(whole.len(), cut.len() + missing(What::Bytes), "{at}");
        }
        (whole, cut) => assert_eq!(whole, cut),
    }
}

proptest! {
    #[test]
    fn whatever_is_cut_keeps_every_bound_and_is_the_same_cut_again(document in documents()) {
        for bounds in [&TIGHT, &COMPACT, &JSON_SUMMARY] {
            let Shaped { result, left_out } = Summary::new(bounds).of(&document);
            prop_assert!(result.to_string().len() <= bounds.bytes);
            prop_assert!(left_out.len() <= bounds.notes + 1);
            let again = Summary::new(bounds).of(&result);
            prop_assert_eq!(again, Shaped { result, left_out: Vec::new() });
        }
    }

    #[test]
    fn what_is_left_and_what_was_left_out_add_up(document in documents()) {
        const ALL_LISTED: Bounds = Bounds { notes: usize::MAX, ..TIGHT };
        let Shaped { result, left_out } = Summary::new(&ALL_LISTED).of(&document);
        prop_assume!(left_out.iter().all(|l| l.of != What::Places));
        adds_up(&document, &result, "", &left_out);
    }
}
