//! An action template as an agent proposes it: nothing in it may be unknown, and what breaks a rule can still be mended.
//!
//! A member that no template has would say something that nobody reads, such as another origin; it is not kept.

use portcullis_model::{Problem, Refusal};
use serde_json::{Map, Value};

use crate::documents::action::ActionTemplate;
use crate::documents::credential;
use crate::documents::definitions::Definitions;
use crate::documents::found::Found;
use crate::documents::read::{action, strict};

/// A template that could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposed {
    /// The action.
    pub action: ActionTemplate,
    /// The rules that it breaks, each at its JSON Pointer into the template.
    pub problems: Vec<Problem>,
}

impl ActionTemplate {
    /// Reads a template that may break rules, as [`ActionTemplate::parse`] reads one that keeps them.
    ///
    /// # Errors
    /// `bad-document` where it is no template, with every problem: a member is missing, of another kind, or one that no
    /// template has; or where it carries anything like a credential, which is reported alone.
    pub fn propose(text: &str, defs: &Map<String, Value>) -> Result<Proposed, Refusal> {
        let value = strict(text)?;
        let mend = |refusal: Refusal| refusal.fix("change what is listed");
        credential::scan(&value).into_result(credential::MESSAGE).map_err(mend)?;
        let (mut problems, mut unknown) = (Found::default(), Found::default());
        let action = action(&value, "", &mut problems, &mut unknown);
        for Problem { at, .. } in unknown.into_problems() {
            problems.add(at, "no action template has such a member");
        }
        let (_, rules) = action.judge(&Definitions::of(defs));
        if problems.is_empty() {
            return Ok(Proposed { action, problems: rules.into_problems() });
        }
        problems.take_where_read(rules);
        Err(problems.into_refusal("this is no action template").fix("change what is listed"))
    }
}
