//! One call as a trace: a span, and in it one for each room it was in.
//!
//! Spans are made from the stopwatch when the call is over, so nothing but what [`Told`] holds can be in one, whatever
//! the rooms log; and a call that nobody watches pays for none. What an agent sends as `traceparent` is not read: it
//! would let agents decide what is sampled and write into the operator's traces. The call's name is in its answer and
//! here, which is enough to find one from the other.

use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Status, TraceContextExt as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;
use portcullis_model::{AgentName, Code};
use portcullis_policy::{ApprovalId, CallId};

use super::rooms::{Lap, Stopwatch};

/// Everything that may be said about a call. Each field is a checked name, a word of the host, or a number.
pub(crate) struct Told<'a> {
    pub(crate) call: &'a CallId,
    pub(crate) agent: &'a AgentName,
    pub(crate) approval: Option<&'a ApprovalId>,
    pub(crate) refused: Option<Code>,
    pub(crate) watch: &'a Stopwatch,
}

/// Hands the spans of a call to the exporter, and does something as part of the trace.
pub(crate) fn emit(tracer: &SdkTracer, told: &Told<'_>, within: impl FnOnce()) {
    let (began, took) = told.watch.whole();
    let name = told.watch.action().map_or_else(|| "call".to_owned(), |action| format!("call {action}"));
    let whole = SpanBuilder::from_name(name)
        .with_kind(SpanKind::Server)
        .with_start_time(began)
        .with_attributes(attributes(told))
        .start_with_context(tracer, &Context::new());
    let context = Context::new().with_span(whole);
    for (lap, stay) in told.watch.stays() {
        let kind = if lap == Lap::Egress { SpanKind::Client } else { SpanKind::Internal };
        let mut room = SpanBuilder::from_name(lap.as_str())
            .with_kind(kind)
            .with_start_time(began + stay.from)
            .with_attributes(room_attributes(lap, told))
            .start_with_context(tracer, &context);
        if let Some(code) = told.refused.filter(|_| is_last_but_record(lap, told)) {
            room.set_status(Status::error(code.as_str()));
        }
        room.end_with_timestamp(began + stay.to);
    }
    if let Some(code) = told.refused {
        context.span().set_status(Status::error(code.as_str()));
    }
    {
        let _active = context.clone().attach();
        within();
    }
    context.span().end_with_timestamp(began + took);
}

/// Whether the call was stopped in this room: it is the last one but for the row that says so.
fn is_last_but_record(lap: Lap, told: &Told<'_>) -> bool {
    told.watch.stays().map(|(lap, _)| lap).filter(|lap| *lap != Lap::AuditClose).last() == Some(lap)
}

fn attributes(told: &Told<'_>) -> Vec<KeyValue> {
    let watch = told.watch;
    let mut known = vec![
        KeyValue::new("portcullis.call", told.call.to_string()),
        KeyValue::new("portcullis.agent", told.agent.to_string()),
        KeyValue::new("portcullis.decision", watch.decision().as_str()),
    ];
    if let Some(action) = watch.action() {
        known.push(KeyValue::new("portcullis.port", action.port.to_string()));
        known.push(KeyValue::new("portcullis.action", action.to_string()));
    }
    if let Some(approval) = told.approval {
        known.push(KeyValue::new("portcullis.approval", approval.to_string()));
    }
    if let Some(code) = told.refused {
        known.push(KeyValue::new("portcullis.code", code.as_str()));
        known.push(KeyValue::new("portcullis.room", code.room().as_str()));
    }
    known
}

fn room_attributes(lap: Lap, told: &Told<'_>) -> Vec<KeyValue> {
    if lap != Lap::Egress {
        return Vec::new();
    }
    let (request, response) = told.watch.sizes();
    let bytes = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut known = vec![
        KeyValue::new("http.request.body.size", bytes(request)),
        KeyValue::new("http.response.body.size", bytes(response)),
    ];
    if let Some(status) = told.watch.status() {
        known.push(KeyValue::new("http.response.status_code", i64::from(status)));
    }
    known
}

#[cfg(test)]
mod tests;
