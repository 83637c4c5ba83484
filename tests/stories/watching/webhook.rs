//! A webhook is told that a call waits and what became of it: signed, tried again, and without what is in the call.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use rustix::process::Signal;
use serde_json::Value;
use standardwebhooks::Webhook;

use crate::doors::served::{Served, agent, operator};
use crate::home::{CHAT, Ended, Home, random, until};
use crate::needle::Needle;
use crate::service::Mistral;
use crate::tap::{Tap, answer};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ASK: &str = "/v1/actions/mistral/chat-complete/execute";

/// A message as it came.
struct Message {
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Message {
    fn read(request: &[u8]) -> Self {
        let ends = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&request[..ends]).unwrap();
        let pairs = head
            .lines()
            .skip(1)
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap()));
        Self { headers: pairs.collect(), body: request[ends + 4..].to_vec() }
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().unwrap()
    }

    /// As a receiver checks it, by the specification's own library.
    #[track_caller]
    fn verified(&self) {
        Webhook::new(KEY).unwrap().verify(&self.body, &self.headers).unwrap();
        let mut other = self.body.clone();
        other[5] ^= 1;
        assert!(Webhook::new(KEY).unwrap().verify(&other, &self.headers).is_err());
    }
}

fn messages(hook: &Tap) -> Vec<Message> {
    hook.heard().iter().map(|request| Message::read(request)).collect()
}

fn home(mistral: &Mistral, hook: &Tap, more: &str) -> Home {
    let notify = format!("[notify]\ndesktop = \"never\"\nwebhook = \"{}/hook?of=me\"\n{more}", hook.origin());
    Home::with(&mistral.origin(), &notify).env("PORTCULLIS_SECRET_MISTRAL", mistral.token())
}

fn hold(served: &Served, token: &str, text: &str) -> String {
    let held = served.post(ASK, token, &format!("{{\"input\":{}}}", CHAT.replace("hi", text))).is(202).json();
    held["approval"].as_str().unwrap().to_owned()
}

fn stop(served: Served) -> Ended {
    served.signal(Signal::TERM);
    served.ended().exits(0)
}

#[test]
fn the_webhook_is_told_signed_that_a_call_waits_and_what_became_of_it() {
    let (mistral, hook) = (Mistral::start(), Tap::quiet());
    let home = home(&mistral, &hook, "").env("PORTCULLIS_WEBHOOK_SECRET", KEY);
    let (token, anna) = (agent(&home, "helper"), operator(&home, "anna"));
    let served = Served::start(&home);
    let url = served.url().to_owned();
    let body = random();
    let id = hold(&served, &token, &body);
    until("the first message", || (!hook.heard().is_empty()).then_some(()));
    let first = &messages(&hook)[0];
    first.verified();
    assert_eq!(first.id(), format!("{id}.waiting"));
    let told = first.json();
    let expected = [
        ("type", "approval.waiting"),
        ("id", &id),
        ("action", "mistral/chat-complete"),
        ("agent", "helper"),
        ("effect", "write"),
        ("page", &format!("{url}/approvals/{id}")),
    ];
    for (name, value) in expected {
        assert_eq!(told[name], value, "{told:#}");
    }
    let names: Vec<_> = told.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["type", "id", "action", "agent", "effect", "rule", "page", "created", "expires"]);
    served.post(&format!("/v1/approvals/{id}/reject"), &anna, r#"{"reason":"not today"}"#).is(200);
    until("the second message", || (hook.heard().len() == 2).then_some(()));
    let second = &messages(&hook)[1];
    second.verified();
    assert_eq!((second.id(), &second.json()["type"]), (&*format!("{id}.decided"), &"approval.decided".into()));
    assert_eq!(second.json()["state"], "rejected");
    let ended = stop(served);
    assert!(ended.err.contains("agent helper asks for") && ended.err.contains(&id), "{}", ended.err);
    let all = hook.heard().concat();
    for (what, secret) in [("key", KEY), ("body", &body), ("token", mistral.token()), ("agent's token", &token)] {
        assert_eq!(Needle::new(secret).found_in(&all), None, "the {what} is told");
        assert_eq!(Needle::new(secret).found_in(ended.err.as_bytes()), None, "the {what} is printed");
    }
}

#[test]
fn the_request_is_told_only_where_the_operator_wants_it() {
    let (mistral, hook) = (Mistral::start(), Tap::quiet());
    let home = home(&mistral, &hook, "include_request = true\n").env("PORTCULLIS_WEBHOOK_SECRET", KEY);
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    hold(&served, &token, "words of the body");
    until("the message", || (!hook.heard().is_empty()).then_some(()));
    let told = messages(&hook)[0].json();
    assert!(told["request"]["body"]["text"].as_str().unwrap().contains("words of the body"), "{told:#}");
    assert_eq!(Needle::new(mistral.token()).found_in(&hook.heard().concat()), None);
}

