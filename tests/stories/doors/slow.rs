//! Clients that take their time, and clients that do not speak HTTP.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::asked::{Reply, ask, connect, try_ask};
use super::served::{Served, agent, nothing_sent, operator};
use crate::home::{CHAT, Home, until};
use crate::service::Mistral;

const CALL: &str = "/v1/actions/mistral/list-models/execute";

fn home(mistral: &Mistral, limits: &str) -> Home {
    Home::with(&mistral.origin(), &format!("[doors.limits]\n{limits}\n"))
        .env("PORTCULLIS_SECRET_MISTRAL", mistral.token())
}

/// Whether the other side has closed.
fn closed(stream: &mut TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let read = stream.read(&mut [0; 1024]);
    stream.set_nonblocking(false).unwrap();
    match read {
        Ok(count) => count == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    }
}

#[test]
fn a_slow_loris_does_not_keep_others_out() {
    let mistral = Mistral::start();
    let home = home(&mistral, "connections = 4\nheader_ms = 400");
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let over = AtomicBool::new(false);
    // Some say nothing at all, some a letter now and then.
    let mut lorises: Vec<TcpStream> = (0..12).map(|_| connect(served.address())).collect();
    let silent = lorises.split_off(6);
    thread::scope(|scope| {
        scope.spawn(|| {
            let head = b"GET /health HTTP/1.1\r\nx-slow: ";
            for byte in head.iter().copied().chain(std::iter::repeat(b'x')) {
                for loris in &mut lorises {
                    drop(loris.write_all(&[byte]));
                }
                if over.load(Ordering::Relaxed) {
                    return;
                }
                thread::sleep(Duration::from_millis(20));
            }
        });
        let reply = try_ask(served.address(), served.request("POST", CALL, &token, Some("{}")));
        over.store(true, Ordering::Relaxed);
        reply.unwrap().is(200);
        drop(silent);
    });
    assert_eq!(mistral.count(), 1);
}

#[test]
fn an_idle_connection_makes_room_for_one_that_waits() {
    let home = Home::with("http://127.0.0.1:1", "[doors.limits]\nconnections = 1\n");
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let request = served.request("GET", "/v1/ports", &token, None).replace("connection: close\r\n", "");
    let mut idle = connect(served.address());
    for _ in 0..3 {
        idle.write_all(request.as_bytes()).unwrap();
        Reply::read(&mut idle).unwrap().is(200);
    }
    served.get("/v1/ports", &token).is(200);
    until("the idle connection is closed", || closed(&mut idle).then_some(()));
}

#[test]
fn a_connection_that_stays_idle_is_closed() {
    let home = Home::with("http://127.0.0.1:1", "[doors.limits]\nidle_ms = 200\n");
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let mut idle = connect(served.address());
    idle.write_all(served.request("GET", "/v1/ports", &token, None).replace("connection: close\r\n", "").as_bytes())
        .unwrap();
    Reply::read(&mut idle).unwrap().is(200);
    until("the idle connection is closed", || closed(&mut idle).then_some(()));
}

#[test]
fn a_client_that_does_not_read_is_cut() {
    let home = Home::with("http://127.0.0.1:1", "[doors.limits]\nconnections = 1\nwrite_ms = 300\n");
    let served = Served::start(&home);
    let mut deaf = connect(served.address());
    let request = served.request("GET", "/openapi.json", "", None).replace("connection: close\r\n", "");
    let many = request.repeat(64);
    deaf.set_write_timeout(Some(Duration::from_millis(100))).unwrap();
    // Until the answers fill every buffer on the way and the server reads no more, or has cut this off.
    while deaf.write_all(many.as_bytes()).is_ok() {}
    ask(served.address(), served.request("GET", "/health", "", None)).is(200);
}

#[test]
fn a_long_wait_for_a_person_is_not_slowness() {
    let mistral = Mistral::start();
    let home = home(&mistral, "header_ms = 100\nbody_ms = 100\nidle_ms = 100\nwrite_ms = 100");
    let (token, person) = (agent(&home, "helper"), operator(&home, "person"));
    let served = Served::start(&home);
    let call = format!("{{\"input\":{CHAT},\"waitMs\":60000}}");
    thread::scope(|scope| {
        let waiting = scope.spawn(|| served.post("/v1/actions/mistral/chat-complete/execute", &token, &call));
        let held = until("the call is held", || {
            served.get("/v1/approvals?state=pending", &person).is(200).json()[0]["id"].as_str().map(str::to_owned)
        });
        // Longer than every limit that a slow client would meet.
        thread::sleep(Duration::from_millis(500));
        assert_eq!(mistral.count(), 0);
        served.post(&format!("/v1/approvals/{held}/approve"), &person, "{}").is(200);
        assert_eq!(waiting.join().unwrap().is(200).json()["state"], "executed");
    });
    assert_eq!(mistral.count(), 1);
}

#[test]
fn what_is_not_http_is_refused_or_cut() {
    let mistral = Mistral::start();
    let home = home(&mistral, "header_ms = 2000");
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let good = served.request("POST", CALL, &token, Some("{}"));
    let both = good.replace("content-length: 2", "content-length: 2\r\ntransfer-encoding: chunked");
    let two = good.replace("content-length: 2", "content-length: 2\r\ncontent-length: 3");
    for bytes in [
        &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\x00\xff\x00\xff\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n\r\n garbage \x01\x02\x03",
        two.as_bytes(),
        format!("GET /health HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(100_000)).as_bytes(),
        format!("GET /health HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(1000)).as_bytes(),
    ] {
        let mut stream = connect(served.address());
        drop(stream.write_all(bytes));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let text = String::from_utf8_lossy(&answer);
        assert!(text.is_empty() || text.starts_with("HTTP/1.1 4"), "{text}");
        assert!(!text.contains(" 200 "), "{text}");
    }
    // A length and chunks at once: never read as two requests.
    let smuggled = try_ask(served.address(), &both);
    assert!(smuggled.map_or(true, |reply| reply.status >= 400));
    assert_eq!(mistral.count(), 0);
    nothing_sent(&home);
    // Requests in a row on one connection are answered in order.
    let row = good.replace("connection: close\r\n", "");
    let mut stream = connect(served.address());
    stream.write_all(format!("{row}{good}").as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert_eq!(mistral.count(), 2);
}
