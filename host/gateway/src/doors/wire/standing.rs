//! A standing approval, as the operator sees it.

use portcullis_policy::{StandingApproval, TimestampMs};
use serde::Serialize;
use utoipa::ToSchema;

/// A standing approval.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StandingView {
    /// Its name.
    pub id: String,
    /// `live`, `expired`, `used-up` or `revoked`.
    pub state: String,
    /// Whose requests it covers.
    pub agent: String,
    /// Of which action.
    pub action: String,
    /// SHA-256 of the plugin's component: another ends it.
    pub digest: String,
    /// Method and URL of every request that it covers.
    pub request: String,
    /// Places of the body that may differ or be left out. The rest is as in the approval it came with.
    pub free: Vec<String>,
    /// The approval it came with.
    pub approval: String,
    /// Who made it.
    pub by: String,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created_ms: u64,
    /// When it ends.
    pub expires_ms: u64,
    /// How many requests it covers still, where they are counted.
    pub uses_left: Option<u64>,
    /// How many requests it has covered.
    pub uses: u64,
    /// When it covered the last one.
    pub last_used_ms: Option<u64>,
    /// When it was ended before its time.
    pub revoked_ms: Option<u64>,
    /// By whom.
    pub revoked_by: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// All of it in a sentence.
    pub words: String,
}

impl StandingView {
    /// As it stands at this time.
    pub(crate) fn new(standing: StandingApproval, now_ms: TimestampMs) -> Self {
        let words = words(&standing);
        let state = standing.state(now_ms).to_string();
        let revoked = standing.revoked;
        Self {
            id: standing.id.to_string(),
            state,
            agent: standing.agent.to_string(),
            action: standing.action.to_string(),
            digest: standing.digest.to_string(),
            request: standing.request,
            free: standing.free.as_slice().to_vec(),
            approval: standing.approval.to_string(),
            by: standing.by,
            created_ms: standing.created_ms,
            expires_ms: standing.expires_ms,
            uses_left: standing.uses_left,
            uses: standing.uses,
            last_used_ms: standing.last_used_ms,
            revoked_ms: revoked.as_ref().map(|revoked| revoked.at_ms),
            revoked_by: revoked.as_ref().map(|revoked| revoked.by.clone()),
            why: revoked.map(|revoked| revoked.why),
            words,
        }
    }
}

fn words(standing: &StandingApproval) -> String {
    let StandingApproval { agent, action, request, .. } = standing;
    let free = match standing.free.as_slice() {
        [] => "exactly as approved".to_owned(),
        places => format!("as approved but for {}", places.join(", ")),
    };
    let uses = match standing.uses_left {
        Some(left) => format!("{} of {} uses left", left, left.saturating_add(standing.uses)),
        None => format!("used {} times", standing.uses),
    };
    format!("`{agent}` may send `{action}`, {request}, {free}, without being asked again; {uses}")
}
