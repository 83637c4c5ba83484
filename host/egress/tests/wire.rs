//! What stands on the wire is what was approved: byte for byte, and nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

mod support;

use portcullis_model::{AuthDraft, Body, Line, Method, RoutedRequest};
use support::{Bench, Call, Service, TOKEN, answer, get, post};

/// The request as `model` says it will be sent.
fn expected(routed: &RoutedRequest) -> String {
    let mut text = format!("{} {} HTTP/1.1\r\n", routed.method(), routed.target());
    for header in routed.headers() {
        let value = match &header.value {
            Line::Sent(value) => value.to_str().unwrap().to_owned(),
            Line::Credential { prefix } => format!("{prefix}{TOKEN}"),
        };
        text.push_str(&format!("{}: {value}\r\n", header.name));
    }
    text.push_str("\r\n");
    text.push_str(&routed.body().map_or(String::new(), |b| String::from_utf8(b.bytes().to_vec()).unwrap()));
    text
}

const SENDS: usize = 10;

async fn check(call: impl Fn(&str) -> Call) {
    let service = Service::answering([answer(200, "", "{}")]).await;
    let bench = Bench::plain().await;
    let call = call(&service.origin);
    for _ in 0..SENDS {
        let sent = bench.send(&call).await;
        assert_eq!(sent.result.unwrap().status(), 200);
    }
    let requests = service.requests.lock().unwrap().clone();
    assert_eq!(requests.len(), SENDS);
    for request in requests {
        assert_eq!(String::from_utf8(request).unwrap(), expected(&call.routed()));
    }
    // A connection is free again a moment after its answer was read, so not each send finds it.
    assert!(*service.connections.lock().unwrap() < SENDS, "connections are used again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_get_is_sent_as_approved() {
    check(|origin| Call {
        query: vec![("q".into(), "a&b=c %+é'\"<>`{}|\\^~".into()), ("page_token".into(), String::new())],
        headers: vec![("x-feature".into(), "on; v=\"1\"".into()), ("accept-language".into(), "en".into())],
        ..get(origin)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declared_accept_replaces_the_usual_one() {
    check(|origin| Call { headers: vec![("accept".into(), "text/plain".into())], ..get(origin) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_is_sent_as_approved() {
    check(|origin| post(origin, Body::Json("{ \"b\":1, \"a\":[\"é\\/\"] }".into()))).await;
    check(|origin| post(origin, Body::Form(vec![("a b".into(), "c&d".into())]))).await;
    check(|origin| post(origin, Body::Text("one\r\n\r\ntwo".into()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_sent_as_approved() {
    for method in [Method::Post, Method::Put, Method::Patch, Method::Delete] {
        check(|origin| Call { method, body: None, ..post(origin, Body::Text(String::new())) }).await;
    }
    check(|origin| Call { method: Method::Delete, ..post(origin, Body::Json("{}".into())) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_is_sent_as_approved_and_has_no_body() {
    let service = Service::answering(["HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"]).await;
    let bench = Bench::plain().await;
    let call = Call { method: Method::Head, ..get(&service.origin) };
    assert_eq!(bench.send(&call).await.result.unwrap().body(), b"");
    assert_eq!(service.requests.lock().unwrap()[0], expected(&call.routed()).into_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credential_stands_in_the_declared_header_or_nowhere() {
    check(|origin| Call {
        auth: AuthDraft::Header { name: "x-service-key".into(), prefix: "Key ".into() },
        ..get(origin)
    })
    .await;
    check(|origin| Call { auth: AuthDraft::None, ..get(origin) }).await;
    let service = Service::answering([answer(200, "", "{}")]).await;
    let bench = Bench::plain().await;
    let sent = bench.send(&Call { auth: AuthDraft::None, ..get(&service.origin) }).await;
    assert_eq!(sent.result.unwrap().status(), 200);
    assert!(!String::from_utf8_lossy(&service.requests.lock().unwrap()[0]).contains(TOKEN));
}
