//! What the operator reads and does at the page, beyond deciding: each takes the operator it acts for.
//!
//! Shows nothing: the page does. An answer's content is the agent's, and not handed out here.

use portcullis_model::{AgentName, Code, Manifest, PortSlug, Refusal, RoutedRequest};
use portcullis_policy::{Approval, ApprovalId, ApprovalState, CallId, Clock as _};
use portcullis_store::{ApprovalFilter, ApprovalLine, PluginLine, TokenKind, TokenRecord, Verdict};
use tokio::task::block_in_place;

use super::caller::Operator;
use super::directory::Directory;
use super::service::{Service, unavailable};
use super::waiting::find;
use super::wire::AuditRowView;

/// An approval, and the request made from it again out of what is installed now.
pub(crate) struct Question {
    pub(crate) held: Approval,
    /// The refusal where it cannot be shown, and so not be sent, any more.
    pub(crate) request: Result<RoutedRequest, Refusal>,
}

impl Service {
    /// An approval with its exact request.
    ///
    /// # Errors
    /// `approval-unknown`.
    pub(crate) async fn question(&self, _: &Operator, id: &ApprovalId) -> Result<Question, Refusal> {
        let held = find(&self.host, id).await?;
        let request = block_in_place(|| self.host.routed(&held));
        Ok(Question { held, request })
    }

    /// The call of the same action that was sent last after a person's yes, whoever asked for it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn earlier(&self, operator: &Operator, than: &Approval) -> Result<Option<Question>, Refusal> {
        let last = self.host.store().last_executed(&than.action).map_err(unavailable)?;
        match last.filter(|id| *id != than.id) {
            Some(id) => self.question(operator, &id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Approvals in short, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn lines(
        &self,
        _: &Operator,
        state: Option<ApprovalState>,
        limit: usize,
    ) -> Result<Vec<ApprovalLine>, Refusal> {
        let filter = ApprovalFilter { state, limit: Some(limit), ..ApprovalFilter::default() };
        self.host.store().list_approvals(&filter).await.map_err(unavailable)
    }

    /// Everything installed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn everything(&self, _: &Operator) -> Result<std::sync::Arc<Directory>, Refusal> {
        self.directory()
    }

    /// What a port's plugin declares with what was added, and in short.
    ///
    /// # Errors
    /// `unknown-action` where there is no such port.
    pub(crate) fn manifest(&self, _: &Operator, port: &PortSlug) -> Result<(PluginLine, Manifest), Refusal> {
        let found = block_in_place(|| self.host.manifest(port))?;
        found.ok_or_else(|| Refusal::new(Code::UnknownAction, format!("no port `{port}` is installed")))
    }

    /// Where a port's credential is kept; none where there is none.
    ///
    /// # Errors
    /// `credential-unavailable`.
    pub(crate) async fn credential(&self, _: &Operator, port: &PortSlug) -> Result<Option<&'static str>, Refusal> {
        let source = self.host.egress().credentials().source(port).await?;
        Ok(source.map(portcullis_egress::Source::as_str))
    }

    /// Every row about a call, oldest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) fn story(&self, _: &Operator, call: &CallId) -> Result<Vec<AuditRowView>, Refusal> {
        let rows = block_in_place(|| self.host.store().audit().call(call)).map_err(unavailable)?;
        Ok(rows.into_iter().map(AuditRowView::from).collect())
    }

    /// The row of this number.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) fn row(&self, _: &Operator, seq: u64) -> Result<Option<AuditRowView>, Refusal> {
        let row = block_in_place(|| self.host.store().audit().row(seq)).map_err(unavailable)?;
        Ok(row.map(AuditRowView::from))
    }

    /// Checks the audit log from its first row to its last.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) fn verify(&self, _: &Operator) -> Result<Verdict, Refusal> {
        block_in_place(|| self.host.store().audit().verify()).map_err(unavailable)
    }

    /// Tokens of a kind, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn tokens(&self, _: &Operator, kind: TokenKind) -> Result<Vec<TokenRecord>, Refusal> {
        self.host.store().tokens(kind).map_err(unavailable)
    }

    /// Ends an agent's token, and what it waits for.
    ///
    /// # Errors
    /// `bad-request` where there is none to end.
    pub(crate) fn revoke_agent(&self, operator: &Operator, name: &AgentName) -> Result<(), Refusal> {
        let by = operator.approver();
        let revoked = block_in_place(|| self.host.store().revoke_token_by(TokenKind::Agent, name, &by));
        self.decisions.announce();
        if revoked.map_err(unavailable)? {
            return Ok(());
        }
        Err(Refusal::new(Code::BadRequest, format!("there is no agent `{name}` with a token to revoke")))
    }

    /// The time, as approvals and the log tell it.
    pub(crate) fn now_ms(&self) -> u64 {
        self.host.clock().now_ms()
    }
}
