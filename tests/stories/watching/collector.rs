//! A collector hears of each call, room by room, and of nothing that is in one.

use crate::home::{CHAT, Home, random, until};
use crate::needle::Needle;
use crate::service::Mistral;
use crate::tap::{Tap, answer};

const ROOMS: [&str; 9] =
    ["registry", "schema", "sandbox", "route", "policy", "audit-open", "egress", "shape", "audit-close"];

/// Takes everything, as a collector does.
fn collector() -> Tap {
    Tap::answering(|_| answer("200 OK", "content-type: application/x-protobuf\r\n", b""))
}

fn posted<'a>(heard: &'a [Vec<u8>], path: &str) -> Vec<&'a [u8]> {
    let line = format!("POST {path} HTTP/1.1");
    heard.iter().filter(|request| request.starts_with(line.as_bytes())).map(Vec::as_slice).collect()
}

fn holds(request: &[u8], text: &str) -> bool {
    request.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_call_is_told_room_by_room_at_the_end_of_its_command() {
    let (mistral, collector) = (Mistral::start(), collector());
    let home = Home::holding(&mistral.origin(), mistral.token())
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.origin())
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-collector-key=of-the-operator")
        .env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test");
    let ran = home.run(["run", "mistral/list-models"]).exits(0);
    assert!(!ran.err.contains("WARN"), "{}", ran.err);
    let heard = collector.heard();
    let traces = posted(&heard, "/v1/traces");
    assert_eq!(traces.len(), 1, "one call, one command, one batch");
    for word in
        ROOMS.into_iter().chain(["call mistral/list-models", "portcullis", "deployment.environment", "automatic"])
    {
        assert!(holds(traces[0], word), "`{word}` is not in the trace");
    }
    assert!(holds(traces[0], "x-collector-key: of-the-operator"), "the operator's headers go along");
    assert!(posted(&heard, "/v1/logs").iter().any(|request| holds(request, "a call ended")), "the log");
    assert!(posted(&heard, "/v1/metrics").iter().any(|request| holds(request, "portcullis.calls")), "the metrics");
}

#[test]
fn nothing_is_told_where_nobody_asked() {
    let (mistral, collector) = (Mistral::start(), collector());
    let home = Home::holding(&mistral.origin(), mistral.token()).env("OTEL_SERVICE_NAME", "gate");
    home.run(["run", "mistral/list-models"]).exits(0);
    let home = home.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.origin()).env("OTEL_SDK_DISABLED", "true");
    home.run(["run", "mistral/list-models"]).exits(0);
    assert!(collector.heard().is_empty());
}

#[test]
fn a_collector_that_is_not_there_or_says_nothing_neither_fails_nor_holds_up_a_call() {
    let mistral = Mistral::start();
    let stalled = Tap::answering(|_| {
        loop {
            std::thread::park();
        }
    });
    let refusing = Tap::answering(|_| answer("500 Internal Server Error", "", b"<b>secret words of a collector</b>"));
    for (origin, said) in [("http://127.0.0.1:1", true), (stalled.origin(), false), (refusing.origin(), true)] {
        let home = Home::holding(&mistral.origin(), mistral.token()).env("OTEL_EXPORTER_OTLP_ENDPOINT", origin);
        let ran = home.run(["run", "mistral/list-models", "--json"]).exits(0);
        assert_eq!(ran.json()["status"], 200);
        assert!(!ran.err.contains("secret words") && !ran.err.contains("opentelemetry"), "{}", ran.err);
        let lines = ran.err.lines().filter(|line| line.contains("the collector does not take")).count();
        assert!(if said { lines == 1 } else { lines <= 1 }, "{origin}: {}", ran.err);
    }
}

#[test]
fn what_is_asked_of_telemetry_and_cannot_be_had_is_said_and_the_call_goes_on() {
    let (mistral, collector) = (Mistral::start(), collector());
    let home = Home::holding(&mistral.origin(), mistral.token())
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.origin())
        .env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let ran = home.run(["run", "mistral/list-models"]).exits(0);
    assert!(ran.err.contains("OTEL_EXPORTER_OTLP_PROTOCOL"), "{}", ran.err);
    assert!(collector.heard().is_empty());
    let checks = home.run(["doctor", "--json"]).exits(1).json();
    let bad = |check: &&serde_json::Value| check["id"] == "collector" && check["ok"] == false;
    assert_eq!(checks.as_array().unwrap().iter().filter(bad).count(), 3, "{checks:#}");
}

#[test]
fn no_secret_input_or_body_is_in_what_a_collector_hears() {
    let token = format!("canary-{}", random());
    let (mistral, collector) = (Mistral::wanting(&token), collector());
    let home = Home::holding(&mistral.origin(), &token).env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.origin());
    let (input, body, unknown) = (format!("in{}", random()), format!("body-{}", random()), format!("x{}", random()));
    // In a path and its answer; in a body and its answer; in an input that is refused; in the name of no action.
    home.run(["run", "mistral/get-model", "--input", &format!(r#"{{"model_id":"{input}"}}"#)]);
    home.run(["run", "mistral/get-model", "--input", &format!(r#"{{"model":"{input}"}}"#)]).exits(1);
    home.run(["run", &format!("mistral/{unknown}")]).exits(1);
    let id = home.hold(&CHAT.replace("hi", &body));
    home.run(["approvals", "approve", &id, "--yes"]).exits(0);
    let heard = collector.heard();
    let all = heard.concat();
    for (what, secret) in [("token", &token), ("input", &input), ("body", &body), ("unknown action", &unknown)] {
        assert_eq!(Needle::new(secret).found_in(&all), None, "the {what} is told");
    }
    // What may be told is: the approval by which the two halves of a held call are found.
    let named = posted(&heard, "/v1/traces").iter().filter(|request| holds(request, &id)).count();
    assert_eq!(named, 2);
    let rows = home.rows();
    let rooms = rows.iter().rfind(|row| row["kind"] == "outcome").unwrap()["body"]["rooms_us"].clone();
    let names: Vec<_> = rooms.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["route", "approval", "audit-open", "egress", "shape"]);
    let refused = rows.iter().find(|row| row["kind"] == "refused").unwrap();
    assert!(refused["body"]["rooms_us"]["schema"].is_u64(), "{refused:#}");
}

#[test]
fn a_host_that_stays_open_tells_without_being_asked_to_end() {
    let (mistral, collector) = (Mistral::start(), collector());
    let home = Home::holding(&mistral.origin(), mistral.token())
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.origin())
        .env("OTEL_BSP_SCHEDULE_DELAY", "50");
    let token = crate::doors::served::agent(&home, "helper");
    let served = crate::doors::served::Served::start(&home);
    served.post("/v1/actions/mistral/list-models/execute", &token, "{}").is(200);
    until("the trace", || {
        posted(&collector.heard(), "/v1/traces").iter().any(|r| holds(r, "call mistral/list-models")).then_some(())
    });
}
