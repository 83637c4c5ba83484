//! Bodies that are too deep, too large, too slow, or not what they say.

use std::io::Write as _;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;

use super::asked::{Reply, ask, connect};
use super::served::{Served, agent, nothing_sent, operator};
use crate::home::{CHAT, Home};
use crate::service::Mistral;

const CALL: &str = "/v1/actions/mistral/list-models/execute";

/// 100 MB.
const FLOOD_BYTES: usize = 100 << 20;

#[test]
fn only_strict_json_of_the_right_shape_is_taken() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (token, person) = (agent(&home, "helper"), operator(&home, "person"));
    let served = Served::start(&home);
    let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    let objects = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let input = |input: &str| format!("{{\"input\":{input}}}");
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{} {}",
        "\u{feff}{}",
        r#"{"input":{},"input":{}}"#,
        r#"{"inptu":{}}"#,
        r#"{"input":{},"approve":true}"#,
        r#"{"responseMode":"all"}"#,
        r#"{"dryRun":"yes"}"#,
        r#"{"waitMs":60001}"#,
        r#"{"waitMs":-1}"#,
        r#"{"select":"not a path"}"#,
        r#"{"idempotencyKey":""}"#,
        &nested(10_000),
        &objects,
        &input(&nested(10_000)),
        &input(&objects),
    ] {
        served.post(CALL, &token, body).refused(400, "bad-request");
    }
    let problem = served.post(CALL, &token, "{\"\\u202e<script>\":1}").refused(400, "bad-request");
    assert!(!problem.to_string().contains('\u{202e}'), "{problem:#}");
    let held = served.post("/v1/actions/mistral/chat-complete/execute", &token, &input(CHAT)).is(202).json();
    for (verb, body) in [
        ("approve", "[]"),
        ("approve", r#"{"x":1}"#),
        ("reject", r#"{"why":"no"}"#),
        ("reject", r#"{"reason":""}"#),
        ("reject", "1"),
    ] {
        let path = format!("/v1/approvals/{}/{verb}", held["approval"].as_str().unwrap());
        served.post(&path, &person, body).refused(400, "bad-request");
    }
    assert_eq!(mistral.count(), 0);
    nothing_sent(&home);
    served.post(CALL, &token, "{}").is(200);
    served.post(CALL, &token, r#"{"input":{},"responseMode":"ok","select":"$.data[*].id"}"#).is(200);
    let problem = served.post(CALL, &token, r#"{"input":{"x":1}}"#).refused(422, "invalid-input");
    assert!(problem["errors"][0]["pointer"].is_string(), "{problem:#}");
    assert_eq!(mistral.count(), 2);
}

#[test]
fn a_body_that_does_not_say_that_it_is_json_is_refused() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let call = |lines: &str| {
        let head = format!("POST {CALL} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n", served.address());
        ask(served.address(), format!("{head}{lines}connection: close\r\ncontent-length: 2\r\n\r\n{{}}"))
    };
    for lines in [
        "",
        "content-type: \r\n",
        "content-type: text/plain\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "content-type: multipart/form-data; boundary=x\r\n",
        "content-type: application/jsonx\r\n",
        "content-type: text/plain; application/json\r\n",
        "content-type: application/json\r\ncontent-type: application/json\r\n",
    ] {
        call(lines).refused(415, "unsupported-media-type");
    }
    assert_eq!(mistral.count(), 0);
    nothing_sent(&home);
    for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        call(&format!("content-type: {kind}\r\n")).is(200);
    }
}

#[test]
fn a_body_over_the_limit_is_refused_and_not_kept() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    served.post(CALL, &token, "{}").is(200);
    let before = peak(&served);
    for framing in [format!("content-length: {FLOOD_BYTES}"), "transfer-encoding: chunked".to_owned()] {
        let chunked = framing.contains("chunked");
        flood(&served, &token, &framing, chunked).refused(413, "request-too-large");
    }
    assert!(peak(&served) < before + (32 << 10), "{} KB before, {} KB after", before, peak(&served));
    assert_eq!(mistral.count(), 1);
    // The twin: as large as is allowed, to the byte.
    let body = format!("{{\"select\":null{}}}", " ".repeat((1 << 20) - 15));
    assert_eq!(body.len(), 1 << 20);
    served.post(CALL, &token, &body).is(200);
    served.post(CALL, &token, &format!("{body} ")).refused(413, "request-too-large");
    assert_eq!(mistral.count(), 2);
}

#[test]
fn a_client_that_writes_all_before_it_reads_finds_the_answer() {
    let home = Home::at("http://127.0.0.1:1");
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let body = " ".repeat(8 << 20);
    let mut stream = connect(served.address());
    stream.write_all(served.request("POST", CALL, &token, Some(&body)).as_bytes()).unwrap();
    Reply::read(&mut stream).unwrap().refused(413, "request-too-large");
}

/// Sends 100 MB as fast as they are taken, and meanwhile reads the answer.
fn flood(served: &Served, token: &str, framing: &str, chunked: bool) -> Reply {
    let mut stream = connect(served.address());
    let kind = "content-type: application/json";
    let host = served.address();
    write!(
        stream,
        "POST {CALL} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n{kind}\r\n{framing}\r\n\r\n"
    )
    .unwrap();
    let mut reader = stream.try_clone().unwrap();
    let answered = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut piece = vec![b' '; 64 << 10];
            if chunked {
                // The length in hexadecimal digits, what it counts, and the end of the chunk.
                let end = piece.len() - 2;
                let line = format!("{:x}\r\n", end - 6);
                piece[..6].copy_from_slice(line.as_bytes());
                piece[end..].copy_from_slice(b"\r\n");
            }
            for _ in 0..FLOOD_BYTES / piece.len() {
                if answered.load(Ordering::Relaxed) || stream.write_all(&piece).is_err() {
                    break;
                }
            }
        });
        let reply = Reply::read(&mut reader);
        answered.store(true, Ordering::Relaxed);
        drop(reader.shutdown(Shutdown::Both));
        reply.unwrap()
    })
}

/// The most memory that the program ever had, in kilobytes.
fn peak(served: &Served) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", served.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

#[test]
fn a_body_that_does_not_come_is_refused() {
    let mistral = Mistral::start();
    let home = Home::with(&mistral.origin(), "[doors.limits]\nbody_ms = 300\n")
        .env("PORTCULLIS_SECRET_MISTRAL", mistral.token());
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let whole = served.request("POST", CALL, &token, Some("{}"));
    let part = &whole[..whole.len() - 1];
    ask(served.address(), part).refused(408, "request-timeout");
    assert_eq!(mistral.count(), 0);
    nothing_sent(&home);
    // A client that goes away in the middle is nobody's call either.
    let mut stream = connect(served.address());
    stream.write_all(part.as_bytes()).unwrap();
    drop(stream);
    assert_eq!(served.get("/v1/status", &token).is(200).json()["caller"]["kind"], json!("agent"));
    assert_eq!(mistral.count(), 0);
    served.post(CALL, &token, "{}").is(200);
}
