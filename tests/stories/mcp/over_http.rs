//! MCP at `/mcp` of the HTTP door: sessions that belong to a token, and requests that need none.

use std::io::{Read as _, Write as _};

use rustix::process::Signal;
use serde_json::{Value, json};

use super::client::{ALL, agent, stateless};
use crate::doors::asked::connect;
use crate::doors::served::Served;
use crate::home::{Home, until};
use crate::service::Mistral;

const LIST: &str = "mistral__list-models";

/// An answer: its status, its headers as text, and the messages in it.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    messages: Vec<Value>,
}

impl Answer {
    fn session(&self) -> String {
        let line = self.head.lines().find_map(|line| line.strip_prefix("mcp-session-id: "));
        line.unwrap_or_else(|| panic!("no session was opened: {self:#?}")).to_owned()
    }

    /// The answer to the one request.
    #[track_caller]
    fn result(&self) -> &Value {
        let answer = self.messages.iter().find(|m| m.get("result").is_some() || m.get("error").is_some());
        answer.unwrap_or_else(|| panic!("no answer: {self:#?}"))
    }
}

/// A client of the door.
struct Web<'a> {
    served: &'a Served,
    token: &'a str,
    version: &'static str,
}

impl Web<'_> {
    fn ask(&self, method: &str, session: Option<&str>, more: &str, body: &str) -> Answer {
        let mut text = format!("{method} /mcp HTTP/1.1\r\nhost: {}\r\n", self.served.address());
        text.push_str(&format!("authorization: Bearer {}\r\nmcp-protocol-version: {}\r\n", self.token, self.version));
        text.push_str("accept: application/json, text/event-stream\r\nconnection: close\r\n");
        if let Some(session) = session {
            text.push_str(&format!("mcp-session-id: {session}\r\n"));
        }
        if method == "POST" {
            text.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
        }
        text.push_str(&format!("{more}\r\n{body}"));
        let mut stream = connect(self.served.address());
        drop(stream.write_all(text.as_bytes()));
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        read(&bytes)
    }

    fn post(&self, session: Option<&str>, message: &Value) -> Answer {
        self.ask("POST", session, "", &message.to_string())
    }

    fn open(&self) -> String {
        let about = json!({"name": "test", "version": "1"});
        let params = json!({"protocolVersion": self.version, "capabilities": {}, "clientInfo": about});
        let opened = self.post(None, &json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}));
        assert_eq!(opened.status, 200, "{opened:#?}");
        assert_eq!(opened.result()["result"]["protocolVersion"], self.version);
        let session = opened.session();
        let told = self.post(Some(&session), &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        assert_eq!(told.status, 202, "{told:#?}");
        session
    }

    fn call(&self, session: &str, tool: &str, arguments: Value) -> Answer {
        self.post(Some(session), &call(tool, arguments))
    }

    /// Without a session, as the revision of 2026 does.
    fn alone(&self, tool: &str, arguments: Value) -> Answer {
        let mut message = call(tool, arguments);
        message["params"]["_meta"] = stateless(json!({}));
        let more = format!("mcp-method: tools/call\r\nmcp-name: {tool}\r\n");
        self.ask("POST", None, &more, &message.to_string())
    }
}

fn call(tool: &str, arguments: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
}

fn list() -> Value {
    json!({"jsonrpc": "2.0", "id": 3, "method": "tools/list"})
}

fn read(bytes: &[u8]) -> Answer {
    let ends = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
    let head = String::from_utf8(bytes[..ends].to_vec()).unwrap().to_ascii_lowercase();
    let mut body = bytes[ends + 4..].to_vec();
    if head.contains("transfer-encoding: chunked") {
        body = unchunked(&body);
    }
    let body = String::from_utf8(body).unwrap();
    let lines = body.lines().map(|line| line.strip_prefix("data:").unwrap_or(line).trim());
    let messages = lines.filter_map(|line| serde_json::from_str(line).ok()).filter(Value::is_object).collect();
    Answer { status: head.split(' ').nth(1).unwrap().parse().unwrap(), head, messages }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap().trim(), 16).unwrap();
        let Some(piece) = rest.get(end + 2..end + 2 + size) else { break };
        body.extend_from_slice(piece);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
    body
}

fn chat(wait_ms: u32) -> Value {
    let mut input: Value = serde_json::from_str(crate::home::CHAT).unwrap();
    input["_portcullis"] = json!({"waitMs": wait_ms});
    input
}

#[test]
fn a_session_of_each_older_revision_lists_calls_and_ends() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", "mistral/list-models");
    let served = Served::start(&home);
    for version in ["2025-03-26", "2025-06-18", "2025-11-25"] {
        let web = Web { served: &served, token: &token, version };
        let session = web.open();
        let listed = web.post(Some(&session), &list());
        let tools = listed.result()["result"]["tools"].as_array().unwrap();
        assert_eq!(tools.iter().map(|t| &t["name"]).collect::<Vec<_>>(), [LIST, "portcullis__result"]);
        let called = web.call(&session, LIST, json!({}));
        assert_eq!(called.result()["result"]["structuredContent"]["status"], 200, "{called:#?}");
        assert_eq!(web.ask("DELETE", Some(&session), "", "").status, 202);
        assert_eq!(web.call(&session, LIST, json!({})).status, 404);
    }
    assert_eq!(mistral.count(), 3);
}