#[test]
fn a_webhook_that_cannot_take_it_is_asked_again_with_the_same_name() {
    let mistral = Mistral::start();
    let tries = AtomicUsize::new(0);
    let hook = Tap::answering(move |_| match tries.fetch_add(1, Ordering::Relaxed) {
        0 => answer("503 Service Unavailable", "retry-after: 0\r\n", b""),
        1 => answer("429 Too Many Requests", "", b""),
        _ => answer("204 No Content", "", b""),
    });
    let home = home(&mistral, &hook, "").env("PORTCULLIS_WEBHOOK_SECRET", KEY);
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    let id = hold(&served, &token, "hi");
    until("the third try", || (hook.heard().len() == 3).then_some(()));
    for message in messages(&hook) {
        message.verified();
        assert_eq!(message.id(), format!("{id}.waiting"));
    }
    drop(served);
}

#[test]
fn what_was_decided_meanwhile_is_not_told_as_waiting_any_more() {
    let mistral = Mistral::start();
    let hook = Tap::answering(|request| {
        let waits = request.windows(8).any(|window| window == b".waiting");
        if waits {
            answer("503 Service Unavailable", "retry-after: 60\r\n", b"")
        } else {
            answer("204 No Content", "", b"")
        }
    });
    let home = home(&mistral, &hook, "").env("PORTCULLIS_WEBHOOK_SECRET", KEY);
    let (token, anna) = (agent(&home, "helper"), operator(&home, "anna"));
    let served = Served::start(&home);
    let id = hold(&served, &token, "hi");
    until("the message", || (!hook.heard().is_empty()).then_some(()));
    served.post(&format!("/v1/approvals/{id}/approve"), &anna, "{}").is(200);
    until("the decision", || messages(&hook).iter().any(|m| m.id() == format!("{id}.decided")).then_some(()));
    assert_eq!(messages(&hook).iter().filter(|m| m.id() == format!("{id}.waiting")).count(), 1);
    assert_eq!(messages(&hook).last().unwrap().json()["state"], "approved");
}

#[test]
fn an_answer_that_sends_it_elsewhere_is_not_followed_and_given_up_aloud() {
    let (mistral, elsewhere) = (Mistral::start(), Tap::quiet());
    let place = format!("location: {}/taken\r\n", elsewhere.origin());
    let hook = Tap::answering(move |_| answer("307 Temporary Redirect", &place, b""));
    let home = home(&mistral, &hook, "").env("PORTCULLIS_WEBHOOK_SECRET", KEY);
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    hold(&served, &token, "hi");
    until("the message", || (!hook.heard().is_empty()).then_some(()));
    let ended = stop(served);
    assert!(ended.err.contains("the webhook was not told: it answers 307"), "{}", ended.err);
    assert!(elsewhere.heard().is_empty());
}

#[test]
fn without_a_key_nothing_is_sent_and_it_is_said() {
    let (mistral, hook) = (Mistral::start(), Tap::quiet());
    let home = home(&mistral, &hook, "[credentials]\nstore = \"file\"\n").env("PORTCULLIS_PASSPHRASE", "open sesame");
    let webhook = |home: &Home| {
        let checks = home.run(["doctor", "--json"]).json();
        checks.as_array().unwrap().iter().find(|check| check["id"] == "webhook").unwrap().clone()
    };
    assert_eq!(webhook(&home)["ok"], false);
    let (token, anna) = (agent(&home, "helper"), operator(&home, "anna"));
    let served = Served::start(&home);
    hold(&served, &token, "hi");
    let ended = once_seen(served, &anna);
    assert!(ended.err.contains("secret set --webhook"), "{}", ended.err);
    assert!(hook.heard().is_empty());

    // A key that is kept is used; one that is none is refused; and it is no port's.
    home.feed(["secret", "set", "--webhook", "--json"], "whsec_short0123456\n").refused("credential-unfit");
    home.feed(["secret", "set", "portcullis", "--json"], KEY).refused("bad-request");
    home.feed(["secret", "set", "--webhook"], &format!("{KEY}\n")).exits(0);
    assert_eq!(webhook(&home)["ok"], true);
    assert!(!home.run(["secret", "list"]).exits(0).out.contains("portcullis"));
    let served = Served::start(&home);
    until("the message", || (!hook.heard().is_empty()).then_some(()));
    messages(&hook)[0].verified();
    drop(served);
    home.run(["secret", "remove", "--webhook"]).exits(0);
    assert_eq!(webhook(&home)["ok"], false);
}

/// Waits until the call that waits was seen, then closes the door.
fn once_seen(served: Served, operator: &str) -> Ended {
    // The gauge moves in the same look that hands the message on, and what is handed on is tried before the end.
    let metrics = || served.get("/metrics", operator).body;
    until("the look", || metrics().contains("portcullis_approvals_waiting 1").then_some(()));
    stop(served)
}
