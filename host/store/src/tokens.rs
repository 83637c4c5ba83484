//! Tokens: who may come through a door, and as what. Issued and revoked by the operator, each with its audit row.
//!
//! A token itself never comes here, only its SHA-256, and that never leaves. Whether a token may do what it asks for is
//! the door's matter.

use std::fmt;

use portcullis_model::{AgentName, Digest, Grants, PortSet};
use portcullis_policy::{Approver, StoreError, TimestampMs};
use serde::{Serialize, Serializer};

use crate::approval_row::Undecided;
use crate::approvals::reject;
use crate::drafts;
use crate::expiry::expire;
use crate::problem::Problem;
use crate::standing;
use crate::store::Store;
use crate::token_row;
use crate::transaction::Tx;

/// What a token is for: no kind can both invoke and approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Invokes what it was granted.
    Agent,
    /// Approves, rejects and reads.
    Operator,
}

impl TokenKind {
    /// The kind as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for TokenKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A token to be issued. It has no `Debug`, so that no log line can hold the hash.
pub struct NewToken {
    /// What it is for.
    pub kind: TokenKind,
    /// Whose it is.
    pub name: AgentName,
    /// What it may see and call; nothing for an operator's.
    pub grants: Grants,
    /// Whether a form that the agent's own host shows counts as an approval.
    pub forms: bool,
    /// For which ports it may propose actions; none for an operator's.
    pub propose: PortSet,
    /// SHA-256 of the token.
    pub hash: Digest,
    /// When it ends; never where there is none.
    pub expires_ms: Option<TimestampMs>,
}

/// A token as it is kept, without its hash.
#[derive(Debug, Clone, Serialize)]
pub struct TokenRecord {
    /// What it is for.
    pub kind: TokenKind,
    /// Whose it is.
    pub name: AgentName,
    /// What it may see and call.
    pub grants: Grants,
    /// Whether a form that the agent's own host shows counts as an approval.
    pub forms: bool,
    /// For which ports it may propose actions.
    pub propose: PortSet,
    /// The first twelve hexadecimal digits of its hash: enough to tell tokens apart, too few to be one.
    pub fingerprint: String,
    /// When it was issued.
    pub created_ms: TimestampMs,
    /// When it ends; never where there is none.
    pub expires_ms: Option<TimestampMs>,
    /// When it was last used, give or take a minute.
    pub last_used_ms: Option<TimestampMs>,
    /// When the operator ended it.
    pub revoked_ms: Option<TimestampMs>,
}

impl TokenRecord {
    /// Whether it is good at this time: neither revoked nor over.
    #[must_use]
    pub fn live_at(&self, now_ms: TimestampMs) -> bool {
        self.revoked_ms.is_none() && self.expires_ms.is_none_or(|end_ms| now_ms < end_ms)
    }
}

/// What an approval or a draft says whose agent lost its token.
const REVOKED: &str = "its agent's token was revoked";

impl Store {
    /// Issues a token; `false` where the name is or ever was taken for that kind, also by a token that is revoked or
    /// over, or by approvals of an agent of that name: who comes later never reads what was another's.
    ///
    /// Blocks: the token is durable against the loss of power when it returns.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn issue_token(&self, new: &NewToken) -> Result<bool, StoreError> {
        Ok(self.inner.writer.run(|tx| issue(tx, new))?)
    }

    /// Every token of a kind, by name, revoked ones too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tokens(&self, kind: TokenKind) -> Result<Vec<TokenRecord>, StoreError> {
        Ok(token_row::all(&self.inner.reader(), kind)?)
    }

    /// Ends a token for good, and with an agent's the approvals it waits for, those that stand for it, and its drafts;
    /// `false` where there is no such token or it is revoked already. What a person has approved before is sent. Blocks.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn revoke_token(&self, kind: TokenKind, name: &AgentName) -> Result<bool, StoreError> {
        self.revoke_token_by(kind, name, &Approver::Terminal)
    }

    /// The same, by whoever it is.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn revoke_token_by(&self, kind: TokenKind, name: &AgentName, by: &Approver) -> Result<bool, StoreError> {
        Ok(self.inner.writer.run(|tx| revoke(tx, kind, name, by))?)
    }

    /// The token of this hash, where it is live now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn authenticate(&self, hash: &Digest) -> Result<Option<TokenRecord>, StoreError> {
        let now_ms = self.inner.now_ms();
        let found = token_row::find(&self.inner.reader(), hash)?;
        let Some(token) = found.filter(|token| token.live_at(now_ms)) else { return Ok(None) };
        if self.inner.last_use.due(&token, now_ms) {
            let (kind, name) = (token.kind, token.name.clone());
            self.inner.writer.leave(move |tx| token_row::used(tx.conn(), kind, &name, now_ms));
        }
        Ok(Some(token))
    }
}