#[test]
fn the_stateless_revision_calls_without_a_session() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", "mistral/list-models");
    let served = Served::start(&home);
    let web = Web { served: &served, token: &token, version: "2026-07-28" };
    let called = web.alone(LIST, json!({}));
    assert_eq!(called.status, 200, "{called:#?}");
    assert_eq!(called.result()["result"]["structuredContent"]["state"], "executed", "{called:#?}");
    let unknown = web.alone("mistral__chat-complete", json!({}));
    assert_eq!(unknown.result()["error"]["code"], -32602, "{unknown:#?}");
    assert_eq!(mistral.count(), 1);
}

#[test]
fn another_tokens_session_is_not_there_whatever_is_done_with_its_name() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let (one, other) = (agent(&home, "one", ALL), agent(&home, "other", ALL));
    let served = Served::start(&home);
    let owner = Web { served: &served, token: &one, version: "2025-11-25" };
    let thief = Web { token: &other, ..owner };
    let session = owner.open();
    for method in ["POST", "GET", "DELETE"] {
        let stolen = thief.ask(method, Some(&session), "", &call(LIST, json!({})).to_string());
        assert_eq!((stolen.status, stolen.messages.len()), (404, 0), "{method}: {stolen:#?}");
        let nothing = thief.ask(method, Some("00000000-0000-4000-8000-000000000000"), "", &list().to_string());
        assert_eq!(nothing.status, 404, "{method}: {nothing:#?}");
    }
    // Naming it twice does not help either.
    let own = thief.open();
    let both = thief.ask("POST", Some(&own), &format!("mcp-session-id: {session}\r\n"), &list().to_string());
    assert_eq!(both.status, 404, "{both:#?}");
    assert_eq!(mistral.count(), 0);
    let still = owner.call(&session, LIST, json!({}));
    assert_eq!(still.result()["result"]["isError"], false, "{still:#?}");
}

#[test]
fn without_a_good_token_of_an_agent_there_is_nothing() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let boss = home.run(["operator", "create", "boss", "--json"]).exits(0).json();
    let served = Served::start(&home);
    let good = Web { served: &served, token: &token, version: "2025-11-25" };
    let session = good.open();
    let wrong = format!("pca_{}", "A".repeat(43));
    for bad in [wrong.as_str(), "x"] {
        let web = Web { token: bad, ..good };
        assert_eq!(web.call(&session, LIST, json!({})).status, 401);
        assert_eq!(web.ask("GET", Some(&session), "", "").status, 401);
    }
    let operator = Web { token: boss["token"].as_str().unwrap(), ..good };
    assert_eq!(operator.call(&session, LIST, json!({})).status, 403);
    home.run(["agent", "revoke", "helper"]).exits(0);
    assert_eq!(good.call(&session, LIST, json!({})).status, 401);
    assert_eq!(mistral.count(), 0);
}

#[test]
fn a_call_that_waits_over_http_ends_when_the_door_closes_and_is_kept() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let served = Served::start(&home);
    let web = Web { served: &served, token: &token, version: "2025-11-25" };
    let session = web.open();
    let answer = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| web.call(&session, "mistral__chat-complete", chat(60000)));
        until("a call waits", || {
            let list = home.run(["approvals", "list", "--json"]).exits(0).json();
            list[0]["id"].as_str().map(str::to_owned)
        });
        served.signal(Signal::TERM);
        waiting.join().unwrap()
    });
    assert_eq!(answer.result()["result"]["structuredContent"]["state"], "pending", "{answer:#?}");
    assert_eq!(mistral.count(), 0);
    let list = home.run(["approvals", "list", "--json"]).exits(0).json();
    assert_eq!(list.as_array().unwrap().len(), 1, "a person may still decide: {list:#}");
}

#[test]
fn bodies_that_are_too_large_or_too_deep_are_refused_and_nothing_is_sent() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let served = Served::start(&home);
    let web = Web { served: &served, token: &token, version: "2025-11-25" };
    let session = web.open();
    let large = call(LIST, json!({"a": "x".repeat(2 << 20)})).to_string();
    assert_eq!(web.ask("POST", Some(&session), "", &large).status, 413);
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    for body in [call(LIST, json!("DEEP")).to_string().replace("\"DEEP\"", &deep), "garbage".to_owned()] {
        let refused = web.ask("POST", Some(&session), "", &body);
        assert!((400..500).contains(&refused.status), "{refused:#?}");
    }
    assert_eq!(mistral.count(), 0);
    assert_eq!(web.call(&session, LIST, json!({})).status, 200);
}
