//! What callers can do, whichever door they come through: find, call, wait, and, for an operator, decide.
//!
//! Each method takes the caller it acts for. An agent learns nothing of what it was not granted, nor of other agents'
//! approvals: both read as things that do not exist. The methods are in the files beside this one.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use portcullis_model::{Code, Digest, Refusal};
use portcullis_policy::{ApprovalId, Clock as _, StoreError};
use portcullis_store::{ApprovalLine, AuditFilter, TokenKind};
use tokio::sync::watch;
use tokio::task::JoinError;
use tokio_util::task::TaskTracker;

use super::caller::{Agent, Caller, Operator, authenticate};
use super::directory::{Directory, Latest};
use super::limits::{Limits, Pass};
use super::settings::DoorSettings;
use super::waiting::Decisions;
use super::wire::AuditRowView;
use crate::host::Host;

/// The host, as its doors see it.
pub struct Service {
    pub(super) host: Arc<Host>,
    pub(super) directory: Latest,
    pub(super) limits: Arc<Limits>,
    pub(super) decisions: Decisions,
    /// Calls run on tasks of their own: a client that goes away leaves nothing half done.
    calls: TaskTracker,
    closing: AtomicBool,
    pub(super) changes: watch::Sender<u64>,
    pub(super) waiting: watch::Sender<Arc<[ApprovalLine]>>,
    /// Where the HTTP door of this process stands.
    stands_at: OnceLock<String>,
}

impl Service {
    /// Opens the doors of a host.
    #[must_use]
    pub fn new(host: Arc<Host>) -> Arc<Self> {
        let limits = Limits::new(&host.settings().doors.limits);
        Arc::new(Self {
            host,
            directory: Latest::default(),
            limits,
            decisions: Decisions::default(),
            calls: TaskTracker::new(),
            closing: AtomicBool::new(false),
            changes: watch::Sender::new(0),
            waiting: watch::Sender::new(Arc::from([])),
            stands_at: OnceLock::new(),
        })
    }

    /// The host behind the doors.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// `[doors]` of the settings.
    #[must_use]
    pub fn settings(&self) -> &DoorSettings {
        &self.host.settings().doors
    }

    /// Says where the HTTP door of this process stands. The first word holds.
    pub fn stands_at(&self, url: &str) {
        self.stands_at.get_or_init(|| url.to_owned());
    }

    /// Where a person can see and decide an approval in a browser, if anywhere.
    #[must_use]
    pub fn page_url(&self, approval: &ApprovalId) -> Option<String> {
        let base = self.settings().page.as_ref().or_else(|| self.stands_at.get())?;
        Some(format!("{}/approvals/{approval}", base.trim_end_matches('/')))
    }

    /// Ticks when a plugin is installed, replaced or removed, by whichever process, while [`Self::tend`] runs.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// What waits for a person, newest first, whichever process asked; looked at a few times a second while
    /// [`Self::tend`] runs.
    #[must_use]
    pub fn waiting(&self) -> watch::Receiver<Arc<[ApprovalLine]>> {
        self.waiting.subscribe()
    }

    /// Who holds this token.
    ///
    /// # Errors
    /// `unauthenticated`, in the same words whatever is wrong with it.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, Refusal> {
        authenticate(&self.host, token).await
    }

    /// The operator of the token with this hash, while it is good.
    ///
    /// # Errors
    /// `unauthenticated`; `forbidden` for an agent's.
    pub(crate) async fn operator_of(&self, hash: &Digest) -> Result<Operator, Refusal> {
        super::caller::of_hash(&self.host, TokenKind::Operator, hash).await?.operator().cloned()
    }

    /// Rows of the audit log, newest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn audit(&self, _: &Operator, filter: &AuditFilter) -> Result<Vec<AuditRowView>, Refusal> {
        let rows = tokio::task::block_in_place(|| self.host.store().audit().list(filter)).map_err(unavailable)?;
        Ok(rows.into_iter().map(AuditRowView::from).collect())
    }

    /// Lets nobody in any more; returns when every call that runs is recorded.
    pub async fn drain(&self) {
        self.closing.store(true, Ordering::SeqCst);
        self.calls.close();
        self.calls.wait().await;
    }

    /// How many calls run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.calls.len()
    }

    pub(super) fn directory(&self) -> Result<Arc<Directory>, Refusal> {
        self.directory.get(&self.host)
    }

    /// Lets an agent's look at one of its approvals in.
    ///
    /// # Errors
    /// `rate-limited`.
    pub(super) fn look(&self, agent: &Agent) -> Result<(), Refusal> {
        self.limits.look(agent.name())
    }

    /// Lets a stream of an agent's stand.
    ///
    /// # Errors
    /// `too-many-calls`.
    pub(super) fn stand(&self, agent: &Agent) -> Result<Pass, Refusal> {
        self.limits.stand(agent.name())
    }

    /// Whether an agent's token is still good.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn is_live(&self, agent: &Agent) -> Result<bool, Refusal> {
        let records = self.host.store().tokens(TokenKind::Agent).map_err(unavailable)?;
        let now_ms = self.host.clock().now_ms();
        Ok(records.iter().any(|record| &record.name == agent.name() && record.live_at(now_ms)))
    }

    /// That the doors are open.
    pub(super) fn open(&self) -> Result<(), Refusal> {
        if !self.closing.load(Ordering::SeqCst) {
            return Ok(());
        }
        Err(Refusal::new(Code::ShuttingDown, "the host is closing its doors")
            .retry_after_ms(5000)
            .fix("try again later"))
    }

    /// Runs a call on a task of its own.
    pub(super) async fn apart<T: Send + 'static>(
        &self,
        call: impl Future<Output = Result<T, Refusal>> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.calls.spawn(call).await.map_err(lost)?
    }
}

/// The store cannot do its work.
pub(super) fn unavailable(error: StoreError) -> Refusal {
    Refusal::new(Code::AuditUnavailable, error.to_string()).fix("portcullis doctor")
}

/// A call whose task ended without an answer. Its intent, if there is one, stays open and reads as unknown.
/// The error is not quoted: it may hold the words of a panic, and those the words of whoever caused it.
fn lost(_: JoinError) -> Refusal {
    Refusal::new(Code::OutcomeUnknown, "the call broke off inside the host").fix("portcullis audit list")
}
