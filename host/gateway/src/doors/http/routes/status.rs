//! `GET /v1/status`: what this host is, who the caller is to it, and what it allows.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::super::auth::Anyone;
use super::super::describe::{Guarded, Known};
use super::super::given::NoQuery;
use super::super::problem::Problem;
use super::super::router::Door;
use crate::doors::{Caller, MAX_WAIT_MS};

/// The host as the caller sees it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in super::super) struct Status {
    /// Version of Portcullis.
    version: &'static str,
    /// Who asks.
    caller: Who,
    /// Ports that exist for the caller.
    ports: usize,
    /// Actions that exist for the caller.
    actions: usize,
    /// What the host allows.
    limits: Limits,
}

/// Who asks.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Who {
    kind: Kind,
    /// Name of the token.
    name: String,
    /// Names the token in logs.
    fingerprint: String,
    /// When the token ends, in milliseconds since the Unix epoch.
    expires_ms: Option<u64>,
}

/// What a token is for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Agent,
    Operator,
}

/// What the host allows one agent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Limits {
    /// Calls in a minute.
    calls_per_minute: u32,
    /// Calls of one action in a minute.
    action_calls_per_minute: u32,
    /// Calls that run at the same time.
    calls_in_flight: usize,
    /// Calls that wait for a person at the same time.
    approvals_waiting: usize,
    /// Largest request body, in bytes.
    request_bytes: usize,
    /// Longest wait for a person within one request, in milliseconds.
    wait_ms: u32,
}

impl From<&Caller> for Who {
    fn from(caller: &Caller) -> Self {
        let (kind, name, fingerprint, expires_ms) = match caller {
            Caller::Agent(agent) => (Kind::Agent, agent.name(), agent.fingerprint(), agent.expires_ms()),
            Caller::Operator(operator) => {
                (Kind::Operator, operator.name(), operator.fingerprint(), operator.expires_ms())
            }
        };
        Self { kind, name: name.to_string(), fingerprint: fingerprint.to_owned(), expires_ms }
    }
}

/// What this host is, and who you are to it.
#[utoipa::path(
    get,
    path = "/v1/status",
    tag = "host",
    responses((status = 200, description = "The host as the caller sees it.", body = Status), Known, Guarded),
    security(("token" = []))
)]
pub(in super::super) async fn status(
    Anyone(caller): Anyone,
    _: NoQuery,
    State(door): State<Door>,
) -> Result<Json<Status>, Problem> {
    let ports = door.service.ports(&caller)?;
    let limits = &door.service.settings().limits;
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        caller: Who::from(&caller),
        actions: ports.iter().map(|port| port.actions).sum(),
        ports: ports.len(),
        limits: Limits {
            calls_per_minute: limits.calls_per_minute.get(),
            action_calls_per_minute: limits.action_calls_per_minute.get(),
            calls_in_flight: limits.calls_in_flight,
            approvals_waiting: limits.approvals_waiting,
            request_bytes: limits.request_bytes,
            wait_ms: MAX_WAIT_MS,
        },
    }))
}
