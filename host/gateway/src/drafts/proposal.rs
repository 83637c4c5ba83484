//! What an agent proposes, read: strictly, within its bounds, and with everything that is wrong with it.
//!
//! A template that breaks rules can be kept and mended. One with a member that no template has, or with anything like a
//! credential, is not kept at all.

use portcullis_catalog::ActionTemplate;
use portcullis_model::{Code, Detail, Problem, Refusal};
use portcullis_policy::DraftId;
use portcullis_store::{Draft, DraftContent, DraftError};
use serde_json::Map;

use crate::host::Host;

/// An action template that was read.
pub(crate) struct Proposal {
    /// As it is kept: only what was understood, so that nothing else is ever shown or published.
    pub(crate) content: DraftContent,
    /// The template.
    pub(crate) template: ActionTemplate,
    /// The rules that it breaks.
    pub(crate) problems: Vec<Detail>,
}

impl Proposal {
    /// Reads a template's text.
    ///
    /// # Errors
    /// `request-too-large`, or `bad-document` with every place at fault.
    pub(crate) fn read(text: &str) -> Result<Self, Refusal> {
        if text.len() > DraftContent::MOST_BYTES {
            return Err(refusal(DraftError::TooLong { bytes: text.len(), most: DraftContent::MOST_BYTES }, None));
        }
        let proposed = ActionTemplate::propose(text, &Map::new())?;
        let action = proposed.action.slug.parse().map_err(|problem: portcullis_model::SlugProblem| {
            let detail = Detail { at: "/slug".to_owned(), what: problem.to_string() };
            Refusal::new(Code::BadDocument, "a draft needs a name").details([detail])
        })?;
        let template = serde_json::to_string(&proposed.action)
            .map_err(|_| Refusal::new(Code::BadDocument, "the template cannot be written as JSON"))?;
        let problems = proposed.problems.into_iter().map(detail).collect();
        Ok(Self { content: DraftContent { action, template }, template: proposed.action, problems })
    }

    /// What a draft says now; `None` where its content is gone.
    ///
    /// # Errors
    /// `bad-document` where it was kept by a version that took more.
    pub(crate) fn of(draft: &Draft) -> Result<Option<Self>, Refusal> {
        draft.template.as_deref().map(Self::read).transpose()
    }
}

pub(crate) fn detail(problem: Problem) -> Detail {
    Detail { at: problem.at, what: problem.what }
}

/// One draft, whosever it is.
pub(crate) fn find(host: &Host, id: &DraftId) -> Result<Draft, Refusal> {
    let found = host.store().draft(id).map_err(|error| refusal(error.into(), Some(id)))?;
    found.ok_or_else(|| refusal(DraftError::Unknown, Some(id)))
}

/// That a draft is no action yet.
pub(crate) fn unfit(id: &DraftId, problems: Vec<Detail>) -> Refusal {
    Refusal::new(Code::BadDocument, format!("`{id}` is no action yet"))
        .fix("its agent changes what is listed, and validates it again")
        .details(problems)
}

/// Why a draft was not made or changed, with the way out.
pub(crate) fn refusal(error: DraftError, id: Option<&DraftId>) -> Refusal {
    let name = id.map_or_else(|| "the draft".to_owned(), |id| format!("`{id}`"));
    match error {
        DraftError::Unknown => {
            Refusal::new(Code::DraftUnknown, format!("there is no draft {name}")).fix("list the drafts")
        }
        DraftError::State(state) => Refusal::new(Code::DraftState, format!("{name} is `{state}`")).fix(match state {
            portcullis_store::DraftState::Open => "its agent has to request that it be published",
            portcullis_store::DraftState::Requested => "an operator decides about it; a change takes the request back",
            _ => "make a new draft",
        }),
        DraftError::Changed { .. } => {
            Refusal::new(Code::DraftState, format!("{name} was changed since")).fix("look at what it says now")
        }
        DraftError::TooMany { .. } => Refusal::new(Code::TooManyCalls, error.to_string())
            .fix("withdraw one, or wait until an operator decides about those that are requested"),
        DraftError::TooLong { .. } => Refusal::new(Code::RequestTooLarge, error.to_string())
            .fix("say less: schemas and descriptions can be shorter"),
        DraftError::NotAllowed(port) => {
            Refusal::new(Code::UnknownAction, format!("there is no port `{port}` for which this caller may propose"))
                .fix("ask the operator: `portcullis agent create NAME --propose PORT`")
        }
        DraftError::Moved(_) => Refusal::new(Code::DraftState, error.to_string()).fix("look at the difference again"),
        DraftError::Store(error) => Refusal::new(Code::AuditUnavailable, error.to_string()).fix("portcullis doctor"),
    }
}
