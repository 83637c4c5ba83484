//! Who answered a question put to a person, as the audit log keeps it.
//!
//! Does not authenticate: the door has done that. Says only what each may answer, so that no caller can widen it.

use std::fmt;

use portcullis_model::AgentName;

/// Who decided about an approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approver {
    /// The operator at a terminal.
    Terminal,
    /// The operator's token of this name.
    Token(AgentName),
    /// The operator in a browser, signed in by a one-time link; the name is the session's.
    Page(AgentName),
    /// A form that this agent's own host showed, where the operator allowed that for this agent.
    Form(AgentName),
    /// This agent took its own question back: a no, and never a yes.
    Withdrawn(AgentName),
}

impl Approver {
    /// Whether a yes of theirs counts for what this agent asks for.
    #[must_use]
    pub fn may_approve(&self, agent: &AgentName) -> bool {
        match self {
            Self::Terminal | Self::Token(_) | Self::Page(_) => true,
            Self::Form(of) => of == agent,
            Self::Withdrawn(_) => false,
        }
    }

    /// Whether they may say yes in advance to what an agent has not asked for yet. An agent's own host may not: it
    /// would widen what its agent does unattended.
    #[must_use]
    pub fn may_stand(&self) -> bool {
        match self {
            Self::Terminal | Self::Token(_) | Self::Page(_) => true,
            Self::Form(_) | Self::Withdrawn(_) => false,
        }
    }

    /// Whether they may let an agent's draft be tried, publish it or reject it. An agent's own host may not: what its
    /// agent invents would be sent without a person.
    #[must_use]
    pub fn may_decide_drafts(&self) -> bool {
        match self {
            Self::Terminal | Self::Token(_) | Self::Page(_) => true,
            Self::Form(_) | Self::Withdrawn(_) => false,
        }
    }

    /// Whether a no of theirs counts for what this agent asks for.
    #[must_use]
    pub fn may_reject(&self, agent: &AgentName) -> bool {
        match self {
            Self::Terminal | Self::Token(_) | Self::Page(_) => true,
            Self::Form(of) | Self::Withdrawn(of) => of == agent,
        }
    }
}

/// As the audit log writes it. No name holds a colon, so no two approvers read the same.
impl fmt::Display for Approver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Terminal => f.write_str("operator"),
            Self::Token(name) => write!(f, "operator-token:{name}"),
            Self::Page(session) => write!(f, "operator-page:{session}"),
            Self::Form(agent) => write!(f, "form:{agent}"),
            Self::Withdrawn(agent) => write!(f, "withdrawn:{agent}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

    use super::*;

    #[test]
    fn an_agent_says_no_to_its_own_question_only_and_its_form_answers_that_and_nothing_else() {
        let (mine, other): (AgentName, AgentName) = ("mine".parse().unwrap(), "other".parse().unwrap());
        for (approver, word, approves, rejects, approves_other, rejects_other) in [
            (Approver::Terminal, "operator", true, true, true, true),
            (Approver::Token(mine.clone()), "operator-token:mine", true, true, true, true),
            (Approver::Page(mine.clone()), "operator-page:mine", true, true, true, true),
            (Approver::Form(mine.clone()), "form:mine", true, true, false, false),
            (Approver::Withdrawn(mine.clone()), "withdrawn:mine", false, true, false, false),
        ] {
            assert_eq!(approver.to_string(), word);
            assert_eq!((approver.may_approve(&mine), approver.may_reject(&mine)), (approves, rejects), "{word}");
            let operator = matches!(approver, Approver::Terminal | Approver::Token(_) | Approver::Page(_));
            assert_eq!((approver.may_stand(), approver.may_decide_drafts()), (operator, operator), "{word}");
            let of_other = (approver.may_approve(&other), approver.may_reject(&other));
            assert_eq!(of_other, (approves_other, rejects_other), "{word}");
        }
    }
}
