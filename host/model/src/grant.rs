//! What an agent may see and call: patterns over ports and actions, read once into a type.
//!
//! Grants open nothing by themselves: the operator's rules and approvals come after them. What no pattern covers does
//! not exist for the agent.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{ActionId, ActionSlug, PortSlug, Shown, SlugProblem};

/// One pattern: `port/action`, `port/*`, `port/prefix-*`, or `*` for everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Grant(Pattern);

/// The pattern as it is matched. A prefix is the slug before its dash, so that it ends where a word ends.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Pattern {
    Everything,
    Port(PortSlug),
    Prefix(PortSlug, ActionSlug),
    Action(ActionId),
}

/// Why a text is no grant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GrantProblem {
    /// Neither `*` nor a port and an action with one slash between them.
    #[error("`{0}` is not a grant: expected `port/action`, `port/*`, `port/prefix-*`, or `*` for everything")]
    NotAGrant(String),
    /// A star in the port's place.
    #[error("`{0}` leaves the port open: name it in full, such as `mistral/*`, or write `*` for everything")]
    OpenPort(String),
    /// A star in an action where it could cut a word in two.
    #[error(
        "`{0}` has a `*` in the wrong place: expected it alone, or at the end after a dash, such as `mistral/list-*`"
    )]
    StrayStar(String),
    /// A name that no port or action can have.
    #[error(transparent)]
    Slug(#[from] SlugProblem),
}

impl Grant {
    fn covers(&self, id: &ActionId) -> bool {
        match &self.0 {
            Pattern::Everything => true,
            Pattern::Port(port) => *port == id.port,
            Pattern::Prefix(port, stem) => {
                let rest = id.action.as_str().strip_prefix(stem.as_str());
                *port == id.port && rest.is_some_and(|rest| rest.starts_with('-'))
            }
            Pattern::Action(action) => action == id,
        }
    }

    fn touches(&self, port: &PortSlug) -> bool {
        match &self.0 {
            Pattern::Everything => true,
            Pattern::Port(of) | Pattern::Prefix(of, _) | Pattern::Action(ActionId { port: of, .. }) => of == port,
        }
    }
}

impl FromStr for Grant {
    type Err = GrantProblem;
    fn from_str(text: &str) -> Result<Self, GrantProblem> {
        if text == "*" {
            return Ok(Self(Pattern::Everything));
        }
        let shown = || Shown::new(text).to_string();
        let (port, action) = match text.split_once('/') {
            Some((port, action)) if !action.contains('/') => (port, action),
            _ => return Err(GrantProblem::NotAGrant(shown())),
        };
        if port.contains('*') {
            return Err(GrantProblem::OpenPort(shown()));
        }
        let port = port.parse()?;
        let stem = action.strip_suffix("-*");
        if action == "*" {
            Ok(Self(Pattern::Port(port)))
        } else if stem.unwrap_or(action).contains('*') {
            Err(GrantProblem::StrayStar(shown()))
        } else if let Some(stem) = stem {
            Ok(Self(Pattern::Prefix(port, stem.parse()?)))
        } else {
            Ok(Self(Pattern::Action(ActionId { port, action: action.parse()? })))
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Pattern::Everything => f.write_str("*"),
            Pattern::Port(port) => write!(f, "{port}/*"),
            Pattern::Prefix(port, stem) => write!(f, "{port}/{stem}-*"),
            Pattern::Action(id) => id.fmt(f),
        }
    }
}

impl TryFrom<String> for Grant {
    type Error = GrantProblem;
    fn try_from(text: String) -> Result<Self, GrantProblem> {
        text.parse()
    }
}

impl From<Grant> for String {
    fn from(grant: Grant) -> Self {
        grant.to_string()
    }
}

/// Everything an agent was granted; by default nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grants(BTreeSet<Grant>);

impl Grants {
    /// The union of some grants.
    #[must_use]
    pub fn new(grants: impl IntoIterator<Item = Grant>) -> Self {
        Self(grants.into_iter().collect())
    }

    /// Whether they cover an action.
    #[must_use]
    pub fn allow(&self, id: &ActionId) -> bool {
        self.0.iter().any(|grant| grant.covers(id))
    }

