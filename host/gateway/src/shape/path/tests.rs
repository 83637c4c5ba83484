//! Each rule of a path has a case here that it alone refuses.

use proptest::prelude::*;
use serde_json_path::JsonPath;

use super::*;

fn refused(path: &str) -> String {
    read(path).expect_err(path)
}

#[test]
fn a_path_tells_what_it_does() {
    let shape = |steps, tests, comparisons| Shape { steps, tests, comparisons, ..Shape::default() };
    for path in ["$", "$.a", "$['a.*?:,..']", "$[0].a[-1]", r#"$["\u00e9$"]['(']"#] {
        assert!(read(path).unwrap().singular, "{path}");
    }
    assert_eq!(read("$.a[*]['b'][1:2]"), Ok(shape(4, 0, 0)));
    assert_eq!(read("$['a','b']"), Ok(shape(1, 0, 0)));
    assert_eq!(read("$..a"), Ok(Shape { descends: true, ..shape(1, 0, 0) }));
    assert_eq!(read("$.a[?@.b['c']>'$' && count(@.*)<2].d"), Ok(shape(3, 5, 2)));
    assert_eq!(read("$[?((@.a) || !(@['b','c'][1,0]))]"), Ok(shape(1, 5, 0)));
}

#[test]
fn a_path_that_could_be_endless_work_is_refused_with_the_rule_it_breaks() {
    let most = format!("$.{}", "a".repeat(MAX_BYTES - 2));
    assert!(read(&most).is_ok());
    assert!(refused(&(most + "a")).contains("512 bytes"));
    assert!(refused("").contains("starts with `$`"));
    assert!(refused("a.b").contains("starts with `$`"));
    assert!(refused("$..a..b").contains("once"));
    assert!(refused("$..a[?@..b]").contains("once"));
    assert!(refused("$[?@.a == $.b]").contains("the start only"));
    assert!(refused("$[?@[?@.a]]").contains("another one"));
    assert!(refused("$[?@.a][?@.b[ ?@.c]]").contains("another one"));
    assert!(refused("$[?match(@.a, 'x')]").contains("no function `match`"));
    assert!(refused("$[?search(@.a, 'x')]").contains("no function `search`"));
    assert!(refused("$[?length(value(@.a)) > 1]").contains("cannot hold parentheses"));
    assert!(refused("$[?count((@.a)) > 1]").contains("cannot hold parentheses"));
    assert!(refused(&format!("$[?{}@{}]", "(".repeat(9), ")".repeat(9))).contains("at most 8"));
    assert!(refused("$(").contains("filters only"));
}

#[test]
fn no_place_is_found_twice() {
    for path in [
        "$['a','a']",
        "$[*,*]",
        "$[0,0]",
        "$[0,-1]",
        "$[1:2,0]",
        "$['a',\"a\"]",
        r"$['a','\u0061']",
        "$[?@.a,0]",
        "$[0, ?@['a']]",
        "$[?@['a'], ?(@.b)]",
    ] {
        assert!(refused(path).contains("different plain names"), "{path}");
    }
    for path in ["$['a', 'b' , 0,1]", "$[-1,-2]"] {
        assert!(read(path).is_ok(), "{path}");
    }
}

#[test]
fn what_would_make_the_parser_panic_never_reaches_it() {
    for path in
        [r"$['\u", r"$['\u'", r"$['\u00'", r"$['\u00zz']", r"$['\u'a0a']", r"$['\ud83d\u", r"$['\", "$['", "$[\"a'"]
    {
        assert!(read(path).is_err(), "{path}");
    }
    // These reach it, and are whole or refused there.
    for path in [r"$['\ud83d']", r"$['\ud83d\u0061']", r"$['\x']", r"$['\uD83D\uDE00']"] {
        assert_eq!(JsonPath::parse(path).is_ok(), path.contains("DE00"), "{path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Neither an endless loop nor a panic, whatever comes.
    #[test]
    fn whatever_keeps_the_rules_is_safe_to_parse_and_to_run(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "$", "@", ".", "..", "a", "*", "[", "]", "[?", "?", "(", ")", "!", "!(", "'", "\"", "'a'", "\\", "\\u",
            "\\u0061", "d83d", "\\ud83d", ",", ":", "0", "-1", "9007199254740993", "==", "<", "&&", "||", " ", "count(",
            "length(", "value(", "match(", "null", "1e999", "é", "\u{0}", "@.a", "[?@", "@[0]",
        ]), 0..40),
    ) {
        for path in [pieces.concat(), format!("${}", pieces.concat()), format!("$[?{}]", pieces.concat())] {
            if read(&path).is_ok() && let Ok(parsed) = JsonPath::parse(&path) {
                parsed.query(&serde_json::json!([{"a": [0, "a"]}, []]));
            }
        }
    }
}

#[test]
fn a_name_that_goes_on_behind_its_quote_is_refused_and_breaks_nothing() {
    for odd in ["$['a'é,'b']", "$['a','b'é]", "$[\"a\"é,'b']", "$['é,'b']"] {
        assert!(read(odd).is_err() || JsonPath::parse(odd).is_err(), "{odd}");
    }
}
