//! Who is asking: an agent, who may call what it was granted, or an operator, who may decide and never call.

use portcullis_model::{AgentName, Code, Grants, Refusal};
use portcullis_policy::TimestampMs;
use portcullis_store::{TokenKind, TokenRecord};

use super::token::{Token, unauthenticated};
use crate::host::Host;

/// A caller with a live token of either kind.
#[derive(Debug, Clone)]
pub enum Caller {
    /// May see and call what it was granted.
    Agent(Agent),
    /// May see everything, approve and reject. May not call.
    Operator(Operator),
}

/// An agent.
#[derive(Debug, Clone)]
pub struct Agent(TokenRecord);

/// An operator's token.
#[derive(Debug, Clone)]
pub struct Operator(TokenRecord);

impl Agent {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &AgentName {
        &self.0.name
    }

    /// What exists for it.
    #[must_use]
    pub fn grants(&self) -> &Grants {
        &self.0.grants
    }

    /// Whether its own host may answer for the person who approves.
    #[must_use]
    pub fn forms(&self) -> bool {
        self.0.forms
    }

    /// Names its token in logs.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.0.fingerprint
    }

    /// When its token ends.
    #[must_use]
    pub fn expires_ms(&self) -> Option<TimestampMs> {
        self.0.expires_ms
    }
}

impl Operator {
    /// Name of the token.
    #[must_use]
    pub fn name(&self) -> &AgentName {
        &self.0.name
    }

    /// Names the token in logs.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.0.fingerprint
    }

    /// When the token ends.
    #[must_use]
    pub fn expires_ms(&self) -> Option<TimestampMs> {
        self.0.expires_ms
    }
}

impl Caller {
    /// From what the store knows of a live token.
    pub(crate) fn new(record: TokenRecord) -> Self {
        match record.kind {
            TokenKind::Agent => Self::Agent(Agent(record)),
            TokenKind::Operator => Self::Operator(Operator(record)),
        }
    }

    /// The agent.
    ///
    /// # Errors
    /// `forbidden` for an operator: no token can both call and approve.
    pub fn agent(&self) -> Result<&Agent, Refusal> {
        match self {
            Self::Agent(agent) => Ok(agent),
            Self::Operator(_) => Err(Refusal::new(Code::Forbidden, "an operator's token cannot call actions")
                .fix("portcullis agent create NAME, and call with that token")),
        }
    }

    /// The operator.
    ///
    /// # Errors
    /// `forbidden` for an agent.
    pub fn operator(&self) -> Result<&Operator, Refusal> {
        match self {
            Self::Operator(operator) => Ok(operator),
            Self::Agent(_) => Err(Refusal::new(Code::Forbidden, "only an operator may do that")
                .fix("ask the operator: `portcullis approvals list`")),
        }
    }
}

/// Who holds this token.
///
/// # Errors
/// `unauthenticated`, in the same words whatever is wrong with it.
pub(crate) async fn authenticate(host: &Host, token: &str) -> Result<Caller, Refusal> {
    let token = Token::read(token)?;
    let record = host.store().authenticate(&token.digest()).await;
    match record.map_err(|e| Refusal::new(Code::AuditUnavailable, e.to_string()).fix("portcullis doctor"))? {
        // The prefix is the client's word, the record the store's: where they differ somebody tries something.
        Some(record) if record.kind == token.kind() => Ok(Caller::new(record)),
        _ => Err(unauthenticated()),
    }
}
