//! The life of a draft: each change with its audit row, in the same transaction.
//!
//! Whether a draft could be an action is not looked at here, nor is one made of it. Here is only who may change what,
//! and that an operator's yes is to the content that was looked at.

use portcullis_model::{ActionId, AgentName, Digest, PortSlug};
use portcullis_policy::{Approver, DraftId, StoreError};
use serde::Serialize;

use crate::additions::{self, Addition};
use crate::approval_row::Undecided;
use crate::approvals::reject;
use crate::draft::{Draft, DraftContent, DraftError, DraftFilter, DraftLine, DraftState};
use crate::draft_row;
use crate::expiry::expire;
use crate::problem::Problem;
use crate::store::Store;
use crate::token_row;
use crate::transaction::Tx;

/// Drafts of one agent that nobody has decided.
const MOST_UNDECIDED: usize = 32;

/// What an audit row says about a draft: never its content.
#[derive(Serialize)]
struct Facts<'a> {
    draft: &'a DraftId,
    action: ActionId,
    agent: &'a AgentName,
    digest: Digest,
    /// What it said before.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced: Option<Digest>,
    /// Present where the change took a request back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    taken_back: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> Facts<'a> {
    fn of(line: &'a DraftLine) -> Self {
        let DraftLine { id, port, action, agent, digest, .. } = line;
        let action = ActionId { port: port.clone(), action: action.clone() };
        Self { draft: id, action, agent, digest: *digest, replaced: None, taken_back: false, by: None, reason: None }
    }
}

