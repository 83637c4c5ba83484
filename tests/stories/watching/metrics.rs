//! `/metrics`: for whom, what, and how much of it there can be; and the dashboard that reads it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::doors::asked::ask;
use crate::doors::served::{Served, agent, operator};
use crate::home::{CHAT, Home, random, settings, until};
use crate::needle::Needle;
use crate::service::Mistral;

const DASHBOARD: &str = include_str!("../../../host/gateway/dashboards/portcullis.json");

#[test]
fn metrics_are_an_operators_unless_the_operator_opens_them() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, anna) = (agent(&home, "helper"), operator(&home, "anna"));
    let served = Served::start(&home);
    let text = served.get("/metrics", &anna).is(200);
    assert_eq!(text.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert!(text.body.contains("portcullis_build_info"), "{}", text.body);
    served.get("/metrics", &token).refused(403, "forbidden");
    served.get("/metrics", "nobody").refused(401, "unauthenticated");
    let elsewhere = format!("GET /metrics HTTP/1.1\r\nhost: elsewhere.example\r\nauthorization: Bearer {anna}\r\n\r\n");
    ask(served.address(), elsewhere).refused(421, "host-refused");
    drop(served);

    home.configure(&settings(&mistral.origin(), "[metrics]\nopen = true\n"));
    let served = Served::start(&home);
    served.get("/metrics", "nobody").is(200);
    let elsewhere = "GET /metrics HTTP/1.1\r\nhost: elsewhere.example\r\n\r\n".to_owned();
    ask(served.address(), elsewhere).refused(421, "host-refused");
}

/// A host on which everything happened once, and what it says then.
fn after_everything(canaries: &[&str; 2]) -> String {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, anna) = (agent(&home, "helper"), operator(&home, "anna"));
    let served = Served::start(&home);
    let execute =
        |action: &str, body: &str| served.post(&format!("/v1/actions/mistral/{action}/execute"), &token, body);
    execute("list-models", "{}").is(200);
    execute("get-model", &format!(r#"{{"input":{{"model":"{}"}}}}"#, canaries[0])).refused(422, "invalid-input");
    for _ in 0..3 {
        execute(&format!("no-{}", canaries[1]), "{}").refused(404, "unknown-action");
    }
    let held = execute("chat-complete", &format!("{{\"input\":{CHAT}}}")).is(202).json();
    let id = held["approval"].as_str().unwrap();
    until("the gauge", || served.get("/metrics", &anna).body.contains("portcullis_approvals_waiting 1").then_some(()));
    served.post(&format!("/v1/approvals/{id}/approve"), &anna, "{}").is(200);
    until("what waited was decided", || {
        let text = served.get("/metrics", &anna).body;
        (text.contains("portcullis_approval_wait_seconds_count") && text.contains("portcullis_approvals_waiting 0"))
            .then_some(text)
    })
}

#[test]
fn what_happened_is_counted_under_names_that_no_agent_chooses() {
    let canaries = [random(), random()];
    let text = after_everything(&[&canaries[0], &canaries[1]]);
    for canary in &canaries {
        assert_eq!(Needle::new(canary).found_in(text.as_bytes()), None);
    }
    for line in [
        r#"portcullis_calls_total{action="mistral/list-models",decision="automatic"} 1"#,
        r#"portcullis_calls_total{action="mistral/chat-complete",decision="held"} 1"#,
        r#"portcullis_calls_total{action="mistral/chat-complete",decision="approved"} 1"#,
        r#"portcullis_calls_total{action="mistral/get-model",decision="refused"} 1"#,
        r#"portcullis_calls_total{action="unknown",decision="refused"} 3"#,
        r#"portcullis_refusals_total{code="invalid-input",room="schema"} 1"#,
        r#"portcullis_refusals_total{code="unknown-action",room="registry"} 3"#,
        r#"portcullis_upstream_answers_total{port="mistral",status="200"} 2"#,
        r#"portcullis_approval_wait_seconds_count{answer="approved"} 1"#,
        r#"portcullis_room_duration_seconds_count{room="egress"} 2"#,
    ] {
        assert!(text.lines().any(|known| known == line), "`{line}` is not in\n{text}");
    }
}

/// Names of metrics, each with the names of its labels.
fn exposed(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut known = BTreeMap::<String, BTreeSet<String>>::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, rest) = line.split_at(line.find(['{', ' ']).unwrap());
        let labels = rest.strip_prefix('{').map_or("", |rest| rest.split_once('}').unwrap().0);
        let labels = labels.split("\",").filter_map(|pair| Some(pair.split_once('=')?.0.to_owned()));
        known.entry(name.to_owned()).or_default().extend(labels);
    }
    known
}

/// Words of an expression that could be names.
fn words(expression: &str) -> impl Iterator<Item = &str> {
    expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

#[test]
fn the_dashboard_asks_only_for_what_there_is() {
    let known = exposed(&after_everything(&["model", "such"]));
    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let mut asked = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let expression = target["expr"].as_str().unwrap();
            let metrics: Vec<_> = words(expression).filter(|word| word.starts_with("portcullis_")).collect();
            let [metric] = metrics[..] else { panic!("{expression}: expected one metric") };
            let labels = known.get(metric).unwrap_or_else(|| panic!("{metric} is not exposed: {known:#?}"));
            let by = expression.split_once("by (").map_or("", |(_, rest)| rest.split_once(')').unwrap().0);
            let legend = target["legendFormat"].as_str().unwrap();
            let shown = legend.split("{{").skip(1).map(|rest| rest.split_once("}}").unwrap().0);
            for label in words(by).chain(shown) {
                assert!(labels.contains(label), "{metric} has no label `{label}`: {labels:?}");
            }
            asked.insert(metric.to_owned());
        }
    }
    // Each family has a panel, so that a new one is not forgotten.
    let family = |name: &str| ["_bucket", "_sum", "_count"].iter().fold(name.to_owned(), |n, end| n.replace(end, ""));
    let asked: BTreeSet<_> = asked.iter().map(|name| family(name)).collect();
    let there: BTreeSet<_> = known.keys().filter(|name| name.starts_with("portcullis_")).map(|n| family(n)).collect();
    assert_eq!(asked, there);
}
