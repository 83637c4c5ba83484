//! Calls of the tools for drafts. For whoever may not propose there are no such tools, as there is no tool that
//! publishes.

use portcullis_model::{Code, PortSlug, Refusal, Shown};
use portcullis_policy::DraftId;
use portcullis_store::DraftState;
use rmcp::ErrorData;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::draft_tools::DraftTool;
use super::reply;
use super::server::Server;
use crate::doors::wire::Test;
use crate::doors::{Agent, Caller};

/// Drafts in one list.
const MOST_LISTED: usize = 100;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Create {
    port: PortSlug,
    template: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    draft: DraftId,
    template: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    draft: DraftId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tested {
    draft: DraftId,
    #[serde(default)]
    input: Option<Value>,
    #[serde(default)]
    live: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    #[serde(default)]
    state: Option<String>,
}

/// Does what the tool is for.
pub(super) async fn call(
    server: &Server,
    agent: &Agent,
    tool: DraftTool,
    request: CallToolRequestParams,
) -> Result<CallToolResult, ErrorData> {
    let given = Value::Object(request.arguments.unwrap_or_default());
    match done(server, agent, tool, given).await {
        Ok(result) => result,
        Err(refusal) => Ok(reply::refusal(&refusal)),
    }
}

async fn done(
    server: &Server,
    agent: &Agent,
    tool: DraftTool,
    given: Value,
) -> Result<Result<CallToolResult, ErrorData>, Refusal> {
    let service = &server.service;
    let caller = || Caller::Agent(agent.clone());
    let draft = match tool {
        DraftTool::Create => {
            let Create { port, template } = arguments(given)?;
            service.create_draft(agent, &port, &template).await?
        }
        DraftTool::Change => {
            let Change { draft, template } = arguments(given)?;
            service.change_draft(agent, &draft, &template).await?
        }
        DraftTool::Validate => service.validate_draft(agent, &arguments::<Named>(given)?.draft).await?,
        DraftTool::Request => service.request_draft(agent, &arguments::<Named>(given)?.draft).await?,
        DraftTool::Withdraw => service.withdraw_draft(agent, &arguments::<Named>(given)?.draft).await?,
        DraftTool::Show => service.draft(&caller(), &arguments::<Named>(given)?.draft)?,
        DraftTool::Test => {
            let Tested { draft, input, live } = arguments(given)?;
            let test = Test { input: input.unwrap_or_else(|| json!({})), live };
            return Ok(reply::outcome(&service.test_draft(agent, &draft, test).await?));
        }
        DraftTool::List => {
            let Listed { state } = arguments(given)?;
            let state: Option<DraftState> =
                state.map(|state| state.parse()).transpose().map_err(|_| unfit("no such state"))?;
            return Ok(reply::data(&json!({"drafts": service.drafts(&caller(), state, MOST_LISTED)?})));
        }
    };
    Ok(reply::data(&draft))
}

fn arguments<T: DeserializeOwned>(given: Value) -> Result<T, Refusal> {
    serde_json::from_value(given).map_err(|error| unfit(&error.to_string()))
}

fn unfit(what: &str) -> Refusal {
    Refusal::new(Code::BadRequest, format!("the arguments are not right: {}", Shown::new(what)))
        .fix("the tool's input schema says what it takes")
}
