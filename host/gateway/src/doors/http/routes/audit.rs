//! `GET /v1/audit`: what was done, for the operator.

use axum::Json;
use axum::extract::State;
use portcullis_model::{ActionId, AgentName, SlugProblem};
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
    #[param(value_type = Option<String>, max_length = 127, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*/[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    action: Option<Asked>,
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

/// An action that is asked for. A name that is well formed and longer than any is no mistake that a pattern could tell,
/// and nothing in the log is about it.
#[derive(Deserialize)]
#[serde(try_from = "String")]
enum Asked {
    Known(ActionId),
    TooLong,
}

impl TryFrom<String> for Asked {
    type Error = SlugProblem;

    fn try_from(text: String) -> Result<Self, SlugProblem> {
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let name = |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('-').all(word);
        let formed = text.len() <= 127 && text.split_once('/').is_some_and(|(port, action)| name(port) && name(action));
        match text.parse() {
            Ok(id) => Ok(Self::Known(id)),
            Err(_) if formed => Ok(Self::TooLong),
            Err(problem) => Err(problem),
        }
    }
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

impl Which {
    /// `None` where no row can be meant.
    fn filter(self) -> Option<AuditFilter> {
        let action = match self.action {
            Some(Asked::TooLong) => return None,
            Some(Asked::Known(id)) => Some(id),
            None => None,
        };
        Some(AuditFilter {
            kind: self.kind,
            action,
            agent: self.agent,
            call: self.call,
            before: self.before,
            limit: Some(self.limit),
            ..AuditFilter::default()
        })
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
    let rows = which.filter().map(|filter| door.service.audit(&operator, &filter)).transpose()?;
    Ok(Json(rows.unwrap_or_default()))
}
