//! `GET /v1/audit`: what was done, for the operator.

use axum::Json;
use axum::extract::State;
use portcullis_model::{ActionId, AgentName};
use portcullis_policy::CallId;
use portcullis_store::AuditFilter;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use utoipa::IntoParams;

use super::super::auth::ByOperator;
use super::super::describe::{Guarded, Known};
use super::super::given::{Query, limit, row, usual_limit};
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::wire::AuditRowView;

/// Which rows.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in super::super) struct Which {
    /// Only rows about this agent's calls.
    #[param(value_type = Option<String>, max_length = 63, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    agent: Option<AgentName>,
    /// Only rows about this action, `port/action`.
    #[param(value_type = Option<String>, pattern = "^(?=[^/]{1,63}/[^/]{1,63}$)[a-z][a-z0-9]*(-[a-z0-9]+)*/[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    action: Option<ActionId>,
    /// Only rows of this kind, such as `intent`, `outcome`, `refused`.
    #[serde(default, deserialize_with = "kind")]
    #[param(pattern = "^[a-z-]{1,64}$")]
    kind: Option<String>,
    /// Only rows of this call.
    #[param(value_type = Option<String>, pattern = "^call-[0-9a-hjkmnp-tv-z]{16}$")]
    call: Option<CallId>,
    /// Only rows with a smaller number: the last one seen, to go on from there.
    #[serde(default, deserialize_with = "row")]
    #[param(minimum = 0, maximum = 9_007_199_254_740_991i64)]
    before: Option<u64>,
    /// At most so many, newest first.
    #[serde(default = "usual_limit", deserialize_with = "limit")]
    #[param(minimum = 1, maximum = 1000, default = 100, required = false)]
    limit: usize,
}

fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let kind = Option::<String>::deserialize(deserializer)?;
    let fits =
        |kind: &String| (1..=64).contains(&kind.len()) && kind.bytes().all(|b| b == b'-' || b.is_ascii_lowercase());
    if kind.as_ref().is_none_or(fits) {
        Ok(kind)
    } else {
        Err(D::Error::custom("kind: expected 1 to 64 letters and dashes"))
    }
}

impl From<Which> for AuditFilter {
    fn from(which: Which) -> Self {
        Self {
            kind: which.kind,
            action: which.action,
            agent: which.agent,
            call: which.call,
            before: which.before,
            limit: Some(which.limit),
            ..Self::default()
        }
    }
}

/// Rows of the audit log, newest first. For an operator.
#[utoipa::path(
    get,
    path = "/v1/audit",
    tag = "audit",
    params(Which),
    responses((status = 200, description = "The rows.", body = Vec<AuditRowView>), Known, Guarded),
    security(("token" = []))
)]
pub(in super::super) async fn audit(
    ByOperator(operator): ByOperator,
    Query(which): Query<Which>,
    State(door): State<Door>,
) -> Result<Json<Vec<AuditRowView>>, Problem> {
    Ok(Json(door.service.audit(&operator, &which.into())?))
}
