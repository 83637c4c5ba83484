//! Who is asking: an agent, who may call what it was granted, or an operator, who may decide and never call.

use portcullis_model::{AgentName, Code, Digest, Grants, PortSet, Refusal};
use portcullis_policy::{Approver, TimestampMs};
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

/// The operator, by a token of theirs or at the page.
#[derive(Debug, Clone)]
pub struct Operator(Way);

#[derive(Debug, Clone)]
enum Way {
    Token(TokenRecord),
    /// Signed in by a link: the session's name, and when it ends.
    Page(AgentName, TimestampMs),
}

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

    /// For which ports it may propose actions.
    #[must_use]
    pub fn propose(&self) -> &PortSet {
        &self.0.propose
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
    /// Whoever signed in by a link.
    pub(crate) fn at_page(session: AgentName, expires_ms: TimestampMs) -> Self {
        Self(Way::Page(session, expires_ms))
    }

    /// Name of the token, or of the session.
    #[must_use]
    pub fn name(&self) -> &AgentName {
        match &self.0 {
            Way::Token(record) => &record.name,
            Way::Page(session, _) => session,
        }
    }

    /// Names the token, or the session, in logs.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        match &self.0 {
            Way::Token(record) => &record.fingerprint,
            Way::Page(session, _) => session.as_str(),
        }
    }

    /// When the token or the session ends.
    #[must_use]
    pub fn expires_ms(&self) -> Option<TimestampMs> {
        match &self.0 {
            Way::Token(record) => record.expires_ms,
            Way::Page(_, end_ms) => Some(*end_ms),
        }
    }

    /// How the audit log names whoever decides so.
    #[must_use]
    pub fn approver(&self) -> Approver {
        match &self.0 {
            Way::Token(record) => Approver::Token(record.name.clone()),
            Way::Page(session, _) => Approver::Page(session.clone()),
        }
    }
}

impl Caller {
    /// From what the store knows of a live token.
    pub(crate) fn new(record: TokenRecord) -> Self {
        match record.kind {
            TokenKind::Agent => Self::Agent(Agent(record)),
            TokenKind::Operator => Self::Operator(Operator(Way::Token(record))),
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
    of_hash(host, token.kind(), &token.digest()).await
}

/// Who holds the token of this kind and hash.
///
/// # Errors
/// As [`authenticate`].
pub(crate) async fn of_hash(host: &Host, kind: TokenKind, hash: &Digest) -> Result<Caller, Refusal> {
    let record = host.store().authenticate(hash).await;
    match record.map_err(|e| Refusal::new(Code::AuditUnavailable, e.to_string()).fix("portcullis doctor"))? {
        // The prefix is the client's word, the record the store's: where they differ somebody tries something.
        Some(record) if record.kind == kind => Ok(Caller::new(record)),
        _ => Err(unauthenticated()),
    }
}
