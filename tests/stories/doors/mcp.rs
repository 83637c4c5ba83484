//! The same guards stand before `/mcp`.

use super::asked::{Reply, ask};
use super::served::{Served, agent, operator};
use crate::home::Home;

const HELLO: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#;

/// A first message with these header lines.
fn hello(served: &Served, lines: &str, body: &str) -> Reply {
    let head = format!("POST /mcp HTTP/1.1\r\n{lines}accept: application/json, text/event-stream\r\nconnection: close");
    ask(served.address(), format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
}

#[test]
fn mcp_is_behind_the_same_guards() {
    let home = Home::new("");
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let host = format!("host: {}\r\n", served.address());
    let json = "content-type: application/json\r\n";
    let known = format!("authorization: Bearer {token}\r\n");
    hello(&served, &format!("host: evil.example\r\n{known}{json}"), HELLO).refused(421, "host-refused");
    hello(&served, &format!("{host}{known}{json}origin: https://evil.example\r\n"), HELLO)
        .refused(403, "origin-refused");
    hello(&served, &format!("{host}{json}"), HELLO).refused(401, "unauthenticated");
    hello(&served, &format!("{host}{known}"), HELLO).refused(415, "unsupported-media-type");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for body in [&deep, &HELLO.replacen("\"id\":1", "\"id\":1,\"id\":2", 1)] {
        hello(&served, &format!("{host}{known}{json}"), body).refused(400, "bad-request");
    }
    let large = format!("{HELLO}{}", " ".repeat(1 << 20));
    hello(&served, &format!("{host}{known}{json}"), &large).refused(413, "request-too-large");
    let person = format!("authorization: Bearer {}\r\n", operator(&home, "person"));
    assert_eq!(hello(&served, &format!("{host}{person}{json}"), HELLO).status, 403);
    let welcome = hello(&served, &format!("{host}{known}{json}"), HELLO).is(200);
    welcome.guarded();
    assert!(welcome.body.contains(r#""protocolVersion":"2025-06-18""#), "{welcome:#?}");
}