impl Store {
    /// Makes a draft.
    ///
    /// # Errors
    /// Where the agent may not propose for the port, has too many, or says too much; or the store cannot be written.
    pub async fn create_draft(
        &self,
        id: DraftId,
        port: &PortSlug,
        agent: &AgentName,
        content: DraftContent,
    ) -> Result<DraftLine, DraftError> {
        bounded(&content)?;
        let (port, agent) = (port.clone(), agent.clone());
        let work = move |tx: &mut Tx<'_>| {
            if let Err(no) = may_propose(tx, &agent, &port)? {
                return Ok(Err(no));
            }
            if draft_row::undecided(tx.conn(), &agent)? >= MOST_UNDECIDED {
                return Ok(Err(DraftError::TooMany { most: MOST_UNDECIDED }));
            }
            draft_row::insert(tx.conn(), &id, &port, &agent, &content, tx.now_ms())?;
            let line = again(tx, &id)?;
            tx.append("draft-created", None, &Facts::of(&line))?;
            Ok(Ok(line))
        };
        self.change(work).await?
    }

    /// Gives an agent's draft other content. One that was requested is open again: an operator publishes what was
    /// requested, and nothing else. Tests that wait end.
    ///
    /// # Errors
    /// As [`Self::create_draft`]; where it is not the agent's, or decided.
    pub async fn change_draft(
        &self,
        id: &DraftId,
        agent: &AgentName,
        content: DraftContent,
    ) -> Result<DraftLine, DraftError> {
        bounded(&content)?;
        let (id, agent) = (id.clone(), agent.clone());
        let work = move |tx: &mut Tx<'_>| {
            let before = match own(tx, &id, &agent)? {
                Ok(before) => before,
                Err(no) => return Ok(Err(no)),
            };
            draft_row::rewrite(tx.conn(), &id, &content, tx.now_ms())?;
            end_tests(tx, &id, &Approver::Withdrawn(agent.clone()), "its draft was changed")?;
            let line = again(tx, &id)?;
            let taken_back = before.state == DraftState::Requested;
            let facts = Facts { replaced: Some(before.digest), taken_back, ..Facts::of(&line) };
            tx.append("draft-changed", None, &facts)?;
            Ok(Ok(line))
        };
        self.change(work).await?
    }

    /// Asks for an agent's draft to be published, with the content of this digest.
    ///
    /// # Errors
    /// Where it is not the agent's, is not open, or says something else by now; or the store cannot be written.
    pub async fn request_draft(&self, id: &DraftId, agent: &AgentName, seen: Digest) -> Result<DraftLine, DraftError> {
        let (id, agent) = (id.clone(), agent.clone());
        let work = move |tx: &mut Tx<'_>| match own(tx, &id, &agent)? {
            Ok(line) if line.state != DraftState::Open => Ok(Err(DraftError::State(line.state))),
            Ok(line) if line.digest != seen => Ok(Err(DraftError::Changed { digest: line.digest })),
            Ok(line) => put(tx, &line, DraftState::Requested, "draft-requested", None, None).map(Ok),
            Err(no) => Ok(Err(no)),
        };
        self.change(work).await?
    }

    /// Takes an agent's draft back. Its content is gone.
    ///
    /// # Errors
    /// Where it is not the agent's, or decided; or the store cannot be written.
    pub async fn withdraw_draft(&self, id: &DraftId, agent: &AgentName) -> Result<DraftLine, DraftError> {
        let (id, agent) = (id.clone(), agent.clone());
        let work = move |tx: &mut Tx<'_>| match own(tx, &id, &agent)? {
            Ok(line) => {
                end_tests(tx, &id, &Approver::Withdrawn(agent.clone()), "its draft was withdrawn")?;
                put(tx, &line, DraftState::Withdrawn, "draft-withdrawn", None, None).map(Ok)
            }
            Err(no) => Ok(Err(no)),
        };
        self.change(work).await?
    }

    /// The operator's no.
    ///
    /// # Errors
    /// Where there is none that is undecided, or [`Approver::may_decide_drafts`] says no; or the store cannot be written.
    pub async fn reject_draft(&self, id: &DraftId, by: &Approver, reason: &str) -> Result<DraftLine, DraftError> {
        let (id, by, reason) = (id.clone(), by.clone(), reason.to_owned());
        let work = move |tx: &mut Tx<'_>| {
            must_be_operator(&by)?;
            match undecided(tx, &id)? {
                Ok(line) => {
                    end_tests(tx, &id, &by, "its draft was rejected")?;
                    let by = by.to_string();
                    put(tx, &line, DraftState::Rejected, "draft-rejected", Some(&by), Some(&reason)).map(Ok)
                }
                Err(no) => Ok(Err(no)),
            }
        };
        self.change(work).await?
    }

    /// Makes an action of a draft that was requested: with the addition, and only with it, the draft is published. Blocks.
    ///
    /// # Errors
    /// Where there is none, it was not requested, or says something else by now; where what serves the port is not what
    /// the addition was made for; where [`Approver::may_decide_drafts`] says no; or the store cannot be written.
    pub fn publish_draft(
        &self,
        id: &DraftId,
        seen: Digest,
        by: &Approver,
        addition: &Addition,
        template: &[u8],
    ) -> Result<DraftLine, DraftError> {
        let mut done = Err(DraftError::Moved(addition.port.clone()));
        self.adding(addition, template, |tx| {
            // In this order: a transaction that ends here has changed nothing.
            if !additions::fits(tx, addition)? {
                return Ok(None);
            }
            done = publish(tx, id, seen, by)?;
            if done.is_ok() { additions::put(tx, addition, by) } else { Ok(None) }
        })?;
        done
    }

    /// One draft with its content.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn draft(&self, id: &DraftId) -> Result<Option<Draft>, StoreError> {
        Ok(draft_row::read(&self.inner.reader(), id)?)
    }

    /// Drafts in short, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn drafts(&self, filter: &DraftFilter) -> Result<Vec<DraftLine>, StoreError> {
        Ok(draft_row::list(&self.inner.reader(), filter)?)
    }
}

/// The operator's yes, to the content of this digest: what was asked for, and what was looked at.
fn publish(
    tx: &mut Tx<'_>,
    id: &DraftId,
    seen: Digest,
    by: &Approver,
) -> Result<Result<DraftLine, DraftError>, Problem> {
    must_be_operator(by)?;
    match undecided(tx, id)? {
        Ok(line) if line.state != DraftState::Requested => Ok(Err(DraftError::State(line.state))),
        Ok(line) if line.digest != seen => Ok(Err(DraftError::Changed { digest: line.digest })),
        Ok(line) => {
            end_tests(tx, id, by, "its draft was published")?;
            put(tx, &line, DraftState::Published, "draft-published", Some(&by.to_string()), None).map(Ok)
        }
        Err(no) => Ok(Err(no)),
    }
}

