//! Names of actions: readable, unique, and the same whichever operations are chosen.

use std::collections::{BTreeMap, BTreeSet};

/// Longest name in bytes.
const MAX_BYTES: usize = 63;

/// Words of a path that an identifier would not end with for its own sake.
const MIN_PATH_WORDS: usize = 4;

/// Gives each operation its name.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    next_numbers: BTreeMap<String, usize>,
}

impl Names {
    /// A name by the operation's own identifier, or by its method and path.
    ///
    /// Generators often end the identifier with path and method (`list_models_v1_models_get`); what is left without them
    /// says as much. Where that is taken, the whole identifier is next, then method and path, then numbers.
    pub(super) fn name(&mut self, identifier: Option<&str>, method: &str, path: &str) -> String {
        let place = words(path);
        let ending = [&place[..], &[method.to_ascii_lowercase()]].concat();
        let whole = identifier.map(words).unwrap_or_default();
        // `list_models` of `/models` means its last word.
        let by_path = whole.strip_suffix(&place[..]).filter(|_| place.len() >= MIN_PATH_WORDS);
        let short = whole.strip_suffix(&ending[..]).or(by_path);
        let short = short.filter(|short| !short.is_empty());
        let by_place = [&[method.to_ascii_lowercase()], &place[..]].concat();
        let candidates = [short.unwrap_or(&whole), &whole[..], &by_place[..]].map(|words| slug(words, method));
        let free = candidates.iter().flatten().find(|name| !self.taken.contains(*name));
        let name = free.cloned().unwrap_or_else(|| self.numbered(&candidates));
        self.taken.insert(name.clone());
        name
    }

    /// The first candidate with the first free number from 2 on.
    fn numbered(&mut self, candidates: &[Option<String>]) -> String {
        let base = candidates.iter().flatten().next().map_or("action", String::as_str);
        // Where the last one ended: a name that thousands share must not be counted through for each.
        let number = self.next_numbers.entry(base.to_owned()).or_insert(2);
        loop {
            let end = format!("-{number}");
            *number += 1;
            let kept = base.get(..MAX_BYTES - end.len()).unwrap_or(base).trim_end_matches('-');
            let name = format!("{kept}{end}");
            if !self.taken.contains(&name) {
                return name;
            }
        }
    }
}

/// Words in lower case: runs of letters and digits, and a new one where a capital begins (`listAllURLs` is
/// `list all urls`).
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    let mut letters = text.chars().take(1_000).peekable();
    while let Some(c) = letters.next() {
        let after_lower = before.is_ascii_lowercase() || before.is_ascii_digit();
        let starts_word = before.is_ascii_uppercase() && letters.peek().is_some_and(char::is_ascii_lowercase);
        let plural = starts_word && letters.peek() == Some(&'s');
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && (after_lower || (starts_word && !plural))) {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Words with dashes between them, as many as there is room for. A name starts with a letter.
fn slug(words: &[String], method: &str) -> Option<String> {
    let mut slug = String::new();
    if words.first()?.starts_with(|c: char| c.is_ascii_digit()) {
        slug.push_str(&method.to_ascii_lowercase());
    }
    for word in words {
        let dash = usize::from(!slug.is_empty());
        if slug.len() + dash + word.len() > MAX_BYTES {
            if slug.is_empty() {
                slug.extend(word.chars().take(MAX_BYTES));
            }
            break;
        }
        if dash == 1 {
            slug.push('-');
        }
        slug.push_str(word);
    }
    Some(slug)
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_model::ActionSlug;

    fn one(identifier: Option<&str>, method: &str, path: &str) -> String {
        Names::default().name(identifier, method, path)
    }

    #[test]
    fn a_name_is_the_identifier_in_words() {
        assert_eq!(one(Some("listModels"), "GET", "/v1/models"), "list-models");
        assert_eq!(one(Some("listModels"), "GET", "/models"), "list-models");
        assert_eq!(one(Some("list_models_v1_models_get"), "GET", "/v1/models"), "list-models");
        assert_eq!(one(Some("get_stats_v1_admin_usage_by_user"), "GET", "/v1/admin/usage/by_user"), "get-stats");
        assert_eq!(one(Some("repos/list-for-org"), "GET", "/orgs/{org}/repos"), "repos-list-for-org");
        assert_eq!(one(Some("v1_models_get"), "GET", "/v1/models"), "v1-models-get");
        assert_eq!(one(Some("GetHTTPServerByID2"), "GET", "/x"), "get-http-server-by-id2");
        assert_eq!(one(Some("listURLs"), "GET", "/x"), "list-urls");
        assert_eq!(one(Some("2fa"), "POST", "/2fa"), "post-2fa");
        assert_eq!(one(Some("élan vital"), "GET", "/x"), "lan-vital");
        assert_eq!(one(None, "DELETE", "/v1/agents/{agent_id}"), "delete-v1-agents-agent-id");
        assert_eq!(one(Some("日本"), "GET", "/"), "get");
    }

    #[test]
    fn names_that_meet_are_told_apart_by_what_they_stand_for() {
        let mut names = Names::default();
        assert_eq!(names.name(Some("list"), "GET", "/a"), "list");
        assert_eq!(names.name(Some("list"), "GET", "/b"), "get-b");
        assert_eq!(names.name(Some("list"), "GET", "/b"), "list-2");
        assert_eq!(names.name(Some("list_c_get"), "GET", "/c"), "list-c-get");
        assert_eq!(names.name(None, "GET", "/b"), "get-b-2");
    }

    #[test]
    fn a_thousand_operations_of_one_long_name_have_a_thousand_names() {
        let mut names = Names::default();
        for long in ["x".repeat(500), "word ".repeat(100), String::new(), "9".repeat(99)] {
            for _ in 0..300 {
                let name = names.name(Some(&long), "GET", "/{x}/");
                assert!(name.parse::<ActionSlug>().is_ok(), "{name}");
            }
        }
        assert_eq!(names.taken.len(), 1_200);
    }
}
