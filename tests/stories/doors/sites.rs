//! Pages of other sites, and names that are made to point here.

use super::asked::{Reply, ask};
use super::served::{Served, agent, nothing_sent};
use crate::home::Home;
use crate::service::Mistral;

const CALL: &str = "/v1/actions/mistral/list-models/execute";

/// A call as it would go through, with these header lines instead of the honest ones.
fn call(served: &Served, token: &str, target: &str, lines: &str) -> Reply {
    let honest = format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: 2");
    ask(served.address(), format!("POST {target} HTTP/1.1\r\n{lines}{honest}\r\nconnection: close\r\n\r\n{{}}"))
}

#[test]
fn a_request_under_another_name_is_refused() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let port = served.address().port();
    for lines in [
        String::new(),
        "host: evil.example\r\n".to_owned(),
        format!("host: evil.example:{port}\r\n"),
        format!("host: localhost.evil.example:{port}\r\n"),
        "host: 127.0.0.1\r\n".to_owned(),
        "host: 127.0.0.1:1\r\n".to_owned(),
        format!("host: 127.0.0.1:{port}\r\nhost: 127.0.0.1:{port}\r\n"),
        format!("host: 127.0.0.1:{port}\r\nhost: evil.example\r\n"),
        format!("host: user@127.0.0.1:{port}\r\n"),
    ] {
        call(&served, &token, CALL, &lines).refused(421, "host-refused");
    }
    let absolute = format!("http://evil.example:{port}{CALL}");
    call(&served, &token, &absolute, &format!("host: 127.0.0.1:{port}\r\n")).refused(421, "host-refused");
    for path in ["/health", "/openapi.json", "/no-such-route"] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n");
        ask(served.address(), request).refused(421, "host-refused");
    }
    assert_eq!(mistral.count(), 0);
    nothing_sent(&home);
    // The twins: every name of this machine's loopback, and the absolute form of one.
    for (sent, host) in ["127.0.0.1", "localhost", "LocalHost", "[::1]"].iter().enumerate() {
        call(&served, &token, CALL, &format!("host: {host}:{port}\r\n")).is(200).guarded();
        assert_eq!(mistral.count(), sent + 1);
    }
    let absolute = format!("http://127.0.0.1:{port}{CALL}");
    call(&served, &token, &absolute, &format!("host: 127.0.0.1:{port}\r\n")).is(200);
}

#[test]
fn a_page_of_another_site_is_refused() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let (host, port) = (format!("host: {}\r\n", served.address()), served.address().port());
    for line in [
        "origin: https://evil.example",
        "origin: null",
        "origin: ",
        &format!("origin: http://localhost:{port}"),
        &format!("origin: https://127.0.0.1:{port}"),
        &format!("origin: http://127.0.0.1:{}", port.wrapping_add(1)),
        &format!("origin: http://127.0.0.1:{port}\r\norigin: http://127.0.0.1:{port}"),
        "sec-fetch-site: cross-site",
        "sec-fetch-site: same-site",
        "sec-fetch-site: whatever-comes-next",
        "sec-fetch-site: none\r\nsec-fetch-site: none",
    ] {
        call(&served, &token, CALL, &format!("{host}{line}\r\n")).refused(403, "origin-refused");
    }
    // A browser asks first whether it may. It may not.
    let preflight =
        format!("OPTIONS {CALL} HTTP/1.1\r\n{host}origin: https://evil.example\r\nconnection: close\r\n\r\n");
    ask(served.address(), preflight).refused(403, "origin-refused");
    assert_eq!(mistral.count(), 0);
    nothing_sent(&home);
    for line in ["sec-fetch-site: same-origin", "sec-fetch-site: none", &format!("origin: {}", served.url())] {
        call(&served, &token, CALL, &format!("{host}{line}\r\n")).is(200).guarded();
    }
    assert_eq!(mistral.count(), 3);
}

#[test]
fn what_is_not_there_is_a_problem_document_too() {
    let home = Home::at("http://127.0.0.1:1");
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    for path in ["/v1", "/v1/", "/v1/no-such-route", "/v1/ports/", "/v2/ports", "/mcp/x", "/health/"] {
        served.get(path, &token).refused(404, "not-found");
    }
    let post = |path: &str| served.post(path, &token, "{}");
    for (reply, allow) in [
        (post("/health"), "GET,HEAD"),
        (post("/openapi.json"), "GET,HEAD"),
        (post("/v1/ports"), "GET,HEAD"),
        (post("/v1/approvals/apr-0000000000000000"), "GET,HEAD"),
        (served.get(CALL, &token), "POST"),
    ] {
        assert_eq!(reply.header("allow"), Some(allow), "{reply:#?}");
        reply.refused(405, "method-not-allowed");
    }
    for path in [
        "/v1/ports//actions",
        "/v1/ports/Mistral/actions",
        "/v1/ports/a%2Fb/actions",
        "/v1/ports/%ff/actions",
        "/v1/approvals/1",
    ] {
        served.get(path, &token).refused(400, "bad-request");
    }
    for path in ["/v1/ports?x=1", "/v1/approvals/apr-0000000000000000?wait=1", "/v1/status?access_token=x"] {
        served.get(path, &token).refused(400, "bad-request");
    }
    served.get("/v1/ports/none/actions", &token).refused(404, "unknown-action");
    served.get("/v1/actions/mistral/none", &token).refused(404, "unknown-action");
    served.get("/v1/ports", &token).is(200).guarded();
    ask(served.address(), served.request("GET", "/health", "", None)).is(200).guarded();
}
