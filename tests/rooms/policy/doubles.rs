//! Stores that keep what they are given, and fail where they are told to.

use std::sync::Mutex;

use portcullis_policy::{
    Approval, ApprovalId, ApprovalState, ApprovalStore, Approver, AuditLog, Event, Intent, NewApproval, NewStanding,
    OpenCall, OpenError, Outcome, Receipt, StoreError,
};

/// Keeps one approval; fails where it is told to.
#[derive(Default)]
pub(crate) struct RecordingApprovals {
    pub(crate) held: Mutex<Option<Approval>>,
    /// What came along with the last yes.
    pub(crate) stands: Mutex<Option<NewStanding>>,
    pub(crate) broken: bool,
}

impl RecordingApprovals {
    pub(crate) fn held(&self) -> Approval {
        self.held.lock().unwrap().clone().unwrap()
    }

    fn works(&self) -> Result<(), StoreError> {
        if self.broken { Err(StoreError::new("the disk is full")) } else { Ok(()) }
    }

    fn swap(&self, to: ApprovalState) -> Result<bool, StoreError> {
        self.works()?;
        let mut held = self.held.lock().unwrap();
        let pending = held.as_mut().filter(|a| a.state == ApprovalState::Pending);
        Ok(pending.map(|a| a.state = to).is_some())
    }
}

impl ApprovalStore for RecordingApprovals {
    async fn insert(&self, new: NewApproval) -> Result<(), StoreError> {
        self.works()?;
        let NewApproval {
            id,
            action,
            agent,
            digest,
            description,
            fingerprint,
            input,
            rule,
            created_ms,
            expires_ms,
            draft,
            ..
        } = new;
        let (state, decided_ms, reason, result) = (ApprovalState::Pending, None, None, None);
        *self.held.lock().unwrap() = Some(Approval {
            id,
            action,
            agent,
            digest,
            description: Some(description),
            input,
            fingerprint,
            rule,
            created_ms,
            expires_ms,
            state,
            decided_ms,
            reason,
            result,
            draft,
        });
        Ok(())
    }
    async fn get(&self, _: &ApprovalId) -> Result<Option<Approval>, StoreError> {
        Ok(Some(self.held()))
    }
    async fn approve(
        &self,
        _: &ApprovalId,
        _: &Approver,
        _: u64,
        stands: Option<NewStanding>,
    ) -> Result<bool, StoreError> {
        *self.stands.lock().unwrap() = stands;
        self.swap(ApprovalState::Approved)
    }
    async fn reject(&self, _: &ApprovalId, _: &str, _: &Approver, _: u64) -> Result<bool, StoreError> {
        self.swap(ApprovalState::Rejected)
    }
}

/// Keeps every intent and outcome; fails where it is told to.
#[derive(Default)]
pub(crate) struct RecordingLog {
    pub(crate) intents: Mutex<Vec<Intent>>,
    pub(crate) outcomes: Mutex<Vec<Outcome>>,
    pub(crate) broken: bool,
    pub(crate) spent: bool,
}

impl AuditLog for RecordingLog {
    async fn open(&self, intent: Intent) -> Result<Receipt, OpenError> {
        match (self.broken, self.spent) {
            (true, _) => return Err(StoreError::new("the disk is full").into()),
            (_, true) => return Err(OpenError::Spent),
            _ => self.intents.lock().unwrap().push(intent),
        }
        Ok(Receipt { seq: 1 })
    }
    async fn close(&self, _: &OpenCall, outcome: Outcome) -> Result<Receipt, StoreError> {
        if self.broken {
            return Err(StoreError::new("the disk is full"));
        }
        self.outcomes.lock().unwrap().push(outcome);
        Ok(Receipt { seq: 2 })
    }
    async fn note(&self, _: Event) -> Result<Receipt, StoreError> {
        Err(StoreError::new("this room notes nothing"))
    }
}
