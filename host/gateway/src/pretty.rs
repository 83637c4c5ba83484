//! JSON on lines of its own, token by token as it was written: numbers, escapes and the order of keys stay.
//!
//! The text was parsed strictly before, so its tokens are sound and no key is there twice. Parses nothing itself.

/// Spaces a level.
const STEP: usize = 2;

/// Lays out at most about `limit_bytes` of it; gives how many bytes of the input those are.
pub(crate) fn pretty(json: &str, limit_bytes: usize) -> (String, usize) {
    let bytes = json.as_bytes();
    let mut out = String::new();
    let (mut at, mut depth) = (0, 0_usize);
    while at < bytes.len() && out.len() < limit_bytes {
        let rest = &json[at..];
        match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            b'"' => {
                let room = limit_bytes.saturating_sub(out.len()).max(1);
                let length = string(rest.as_bytes()).min(rest.ceil_char_boundary(room));
                out.push_str(&rest[..length]);
                at += length;
                if out.len() >= limit_bytes {
                    break;
                }
            }
            open @ (b'{' | b'[') => {
                out.push(char::from(open));
                at += 1;
                at += blank(&bytes[at..]);
                match bytes.get(at) {
                    Some(close @ (b'}' | b']')) => {
                        out.push(char::from(*close));
                        at += 1;
                    }
                    _ => {
                        depth += 1;
                        line(&mut out, depth);
                    }
                }
            }
            close @ (b'}' | b']') => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(char::from(close));
                at += 1;
            }
            b',' => {
                out.push(',');
                line(&mut out, depth);
                at += 1;
            }
            b':' => {
                out.push_str(": ");
                at += 1;
            }
            _ => {
                let length = rest.find(|c: char| " \t\n\r,]}:".contains(c)).unwrap_or(rest.len()).max(1);
                let length = rest.ceil_char_boundary(length);
                out.push_str(&rest[..length]);
                at += length;
            }
        }
    }
    // What is left may be only blank space behind the last token.
    if json[at..].trim().is_empty() {
        at = json.len();
    }
    (out, at)
}

/// Length of the string that begins here, its quotes too.
fn string(bytes: &[u8]) -> usize {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn blank(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

fn line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', depth * STEP));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn whole(json: &str) -> String {
        let (out, used) = pretty(json, usize::MAX);
        assert_eq!(used, json.len());
        out
    }

    #[test]
    fn tokens_stay_as_they_were_written() {
        let json = r#" {"b" :1.50,"a":[1e400, 12345678901234567890123,-0.0 ],"e":{},"f":[ ],"s":"x\"y\u00e9 , {"} "#;
        let wanted = "{\n  \"b\": 1.50,\n  \"a\": [\n    1e400,\n    12345678901234567890123,\n    -0.0\n  ],\n  \"e\": {},\n  \
                      \"f\": [],\n  \"s\": \"x\\\"y\\u00e9 , {\"\n}";
        assert_eq!(whole(json), wanted);
        for plain in ["1", "null", "\"a\"", "[]", "{}"] {
            assert_eq!(whole(plain), plain);
        }
    }

    #[test]
    fn a_cut_says_how_far_it_came() {
        let json = format!("[\"{}\",1,2,3]", "é".repeat(1000));
        let (out, used) = pretty(&json, 500);
        assert!(out.len() <= 600 && used < json.len() && used > 400, "{} {used}", out.len());
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(pretty(&deep, 500).0.len() <= 800);
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(".*", inner, 0..6).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_shown_is_the_same_document(value in json(), spaced in any::<bool>()) {
            let text = if spaced { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let shown = whole(&text.unwrap());
            prop_assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), value.clone());
            prop_assert_eq!(shown, serde_json::to_string_pretty(&value).unwrap());
        }
    }
}
