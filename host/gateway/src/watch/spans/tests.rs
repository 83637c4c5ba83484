//! What is in the spans of a call, and that it is all.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use opentelemetry::trace::{SpanId, TracerProvider as _};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};

use super::super::rooms::Decided;
use super::*;

#[derive(Debug, Clone, Default)]
struct RecordingExporter(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for RecordingExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

fn spans_of(watch: &Stopwatch, refused: Option<Code>) -> Vec<SpanData> {
    let exporter = RecordingExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
    let told =
        Told { call: &CallId::from_random([3; 16]), agent: &"helper".parse().unwrap(), approval: None, refused, watch };
    emit(&provider.tracer("test"), &told, || {});
    exporter.0.lock().unwrap().clone()
}

fn words(span: &SpanData) -> BTreeMap<String, String> {
    span.attributes.iter().map(|pair| (pair.key.to_string(), pair.value.to_string())).collect()
}

#[test]
fn each_room_is_a_span_within_the_calls() {
    let mut watch = Stopwatch::start();
    watch.known("mistral/list-models".parse().unwrap());
    Lap::ALL.into_iter().for_each(|lap| watch.lap(lap));
    watch.decided(Decided::Automatic);
    watch.exchanged(12, Some(200), 345);
    let spans = spans_of(&watch, None);
    let (whole, rooms) = spans.split_last().unwrap();
    assert_eq!(whole.name, "call mistral/list-models");
    assert_eq!(whole.parent_span_id, SpanId::INVALID);
    assert_eq!(rooms.iter().map(|span| &*span.name).collect::<Vec<_>>(), Lap::ALL.map(Lap::as_str));
    for room in rooms {
        assert_eq!(room.parent_span_id, whole.span_context.span_id(), "{}", room.name);
        assert_eq!(room.span_context.trace_id(), whole.span_context.trace_id());
        assert!(whole.start_time <= room.start_time && room.end_time <= whole.end_time, "{}", room.name);
    }
    // Every word, so that one more is a decision.
    assert_eq!(
        words(whole).into_keys().collect::<Vec<_>>(),
        ["portcullis.action", "portcullis.agent", "portcullis.call", "portcullis.decision", "portcullis.port"]
    );
    let egress = words(&rooms[Lap::Egress as usize]);
    assert_eq!(egress["http.response.status_code"], "200");
    assert_eq!(egress["http.response.body.size"], "345");
    assert!(rooms.iter().filter(|room| room.name != "egress").all(|room| room.attributes.is_empty()));
}

#[test]
fn the_room_that_refused_says_so_and_an_unknown_action_is_not_named() {
    let mut watch = Stopwatch::start();
    watch.stopped(Code::UnknownAction.room());
    watch.lap(Lap::AuditClose);
    let spans = spans_of(&watch, Some(Code::UnknownAction));
    let named = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    assert_eq!(named("registry").status, Status::error("unknown-action"));
    assert_eq!(named("audit-close").status, Status::Unset);
    let whole = words(named("call"));
    assert_eq!((whole["portcullis.code"].as_str(), whole["portcullis.room"].as_str()), ("unknown-action", "registry"));
    assert!(!whole.contains_key("portcullis.action"));
}
