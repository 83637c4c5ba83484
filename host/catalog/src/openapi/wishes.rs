//! What the operator wants of a description.

use portcullis_model::PortSlug;

/// How a description is to be imported.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// Name of the document and of the port.
    pub port: PortSlug,
    /// Which operations; all where it is left out.
    pub only: Option<Only>,
    /// The server, such as `https://api.example.com/v1`, in place of the ones that the description names.
    pub server: Option<String>,
}

/// Operations by name or path: patterns with a comma between them, of which one must fit.
///
/// In a pattern `*` stands for any run of characters, none and slashes too; everything else stands for itself. A pattern
/// fits an operation when it is its whole path as the description writes it, or its whole name as an action. So
/// `/v1/agents*` has every operation on agents, and `list-*` every action that lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Only(Vec<String>);

impl Only {
    /// Patterns with a comma between them. White space around one and patterns of nothing do not count.
    #[must_use]
    pub fn new(patterns: &str) -> Self {
        Self(patterns.split(',').map(str::trim).filter(|p| !p.is_empty()).map(str::to_owned).collect())
    }

    /// Whether one of the patterns fits one of the names.
    pub(super) fn fits(&self, names: &[&str]) -> bool {
        self.0.iter().any(|pattern| names.iter().any(|name| fits(pattern.as_bytes(), name.as_bytes())))
    }
}

/// Goes back to the last `*` only, so that the time is at most pattern times name.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at_pattern, mut at_name) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at_name < name.len() {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                star = Some((at_pattern, at_name));
                at_pattern += 1;
            }
            Some(byte) if *byte == name[at_name] => {
                at_pattern += 1;
                at_name += 1;
            }
            _ => match &mut star {
                Some((star_pattern, star_name)) => {
                    *star_name += 1;
                    (at_pattern, at_name) = (*star_pattern + 1, *star_name);
                }
                None => return false,
            },
        }
    }
    pattern[at_pattern..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_of_characters_and_everything_else_for_itself() {
        let all = [
            ("*", "/v1/agents", true),
            ("/v1/agents", "/v1/agents", true),
            ("/v1/agents", "/v1/agents/{id}", false),
            ("/v1/agents*", "/v1/agents/{id}", true),
            ("/v1/*/versions", "/v1/agents/{id}/versions", true),
            ("*agents*", "list-agents-all", true),
            ("list-*", "list-", true),
            ("list-*", "list", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b", false),
            ("/v1.agents", "/v1/agents", false),
        ];
        for (pattern, name, expected) in all {
            assert_eq!(Only::new(pattern).fits(&[name]), expected, "{pattern} {name}");
        }
        assert!(Only::new("x, /v1/* ,").fits(&["/v1/a", "a"]) && Only::new("x,a").fits(&["/v1/a", "a"]));
        assert!(!Only::new(" , ").fits(&["", "a"]), "no pattern fits nothing");
    }

    #[test]
    fn a_pattern_of_stars_takes_no_time() {
        let (pattern, name) = ("*a".repeat(5_000), "a".repeat(4_999));
        assert!(!Only::new(&pattern).fits(&[&format!("{name}b")]));
    }
}