    /// Whether they could cover any action of a port.
    #[must_use]
    pub fn see(&self, port: &PortSlug) -> bool {
        self.0.iter().any(|grant| grant.touches(port))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them once, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = &Grant> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

    use super::*;

    fn grants(patterns: &[&str]) -> Grants {
        Grants::new(patterns.iter().map(|text| text.parse().unwrap()))
    }

    fn allows(pattern: &str, action: &str) -> bool {
        grants(&[pattern]).allow(&action.parse().unwrap())
    }

    #[test]
    fn a_pattern_covers_what_it_says_and_nothing_beside_it() {
        for (pattern, action) in [
            ("*", "mistral/list-models"),
            ("mistral/*", "mistral/list-models"),
            ("mistral/list-*", "mistral/list-models"),
            ("mistral/list-*", "mistral/list-models-of-me"),
            ("mistral/list-models", "mistral/list-models"),
        ] {
            assert!(allows(pattern, action), "{pattern} {action}");
        }
        for (pattern, action) in [
            ("mistral/*", "mistral-eu/list-models"),
            ("mistral/*", "mistra/list-models"),
            ("mistral/list-*", "mistral/listless"),
            ("mistral/list-*", "mistral/list"),
            ("mistral/list-*", "mistral/a-list-models"),
            ("mistral/list-*", "mistral-eu/list-models"),
            ("mistral/list-models", "mistral/list-models-of-me"),
            ("mistral/list-models", "mistral/list"),
            ("mistral/list-models", "mistral-eu/list-models"),
        ] {
            assert!(!allows(pattern, action), "{pattern} {action}");
        }
    }

    #[test]
    fn grants_add_up_and_none_is_nothing() {
        let some = grants(&["mistral/list-models", "things/get-*", "things/get-*"]);
        let sees = |port: &str| some.see(&port.parse().unwrap());
        assert!(sees("mistral") && sees("things") && !sees("mistral-eu") && !sees("thing"));
        assert!(grants(&["mistral/*"]).see(&"mistral".parse().unwrap()) && grants(&["*"]).see(&"a".parse().unwrap()));
        assert!(!grants(&["mistral/*"]).see(&"mistral-eu".parse().unwrap()));
        assert!(some.allow(&"things/get-one".parse().unwrap()) && !some.allow(&"mistral/get-one".parse().unwrap()));
        assert_eq!(some.iter().count(), 2, "each once");
        let none = Grants::default();
        assert!(none.is_empty() && !some.is_empty());
        assert!(!none.see(&"mistral".parse().unwrap()) && !none.allow(&"mistral/list-models".parse().unwrap()));
    }

    #[test]
    fn what_could_mean_more_than_it_seems_is_refused_with_the_way_to_write_it() {
        for (text, words) in [
            ("", "expected `port/action`"),
            ("mistral", "expected `port/action`"),
            ("a/b/c", "expected `port/action`"),
            ("a/*/c", "expected `port/action`"),
            ("**", "expected `port/action`"),
            ("*/x", "name it in full"),
            ("*/*", "name it in full"),
            ("mis*/x", "name it in full"),
            ("a/*b", "at the end after a dash"),
            ("a/b*", "at the end after a dash"),
            ("a/b*-*", "at the end after a dash"),
            ("a/**", "at the end after a dash"),
            ("a/*-*", "at the end after a dash"),
            ("a/-*", "is not a name"),
            ("a/b--*", "is not a name"),
            ("a/B-*", "is not a name"),
            ("a/", "is not a name"),
            ("/x", "is not a name"),
            ("A/*", "is not a name"),
            (" *", "expected `port/action`"),
        ] {
            let problem = text.parse::<Grant>().unwrap_err().to_string();
            assert!(problem.contains(words), "{text:?}: {problem}");
        }
        assert!("a\u{202e}/*".parse::<Grant>().unwrap_err().to_string().contains("\\u{202e}"));
    }

    #[test]
    fn grants_survive_being_written_and_read() {
        let json = r#"["*","mistral/*","mistral/list-*","mistral/list-models"]"#;
        let read: Grants = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
        assert_eq!(read, grants(&["mistral/list-models", "mistral/list-*", "mistral/*", "*"]));
        assert!(serde_json::from_str::<Grants>(r#"["*/x"]"#).is_err());
    }
}
