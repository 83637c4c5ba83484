//! How deep and how long a rule may be, looked at before it is parsed.
//!
//! A parser of nested text goes down as the text does, and a stack that overflows ends the whole host. What is counted
//! here is what can nest: brackets, and operators in a row.

/// Brackets within brackets.
const MAX_DEPTH: usize = 32;
/// Characters of operators in one rule. A set of values does the work of many comparisons.
const MAX_OPERATORS: usize = 1_024;

/// What is too much about a file, and what to do.
pub(crate) fn exceeded(text: &str) -> Option<(&'static str, &'static str)> {
    let (mut depth, mut operators) = (0_usize, 0_usize);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(within) = bytes.next() {
                    match within {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            b'/' if bytes.peek() == Some(&b'/') => drop(bytes.find(|byte| *byte == b'\n')),
            b'(' | b'[' | b'{' => {
                depth += 1;
                operators += 1;
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b';' if depth == 0 => operators = 0,
            b'i' if bytes.peek() == Some(&b'f') => operators += 1,
            b'!' | b'-' | b'+' | b'*' | b'/' | b'%' | b'.' | b'<' | b'>' | b'=' | b'|' | b'&' => operators += 1,
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Some(("a rule in it nests brackets more than 32 deep", "write it flatter, or as several rules"));
        }
        if operators > MAX_OPERATORS {
            return Some((
                "a rule in it has too many conditions",
                "write several rules, or one `[…].contains(…)` over a set",
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(condition: &str) -> String {
        format!("forbid (principal, action, resource) when {{ {condition} }};")
    }

    #[test]
    fn what_nests_too_deep_or_goes_on_too_long_is_found_and_what_only_looks_so_is_not() {
        let nested = |depth: usize| rule(&format!("{}true{}", "(".repeat(depth), ")".repeat(depth)));
        // The condition's own braces are one level.
        assert!(exceeded(&nested(MAX_DEPTH - 1)).is_none());
        assert!(exceeded(&nested(MAX_DEPTH)).is_some());
        let chain = |many: usize| rule(&vec!["true"; many].join(" || "));
        assert!(exceeded(&chain(500)).is_none());
        assert!(exceeded(&chain(600)).is_some());
        let asked = |many: usize| rule(&format!("{}true", "if true then true else ".repeat(many)));
        assert!(exceeded(&asked(1_000)).is_none() && exceeded(&asked(1_100)).is_some());
        let quoted = rule(&format!(r#"context.method == "{}\"{}""#, "(".repeat(400), "|".repeat(4_000)));
        assert!(exceeded(&quoted).is_none());
        assert!(exceeded(&format!("// {}\n{}", "(".repeat(400), rule("true"))).is_none());
        assert!(exceeded(&rule("true").repeat(2_000)).is_none(), "many rules are not one");
        let names: Vec<String> = (0..1_000).map(|name| format!("\"model-{name}\"")).collect();
        assert!(exceeded(&rule(&format!("[{}].contains(context.method)", names.join(", ")))).is_none());
    }
}
