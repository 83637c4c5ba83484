//! News as they come: the list whenever it changes, to those who are signed in, until they are not.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use super::browser::Browser;
use crate::doors::asked::{connect, try_ask};
use crate::doors::served::Served;
use crate::home::{CHAT, Home, until};

/// Opens a stream and reads its head.
#[track_caller]
pub(super) fn listen(served: &Served, browser: &Browser<'_>) -> BufReader<TcpStream> {
    let mut stream = connect(served.address());
    stream.write_all(browser.request("GET", "/live", "", None).as_bytes()).unwrap();
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    assert!(line.starts_with("HTTP/1.1 200 "), "{line}");
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).unwrap();
        assert!(!line.starts_with("content-type:") || line.contains("text/event-stream"), "{line}");
    }
    stream
}

/// The next list.
#[track_caller]
fn next(stream: &mut BufReader<TcpStream>) -> Vec<Value> {
    let mut line = String::new();
    while !line.starts_with("data: ") {
        line.clear();
        assert_ne!(stream.read_line(&mut line).unwrap(), 0, "the stream ended");
    }
    let news: Value = serde_json::from_str(line.trim_start_matches("data: ")).unwrap();
    news["lines"].as_array().unwrap().clone()
}

#[test]
fn a_call_of_any_process_is_news_and_so_is_its_end() {
    let home = Home::holding("http://127.0.0.1:1", "live-token-0123456789");
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let mut stream = listen(&served, &browser);
    assert!(next(&mut stream).is_empty());
    let id = home.hold(CHAT);
    let held = Instant::now();
    let lines = next(&mut stream);
    // A quarter of a second is what it takes; a busy machine may take longer, a missing feed for ever.
    assert!(held.elapsed() < Duration::from_secs(30));
    let line = &lines[0];
    assert_eq!(lines.len(), 1);
    assert_eq!(line["id"], id.as_str());
    assert_eq!((&line["action"], &line["effect"]), (&"mistral/chat-complete".into(), &"write".into()));
    assert_eq!((&line["origin"], &line["overridden"]), (&"http://127.0.0.1:1".into(), &true.into()));
    let waits = browser.page("/ports");
    assert!(waits.contains("<title>(1) Ports · Portcullis</title>") && waits.contains("icon-waiting.svg"), "{waits}");
    home.run(["approvals", "reject", &id]).exits(0);
    assert!(next(&mut stream).is_empty());
    until("nothing waits any more", || {
        browser.page("/ports").contains("<title>Ports · Portcullis</title>").then_some(())
    });
}

#[test]
fn streams_are_counted_and_those_that_went_away_are_not() {
    let home = Home::new("");
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let open: Vec<_> = (0..8).map(|_| listen(&served, &browser)).collect();
    browser.get("/live").is(429);
    let other = Browser::by_token(&served, &home, "anna");
    drop(listen(&served, &other));
    drop(open);
    until("a place is free", || {
        let mut stream = connect(served.address());
        stream.write_all(browser.request("GET", "/live", "", None).as_bytes()).unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).unwrap();
        (&head == b"HTTP/1.1 200").then_some(())
    });
}

#[test]
fn the_end_of_the_program_ends_a_stream() {
    let home = Home::new("");
    let served = Served::start(&home);
    let browser = Browser::by_link(&served);
    let mut stream = listen(&served, &browser);
    assert!(next(&mut stream).is_empty());
    served.signal(Signal::TERM);
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(!rest.contains("event: over"), "whoever is signed in is told nothing else: {rest}");
    assert_eq!(served.ended().code, Some(0));
}

#[test]
fn nobody_hears_anything_who_is_not_signed_in() {
    let home = Home::new("");
    let served = Served::start(&home);
    let stranger = Browser::new(&served);
    let reply = try_ask(served.address(), stranger.request("GET", "/live", "", None)).unwrap();
    assert_eq!(reply.status, 401);
}