fn issue(tx: &mut Tx<'_>, new: &NewToken) -> Result<bool, Problem> {
    #[derive(Serialize)]
    struct Issued<'a> {
        kind: TokenKind,
        name: &'a AgentName,
        fingerprint: String,
        grants: &'a Grants,
        forms: bool,
        #[serde(skip_serializing_if = "PortSet::is_empty")]
        propose: &'a PortSet,
        expires_ms: Option<TimestampMs>,
    }
    if new.kind == TokenKind::Agent && has_approvals(tx, &new.name)? {
        return Ok(false);
    }
    if !token_row::insert(tx.conn(), new, tx.now_ms())? {
        return Ok(false);
    }
    let NewToken { kind, name, grants, forms, propose, hash, expires_ms } = new;
    let fingerprint = token_row::fingerprint(hash);
    let issued = Issued { kind: *kind, name, fingerprint, grants, forms: *forms, propose, expires_ms: *expires_ms };
    tx.append("token-issued", None, &issued)?;
    Ok(true)
}

fn revoke(tx: &mut Tx<'_>, kind: TokenKind, name: &AgentName, by: &Approver) -> Result<bool, Problem> {
    #[derive(Serialize)]
    struct Revoked<'a> {
        kind: TokenKind,
        name: &'a AgentName,
        fingerprint: String,
        by: String,
    }
    let Some(fingerprint) = token_row::revoke(tx.conn(), kind, name, tx.now_ms())? else { return Ok(false) };
    tx.append("token-revoked", None, &Revoked { kind, name, fingerprint, by: by.to_string() })?;
    if kind == TokenKind::Agent {
        end_approvals(tx, name, by)?;
        standing::end_of_agent(tx, name, by, REVOKED)?;
        drafts::end_of_agent(tx, name, by, REVOKED)?;
    }
    Ok(true)
}

/// Ends what an agent waits for.
fn end_approvals(tx: &mut Tx<'_>, agent: &AgentName, by: &Approver) -> Result<(), Problem> {
    let now_ms = tx.now_ms();
    for undecided in pending(tx, agent)? {
        if undecided.expires_ms <= now_ms {
            expire(tx, &undecided)?;
        } else {
            reject(tx, &undecided, REVOKED, by, now_ms)?;
        }
    }
    Ok(())
}

/// Ends an approval that was asked for while its agent's token was being revoked.
pub(crate) fn end_if_revoked(tx: &mut Tx<'_>, agent: &AgentName) -> Result<(), Problem> {
    if token_row::is_revoked(tx.conn(), TokenKind::Agent, agent)? {
        end_approvals(tx, agent, &Approver::Terminal)
    } else {
        Ok(())
    }
}

fn pending(tx: &Tx<'_>, agent: &AgentName) -> Result<Vec<Undecided>, Problem> {
    let sql = format!(
        "SELECT {} FROM approvals WHERE state = 'pending' AND agent = ?1 ORDER BY created_ms, id",
        Undecided::COLUMNS
    );
    let mut statement = tx.conn().prepare_cached(&sql)?;
    let rows = statement.query_map([agent.as_str()], Undecided::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn has_approvals(tx: &Tx<'_>, agent: &AgentName) -> Result<bool, Problem> {
    let sql = "SELECT EXISTS (SELECT 1 FROM approvals WHERE agent = ?1)";
    Ok(tx.conn().query_row(sql, [agent.as_str()], |row| row.get(0))?)
}
