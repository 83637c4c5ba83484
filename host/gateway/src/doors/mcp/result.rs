//! The tool `portcullis__result`: the outcome of the caller's own call that had to wait. It changes nothing.

use portcullis_model::{Code, Refusal, Shown};
use portcullis_policy::ApprovalId;
use rmcp::model::{CallToolRequestParams, CallToolResponse};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde::Deserialize;
use serde_json::Value;

use super::reply;
use super::server::Server;
use super::wait::Wait;
use crate::doors::Agent;
use crate::doors::wire::Outcome;
use crate::shape::{ResponseMode, View};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    approval: String,
    #[serde(default)]
    wait_ms: u32,
    #[serde(default)]
    select: Option<String>,
    #[serde(default)]
    response_mode: ResponseMode,
}

/// Fetches it.
pub(super) async fn fetch(
    server: &Server,
    agent: &Agent,
    request: CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    let given = Value::Object(request.arguments.unwrap_or_default());
    match outcome(server, agent, given, context).await {
        Ok(outcome) => Ok(reply::outcome(&outcome)?.into()),
        Err(refusal) => Ok(reply::refusal(&refusal).into()),
    }
}

async fn outcome(
    server: &Server,
    agent: &Agent,
    given: Value,
    context: &RequestContext<RoleServer>,
) -> Result<Outcome, Refusal> {
    let arguments: Arguments = serde_json::from_value(given).map_err(|error| {
        let what = error.to_string();
        Refusal::new(Code::BadRequest, format!("the arguments are not right: {}", Shown::new(&what)))
            .fix("{\"approval\": \"apr-…\"}, as a pending result names it")
    })?;
    let id: ApprovalId = arguments.approval.parse().map_err(|_| {
        Refusal::new(Code::BadRequest, format!("`{}` is not an approval", Shown::new(&arguments.approval)))
            .fix("{\"approval\": \"apr-…\"}, as a pending result names it")
    })?;
    server.service.look(agent)?;
    let view = View::new(arguments.response_mode, arguments.select.as_deref())?;
    let wait = Wait {
        service: &server.service,
        closing: &server.closing,
        agent,
        context,
        id: &id,
        view: &view,
        wait_ms: arguments.wait_ms,
        own_call: false,
    };
    wait.until_decided(None).await
}
