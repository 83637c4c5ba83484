//! The rules, for the operator's page: which hold, what is wrong with the files, how a call would be decided.

use std::sync::Arc;

use portcullis_model::{Digest, Refusal};
use portcullis_policy::{Explanation, FileLine, RuleLine, RuleProblem, TimestampMs};
use serde::Serialize;

use super::caller::Operator;
use super::service::Service;
use crate::invoke::{Invocation, explain};

/// The rules that hold.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field says what it is")]
pub struct PolicyView {
    /// What every decision row names.
    pub digest: Digest,
    pub timezone: String,
    pub files: Vec<FileLine>,
    /// The bundled ones first.
    pub rules: Vec<RuleLine>,
    /// Where there are any, the files are newer than the rules that hold, and do not hold.
    pub problems: Vec<RuleProblem>,
}

impl Service {
    /// The rules that hold.
    #[must_use]
    pub fn policy(&self, _: &Operator) -> PolicyView {
        let rules = self.host().rules();
        PolicyView {
            digest: rules.digest(),
            timezone: rules.words().timezone().to_owned(),
            files: rules.files().to_vec(),
            rules: rules.lines(),
            problems: self.host().rule_problems(),
        }
    }

    /// How a call would be decided, and why. Sends nothing, records nothing.
    ///
    /// # Errors
    /// The refusal of whichever room would refuse before policy.
    pub async fn explain(
        self: &Arc<Self>,
        _: &Operator,
        invocation: Invocation,
        at: Option<TimestampMs>,
    ) -> Result<Explanation, Refusal> {
        let service = Arc::clone(self);
        self.apart(async move { explain(service.host(), &service.host().rules(), &invocation, at, None) }).await
    }

    /// Sees changed rule files, and puts them on record, also while nobody calls.
    pub(super) async fn see_rules(&self) {
        if let Err(refusal) = self.host().rules_in_force().await {
            tracing::warn!(%refusal, "the rules that hold cannot be put on record");
        }
    }
}
