//! Who is at the command line: the operator, or the agent whose token is in the environment.
//!
//! A person at this machine's own account is the operator. Whoever sets `PORTCULLIS_TOKEN` means to be an agent, and
//! is held to it: such a command can do what that agent may, and nothing that is the operator's.

use portcullis_model::{ActionId, AgentName, Code, PortSlug, Refusal};

use super::caller::{Agent, Caller, authenticate};
use super::listing::unknown_action;
use crate::host::Host;

/// The name under which the operator's own calls are recorded. No agent can have it.
pub const OPERATOR: &str = "operator";

/// Who typed a command.
pub(crate) enum Local {
    /// The owner of this account.
    Operator,
    /// An agent.
    Agent(Agent),
}

impl Local {
    /// Who it is, by the token of the environment if there is one.
    ///
    /// # Errors
    /// `unauthenticated` where the token is not good, `forbidden` where it is an operator's: those are for the HTTP
    /// door, and here they would only look like more than they are.
    pub(crate) async fn new(host: &Host, token: Option<&str>) -> Result<Self, Refusal> {
        let Some(token) = token else { return Ok(Self::Operator) };
        match authenticate(host, token).await? {
            Caller::Agent(agent) => Ok(Self::Agent(agent)),
            Caller::Operator(_) => Err(Refusal::new(
                Code::Forbidden,
                "PORTCULLIS_TOKEN holds an operator's token, which cannot call actions",
            )
            .fix("unset PORTCULLIS_TOKEN: at this command line you are the operator without it")),
        }
    }

    /// The name that is recorded.
    ///
    /// # Errors
    /// Never in practice: the operator's name is a constant that is one.
    pub(crate) fn name(&self) -> Result<AgentName, Refusal> {
        match self {
            Self::Agent(agent) => Ok(agent.name().clone()),
            Self::Operator => OPERATOR
                .parse()
                .map_err(|e: portcullis_model::SlugProblem| Refusal::new(Code::Unauthenticated, e.to_string())),
        }
    }

    /// Whether this is the owner of the account.
    pub(crate) fn is_operator(&self) -> bool {
        matches!(self, Self::Operator)
    }

    /// Whether an action exists for them.
    pub(crate) fn may(&self, id: &ActionId) -> bool {
        match self {
            Self::Operator => true,
            Self::Agent(agent) => agent.grants().allow(id),
        }
    }

    /// Whether a port may hold something that exists for them.
    pub(crate) fn sees(&self, port: &PortSlug) -> bool {
        match self {
            Self::Operator => true,
            Self::Agent(agent) => agent.grants().see(port),
        }
    }

    /// That an action exists for them.
    ///
    /// # Errors
    /// `unknown-action`, as for one that is not installed.
    pub(crate) fn must(&self, id: &ActionId) -> Result<(), Refusal> {
        if self.may(id) { Ok(()) } else { Err(unknown_action(id)) }
    }
}
