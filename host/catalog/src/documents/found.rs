//! What is wrong with a document, place by place: collected, bounded, and made into one refusal.
//!
//! Does not judge anything itself.

use portcullis_model::{Code, Detail, Problem, Refusal, Shown};

/// Most problems named in one refusal; a document of four megabytes can have a problem in every byte.
const MAX_LISTED: usize = 200;

/// Problems so far, each with its place as a JSON Pointer (RFC 6901).
#[derive(Debug, Default)]
pub(crate) struct Found {
    listed: Vec<Problem>,
    unlisted: usize,
}

impl Found {
    pub(crate) fn add(&mut self, at: impl Into<String>, what: impl Into<String>) {
        self.push(Problem { at: at.into(), what: what.into() });
    }

    pub(crate) fn push(&mut self, problem: Problem) {
        if self.listed.len() == MAX_LISTED {
            self.unlisted += 1;
        } else if !self.listed.contains(&problem) {
            self.listed.push(problem);
        }
    }

    /// Takes over what was found below `at`.
    pub(crate) fn take(&mut self, at: &str, below: Self) {
        for Problem { at: place, what } in below.listed {
            self.add(format!("{at}{place}"), what);
        }
        self.unlisted += below.unlisted;
    }

    /// Takes over what was found of parts that could be read: what is said of a place where reading failed is about
    /// a stand-in for what should be there.
    pub(crate) fn take_where_read(&mut self, rules: Self) {
        let failed: Vec<String> = self.listed.iter().map(|problem| problem.at.clone()).collect();
        for problem in rules.listed {
            if !failed.iter().any(|at| is_within(&problem.at, at)) {
                self.push(problem);
            }
        }
        self.unlisted += rules.unlisted;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        if self.unlisted > 0 {
            self.listed.push(Problem { at: String::new(), what: format!("{} more problems", self.unlisted) });
        }
        self.listed
    }

    /// Nothing where nothing was found.
    pub(crate) fn into_result(self, message: &str) -> Result<(), Refusal> {
        if self.is_empty() { Ok(()) } else { Err(self.into_refusal(message)) }
    }

    pub(crate) fn into_refusal(self, message: &str) -> Refusal {
        let details = self.into_problems().into_iter().map(|Problem { at, what }| Detail { at, what });
        Refusal::new(Code::BadDocument, message)
            .fix("change what is listed, then type: portcullis catalog validate FILE")
            .details(details)
    }
}

fn is_within(at: &str, outer: &str) -> bool {
    at.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The place of a member, safe to show whatever its name is.
pub(crate) fn member(at: &str, name: &str) -> String {
    format!("{at}/{}", Shown::new(&name.replace('~', "~0").replace('/', "~1")))
}

/// The place of an item.
pub(crate) fn item(at: &str, index: usize) -> String {
    format!("{at}/{index}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_pointers_and_safe_to_show() {
        assert_eq!(item(&member("/a", "b/c~d"), 2), "/a/b~1c~0d/2");
        assert_eq!(member("", "x\u{202e}y"), "/x\\u{202e}y");
    }

    #[test]
    fn what_stands_in_for_unread_parts_is_not_judged() {
        let mut found = Found::default();
        found.add("/a/1", "missing");
        let mut rules = Found::default();
        for at in ["/a/1", "/a/1/b", "/a/10", "/a"] {
            rules.add(at, "rule");
        }
        found.take_where_read(rules);
        let places: Vec<String> = found.into_problems().into_iter().map(|p| p.at).collect();
        assert_eq!(places, ["/a/1", "/a/10", "/a"]);
    }

    #[test]
    fn a_flood_of_problems_is_counted_and_not_listed() {
        let mut found = Found::default();
        (0..1000).for_each(|n| found.add(format!("/{n}"), "bad"));
        let problems = found.into_problems();
        assert_eq!(problems.len(), MAX_LISTED + 1);
        assert_eq!(problems.last().unwrap().what, "800 more problems");
    }
}
