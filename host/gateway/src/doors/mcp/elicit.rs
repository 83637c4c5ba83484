//! Asking the person at the client, where the client can: the address of the approval's page, which the person opens in
//! a browser of their own, out of the agent's reach.
//!
//! A form inside the client counts as an approval only where the operator allowed that for this agent, since the
//! agent's own host could fill it in. Whatever else a client answers changes nothing: the call keeps waiting.

use std::collections::BTreeMap;

use portcullis_model::Shown;
use portcullis_policy::ApprovalId;
use rmcp::model::{
    CancelledNotificationParam, ClientResult, CustomNotification, ElicitRequest, ElicitRequestParams, ElicitResult,
    ElicitationAction, ElicitationSchema, InputRequest, InputRequiredResult, InputResponses, ProtocolVersion,
    RequestId, ServerNotification, ServerRequest,
};
use rmcp::service::{PeerRequestOptions, RequestContext, ServiceError};
use rmcp::{Peer, RoleServer};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::tool::object;
use crate::doors::wire::{Pending, RequestView};
use crate::doors::{Agent, Service};

/// The question's name among the inputs of a call.
const KEY: &str = "approval";
/// Longest request that a form can show, in bytes. A longer one could not be read before it is approved.
const MAX_SHOWN: usize = 8_000;

/// A question that this client can put to a person.
pub(super) struct Question {
    params: ElicitRequestParams,
    form: bool,
}

/// Whether the revision asks by returning the question instead of sending it.
pub(super) fn returns_questions(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str())
}

impl Question {
    /// The question for a call that waits, if this client can put one. The page comes first: it is out of the agent's
    /// reach.
    pub(super) fn about(
        pending: &Pending,
        id: &ApprovalId,
        service: &Service,
        agent: &Agent,
        context: &RequestContext<RoleServer>,
    ) -> Option<Self> {
        let can = context.client_capabilities()?.elicitation?;
        if can.url.is_some()
            && let Some(url) = service.page_url(id)
        {
            let elicitation_id = if returns_questions(context) { String::new() } else { id.to_string() };
            let message = format!("{} waits for your approval: see the exact request and decide", pending.action);
            let params = ElicitRequestParams::UrlElicitationParams { meta: None, message, url, elicitation_id };
            return Some(Self { params, form: false });
        }
        let fills_forms = can.form.is_some() || can.url.is_none();
        if !agent.forms() || !fills_forms {
            return None;
        }
        let shown = shown(pending.request.as_ref()?)?;
        let message = format!("Approve this exact request of {}?\n\n{shown}", pending.action);
        let schema = json!({
            "type": "object",
            "properties": {"approve": {"type": "boolean", "title": "Send exactly this request"}},
            "required": ["approve"]
        });
        let requested_schema = ElicitationSchema::from_json_schema(object(schema)).ok()?;
        Some(Self {
            params: ElicitRequestParams::FormElicitationParams { meta: None, message, requested_schema },
            form: true,
        })
    }

    /// Whether a yes to it approves.
    pub(super) fn is_form(&self) -> bool {
        self.form
    }

    /// Sends it, for the revisions where servers ask.
    pub(super) async fn put(self, peer: &Peer<RoleServer>) -> Option<Asked> {
        let request = ServerRequest::ElicitRequest(ElicitRequest::new(self.params));
        let handle = peer.send_cancellable_request(request, PeerRequestOptions::no_options()).await.ok()?;
        Some(Asked { request: handle.id.clone(), answer: handle.rx, answered: false, form: self.form })
    }

    /// Returns it, for the revision where clients come again with the answer.
    pub(super) fn returned(self, id: &ApprovalId) -> InputRequiredResult {
        let request = InputRequest::Elicitation(ElicitRequest::new(self.params));
        InputRequiredResult::new(Some(BTreeMap::from([(KEY.to_owned(), request)])), Some(id.to_string()))
    }
}

/// A question on its way.
pub(super) struct Asked {
    request: RequestId,
    answer: oneshot::Receiver<Result<ClientResult, ServiceError>>,
    answered: bool,
    form: bool,
}

impl Asked {
    /// Waits until a form says yes; for ever where none does.
    pub(super) async fn yes(asked: Option<&mut Self>) {
        if let Some(asked) = asked.filter(|asked| !asked.answered) {
            let answer = (&mut asked.answer).await;
            asked.answered = true;
            if let Ok(Ok(ClientResult::ElicitResult(result))) = answer
                && asked.form
                && is_yes(&result)
            {
                return;
            }
        }
        std::future::pending().await
    }

    /// Tells the client that the question is over.
    pub(super) async fn end(self, peer: &Peer<RoleServer>, id: &ApprovalId) {
        let told = if self.form {
            if self.answered {
                return;
            }
            let reason = Some("the call does not wait any more".to_owned());
            peer.notify_cancelled(CancelledNotificationParam::new(Some(self.request), reason)).await
        } else {
            let params = Some(json!({"elicitationId": id}));
            let done = CustomNotification::new("notifications/elicitation/complete", params);
            peer.send_notification(ServerNotification::CustomNotification(done)).await
        };
        if told.is_err() {
            tracing::debug!("a client went away before the end of its question");
        }
    }
}

/// Whether a form that came back with a call says yes.
pub(super) fn returned_yes(responses: Option<&InputResponses>) -> bool {
    let answer = responses.and_then(|responses| responses.get(KEY)).cloned();
    answer.and_then(|answer| serde_json::from_value(answer).ok()).is_some_and(|result| is_yes(&result))
}

/// Only the one answer that cannot mean anything else.
fn is_yes(result: &ElicitResult) -> bool {
    result.action == ElicitationAction::Accept
        && result.content.as_ref().and_then(|content| content.get("approve")) == Some(&Value::Bool(true))
}

/// The whole request, or nothing.
fn shown(request: &RequestView) -> Option<String> {
    let mut text = format!("{} {}\n", request.method, request.url);
    for (name, value) in &request.headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    if let Some(body) = &request.body {
        text.push_str(&format!("\n{}", body.text));
    }
    let shown = Shown::block(&text).to_string();
    (shown.len() <= MAX_SHOWN).then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_accepted_true_is_a_yes() {
        let said = |value: Value| returned_yes(Some(&BTreeMap::from([(KEY.to_owned(), value)])));
        assert!(said(json!({"action": "accept", "content": {"approve": true}})));
        for no in [
            json!({"action": "accept"}),
            json!({"action": "accept", "content": {"approve": false}}),
            json!({"action": "accept", "content": {"approve": "true"}}),
            json!({"action": "accept", "content": {"Approve": true}}),
            json!({"action": "decline", "content": {"approve": true}}),
            json!({"action": "cancel"}),
            json!(true),
        ] {
            assert!(!said(no.clone()), "{no}");
        }
        assert!(!returned_yes(None));
    }

    #[test]
    fn a_request_that_cannot_be_shown_whole_is_not_shown() {
        let mut request = RequestView {
            method: "POST".to_owned(),
            origin: "https://example.com".to_owned(),
            url: "https://example.com/v1/x".to_owned(),
            headers: vec![("accept".to_owned(), "a\u{202e}b".to_owned())],
            body: None,
        };
        let text = shown(&request).unwrap();
        assert_eq!(text, "POST https://example.com/v1/x\naccept: a\\u{202e}b\n");
        request.url.push_str(&"x".repeat(MAX_SHOWN));
        assert!(shown(&request).is_none());
    }
}
