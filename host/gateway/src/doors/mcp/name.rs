//! `port__action`: an action's name as a tool. Neither part can hold an underscore, so it reads back in one way only.
//!
//! Does not decide whether there is such an action.

use std::fmt;
use std::str::FromStr;

use portcullis_model::{ActionId, SlugProblem};

/// Stands between port and action.
const BETWEEN: &str = "__";

/// The tool that fetches a result later. It is never read as an action, so that a port of that name cannot take its
/// place.
pub(super) const RESULT: &str = "portcullis__result";

/// The name of an action's tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ToolName(ActionId);

impl ToolName {
    /// The name of this action's tool.
    pub(super) fn of(id: &ActionId) -> Self {
        Self(id.clone())
    }

    /// The action.
    pub(super) fn action(&self) -> &ActionId {
        &self.0
    }
}

impl FromStr for ToolName {
    type Err = SlugProblem;

    fn from_str(text: &str) -> Result<Self, SlugProblem> {
        match text.split_once(BETWEEN) {
            Some((port, action)) if text != RESULT => {
                Ok(Self(ActionId { port: port.parse()?, action: action.parse()? }))
            }
            _ => Err(SlugProblem::NotAnActionId(portcullis_model::Shown::new(text).to_string())),
        }
    }
}

impl fmt::Display for ToolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{BETWEEN}{}", self.0.port, self.0.action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_reads_back_as_the_same_action() {
        for id in ["mistral/list-models", "a/b", "a1/b-2"] {
            let id: ActionId = id.parse().unwrap();
            let name = ToolName::of(&id).to_string();
            assert_eq!(name.parse::<ToolName>().unwrap().action(), &id, "{name}");
        }
    }

    #[test]
    fn no_other_text_is_the_name_of_an_action() {
        let others = [
            "", "__", "a__", "__b", "a_b", "a/b", "a___b", "a__b__c", "A__b", "a__b\n", "a__b ", "mistral", RESULT,
            "ä__b",
        ];
        for other in others {
            assert!(other.parse::<ToolName>().is_err(), "{other:?}");
        }
    }
}