/// Ends what an agent proposed whose token ends.
pub(crate) fn end_of_agent(tx: &mut Tx<'_>, agent: &AgentName, by: &Approver, why: &str) -> Result<(), Problem> {
    for line in draft_row::undecided_of(tx.conn(), agent)? {
        put(tx, &line, DraftState::Withdrawn, "draft-withdrawn", Some(&by.to_string()), Some(why))?;
    }
    Ok(())
}

fn bounded(content: &DraftContent) -> Result<(), DraftError> {
    let (bytes, most) = (content.template.len(), DraftContent::MOST_BYTES);
    if bytes > most { Err(DraftError::TooLong { bytes, most }) } else { Ok(()) }
}

fn must_be_operator(by: &Approver) -> Result<(), Problem> {
    if by.may_decide_drafts() { Ok(()) } else { Err(Problem::said(format!("`{by}` cannot decide about a draft"))) }
}

/// The right is looked at where the change is written: a token may have ended since a door looked.
fn may_propose(tx: &Tx<'_>, agent: &AgentName, port: &PortSlug) -> Result<Result<(), DraftError>, Problem> {
    let may = token_row::proposes(tx.conn(), agent, tx.now_ms())?.is_some_and(|ports| ports.holds(port));
    Ok(if may { Ok(()) } else { Err(DraftError::NotAllowed(port.clone())) })
}

/// An agent's own draft, while it is undecided and the agent may still propose. Another's is not there.
fn own(tx: &Tx<'_>, id: &DraftId, agent: &AgentName) -> Result<Result<DraftLine, DraftError>, Problem> {
    match draft_row::read_line(tx.conn(), id)? {
        Some(line) if &line.agent == agent => match may_propose(tx, agent, &line.port)? {
            Ok(()) if line.state.is_undecided() => Ok(Ok(line)),
            Ok(()) => Ok(Err(DraftError::State(line.state))),
            Err(no) => Ok(Err(no)),
        },
        _ => Ok(Err(DraftError::Unknown)),
    }
}

fn undecided(tx: &Tx<'_>, id: &DraftId) -> Result<Result<DraftLine, DraftError>, Problem> {
    Ok(match draft_row::read_line(tx.conn(), id)? {
        Some(line) if line.state.is_undecided() => Ok(line),
        Some(line) => Err(DraftError::State(line.state)),
        None => Err(DraftError::Unknown),
    })
}

/// Ends the tests of a draft that wait for a person: what they showed is not what it says any more.
fn end_tests(tx: &mut Tx<'_>, id: &DraftId, by: &Approver, why: &str) -> Result<(), Problem> {
    let now_ms = tx.now_ms();
    for undecided in pending_tests(tx, id)? {
        if undecided.expires_ms <= now_ms {
            expire(tx, &undecided)?;
        } else {
            reject(tx, &undecided, why, by, now_ms)?;
        }
    }
    Ok(())
}

fn pending_tests(tx: &Tx<'_>, id: &DraftId) -> Result<Vec<Undecided>, Problem> {
    let sql = format!(
        "SELECT {} FROM approvals WHERE state = 'pending' AND id IN (SELECT approval FROM draft_tests WHERE draft = ?1)
        ORDER BY created_ms, id",
        Undecided::COLUMNS
    );
    let mut statement = tx.conn().prepare_cached(&sql)?;
    let rows = statement.query_map([id.as_str()], Undecided::from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes one to another state, with its audit row.
fn put(
    tx: &mut Tx<'_>,
    line: &DraftLine,
    state: DraftState,
    kind: &str,
    by: Option<&str>,
    reason: Option<&str>,
) -> Result<DraftLine, Problem> {
    draft_row::put(tx.conn(), &line.id, state, by, reason, tx.now_ms())?;
    tx.append(kind, None, &Facts { by, reason, ..Facts::of(line) })?;
    again(tx, &line.id)
}

fn again(tx: &Tx<'_>, id: &DraftId) -> Result<DraftLine, Problem> {
    draft_row::read_line(tx.conn(), id)?.ok_or_else(|| Problem::said("a draft that was just written is not there"))
}
