//! One call of an action, from its arguments to its result.
//!
//! Decides nothing: the service does, for this agent alone.

use portcullis_model::{ActionId, Code, Refusal};
use portcullis_policy::ApprovalId;
use rmcp::model::{CallToolRequestParams, CallToolResponse, InputResponses};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::Value;

use super::elicit::{self, Question};
use super::log::Log;
use super::name::ToolName;
use super::options::{self, Options};
use super::reply;
use super::server::{Server, refused, unknown_tool};
use super::wait::Wait;
use crate::doors::wire::{Execute, Outcome, Pending};
use crate::doors::{Agent, Caller};
use crate::invoke::unknown_approval;
use crate::shape::View;

struct Call<'a> {
    server: &'a Server,
    agent: &'a Agent,
    context: &'a RequestContext<RoleServer>,
    log: Log,
    action: ActionId,
    view: View,
    wait_ms: u32,
}

/// Makes the call that a client asks for.
pub(super) async fn make(
    server: &Server,
    agent: &Agent,
    request: CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    let name: ToolName = request.name.parse().map_err(|_| unknown_tool(&request.name))?;
    let entry = server.service.tool(agent, name.action()).map_err(|r| refused(&r))?;
    let Some(entry) = entry else {
        server.service.not_there(agent, name.action()).await;
        return Err(unknown_tool(&request.name));
    };
    let log = server.level.log(context);
    let mut arguments = request.arguments.unwrap_or_default();
    let declared = server.service.declared(&entry).map_err(|r| refused(&r))?;
    let said = options::take(&mut arguments, &declared.action().input_schema)
        .and_then(|options| Ok((View::new(mode(&options), options.select.as_deref())?, options)));
    let (view, options) = match said {
        Ok(said) => said,
        Err(refusal) => return Ok(reply::refusal(&refusal).into()),
    };
    let wait_ms = options.wait_ms.unwrap_or_else(|| server.service.settings().approval_wait_ms);
    let call = Call { server, agent, context, log, action: name.action().clone(), view, wait_ms };
    match request.request_state {
        Some(state) => call.go_on(&state, request.input_responses.as_ref()).await,
        None => call.start(Value::Object(arguments), options).await,
    }
}

fn mode(options: &Options) -> crate::shape::ResponseMode {
    options.response_mode.unwrap_or_default()
}

impl Call<'_> {
    async fn start(self, input: Value, options: Options) -> Result<CallToolResponse, ErrorData> {
        self.log.started(&self.action).await;
        let execute = Execute {
            input,
            response_mode: mode(&options),
            select: options.select,
            idempotency_key: options.idempotency_key,
            dry_run: options.dry_run,
            wait_ms: 0,
        };
        match self.server.service.execute(self.agent, &self.action, execute).await {
            // It went away between looking and calling.
            Err(refusal) if refusal.code() == Code::UnknownAction => {
                Err(unknown_tool(&ToolName::of(&self.action).to_string()))
            }
            Ok(Outcome::Pending(pending)) => self.wait(pending).await,
            done => self.end(done).await,
        }
    }

    /// The client was asked for a person's answer and comes again. What it says the call was is not believed: it must
    /// be this agent's own, and of this very tool.
    async fn go_on(self, state: &str, responses: Option<&InputResponses>) -> Result<CallToolResponse, ErrorData> {
        let Ok(id) = state.parse::<ApprovalId>() else {
            return Err(ErrorData::invalid_params("the request state is not of this server", None));
        };
        let caller = Caller::Agent(self.agent.clone());
        let held = self.server.service.approval(&caller, &id, &self.view, 0).await;
        match held {
            Ok(held) if held.action == self.action.to_string() => {}
            Ok(_) => return self.end(Err(unknown_approval(&id))).await,
            Err(refusal) => return self.end(Err(refusal)).await,
        }
        let done = if self.showed_a_form(&id).await && elicit::returned_yes(responses) {
            self.server.service.approve_by_form(self.agent, &id, &self.view).await
        } else {
            self.waiting(&id).until_decided(None).await
        };
        self.end(done).await
    }

    /// Whether this client would be shown a form with the whole request, now as before: a yes to what no form can show
    /// is no yes.
    async fn showed_a_form(&self, id: &ApprovalId) -> bool {
        match self.server.service.outcome(self.agent, id, &self.view, 0).await {
            Ok(Outcome::Pending(pending)) => {
                Question::about(&pending, id, &self.server.service, self.agent, self.context)
                    .is_some_and(|question| question.is_form())
            }
            _ => false,
        }
    }

    async fn wait(self, pending: Pending) -> Result<CallToolResponse, ErrorData> {
        let Ok(id) = pending.approval.parse::<ApprovalId>() else {
            return Err(ErrorData::internal_error("the approval has no name", None));
        };
        self.log.waits(&self.action, &id).await;
        if self.wait_ms == 0 {
            return self.end(Ok(Outcome::Pending(pending))).await;
        }
        let question = Question::about(&pending, &id, &self.server.service, self.agent, self.context);
        match question {
            Some(question) if elicit::returns_questions(self.context) => Ok(question.returned(&id).into()),
            question => {
                let done = self.waiting(&id).until_decided(question).await;
                self.end(done).await
            }
        }
    }

    fn waiting<'a>(&'a self, id: &'a ApprovalId) -> Wait<'a> {
        Wait {
            service: &self.server.service,
            closing: &self.server.closing,
            agent: self.agent,
            context: self.context,
            id,
            view: &self.view,
            wait_ms: self.wait_ms,
            own_call: true,
        }
    }

    async fn end(self, done: Result<Outcome, Refusal>) -> Result<CallToolResponse, ErrorData> {
        match done {
            Ok(outcome) => {
                if let Outcome::Executed(executed) = &outcome {
                    self.log.answered(&self.action, executed.status, executed.duration_us).await;
                }
                Ok(reply::outcome(&outcome)?.into())
            }
            Err(refusal) => {
                self.log.refused(&self.action, &refusal).await;
                Ok(reply::refusal(&refusal).into())
            }
        }
    }
}
