//! Clients that misbehave: nothing falls over, nothing is sent, and nothing secret is printed.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::client::{ALL, Client, agent};
use crate::home::Home;
use crate::service::Mistral;

const LIST: &str = "mistral__list-models";

#[test]
fn garbage_is_survived_and_the_next_request_is_answered() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::start(&home, &token);
    // Before anything else, too.
    for line in ["", "garbage", "{", "[]", "null", "7", r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#] {
        client.write(line);
    }
    client.initialize("2025-11-25", json!({}));
    let deep = |open: &str, close: &str| {
        let nested = format!("{}{}", open.repeat(10_000), close.repeat(10_000));
        format!(
            r#"{{"jsonrpc":"2.0","id":99,"method":"tools/call","params":{{"name":"{LIST}","arguments":{{"a":{nested}}}}}}}"#
        )
    };
    for line in [
        "\u{0}\u{1}\u{2}",
        r#"{"jsonrpc":"2.0","id":"#,
        r#"{"jsonrpc":"1.0","id":5,"method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":{},"method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":98,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":96,"method":"tools/call","params":[]}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":12345}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/no-such-thing"}"#,
        r#"[{"jsonrpc":"2.0","id":97,"method":"tools/list"}]"#,
        &deep("[", "]"),
        &deep(r#"{"a":"#, "1}"),
    ] {
        client.write(line);
    }
    let unknown = client.ask("no/such-method", json!({}));
    assert_eq!(unknown["error"]["code"], -32601, "{unknown:#}");
    for params in [json!({}), json!({"name": 7}), json!({"name": LIST, "arguments": []})] {
        let answer = client.ask("tools/call", params.clone());
        assert_eq!(answer["error"]["code"], -32602, "{params}: {answer:#}");
    }
    assert_eq!(mistral.count(), 0);
    assert_eq!(client.call(LIST, json!({}))["isError"], false);
    assert_eq!(client.end().code, Some(0));
    assert_eq!(mistral.count(), 1);
}

#[test]
fn a_line_without_end_takes_no_memory_and_the_next_one_is_read() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::open(&home, &token, "2025-11-25");
    let before = resident(client.pid());
    let long = format!(
        r#"{{"jsonrpc":"2.0","id":99,"method":"tools/call","params":{{"name":"{LIST}","arguments":{{"a":"{}"}}}}}}"#,
        "x".repeat(100 << 20)
    );
    client.write(&long);
    assert_eq!(client.call(LIST, json!({}))["isError"], false);
    let grown = resident(client.pid()).saturating_sub(before);
    assert!(grown < 48 << 20, "{grown} bytes more than before");
    assert_eq!(mistral.count(), 1);
}

/// Most memory that a process ever held, in bytes.
#[cfg(target_os = "linux")]
fn resident(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")).map_or(0, |kb| kb.trim().parse::<usize>().unwrap() * 1024)
}

#[cfg(not(target_os = "linux"))]
fn resident(_: u32) -> usize {
    0
}

#[test]
fn nothing_secret_is_printed_however_much_is_logged() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    let mut client = Client::logging(&home, &token, "trace");
    client.initialize("2025-11-25", json!({}));
    client.ask("logging/setLevel", json!({"level": "debug"}));
    client.call(LIST, json!({}));
    let told = json!({"model": "m", "messages": [{"role": "user", "content": "between-you-and-me"}],
                      "_portcullis": {"waitMs": 0}});
    client.call("mistral__chat-complete", told);
    client.no_such("mistral__nothing");
    client.call("mistral__chat-complete", json!({"model": "between-you-and-me"}));
    let over = client.end();
    for secret in [token.as_str(), mistral.token()] {
        assert!(!over.out.contains(secret) && !over.err.contains(secret), "a secret is printed");
    }
    assert!(!over.err.contains("between-you-and-me"), "an input is logged: {}", over.err);
}

#[test]
fn a_signal_ends_it_in_good_order_even_while_a_call_waits() {
    let mistral = Mistral::start();
    let home = Home::holding(&mistral.origin(), mistral.token());
    let token = agent(&home, "helper", ALL);
    for signal in [Signal::TERM, Signal::INT] {
        let mut client = Client::open(&home, &token, "2025-11-25");
        let mut input: serde_json::Value = serde_json::from_str(crate::home::CHAT).unwrap();
        input["_portcullis"] = json!({"waitMs": 60000});
        let params = json!({"name": "mistral__chat-complete", "arguments": input, "_meta": {"progressToken": 1}});
        let call = client.send("tools/call", params);
        client.heard("notifications/progress");
        let began = Instant::now();
        kill_process(Pid::from_raw(client.pid().cast_signed()).unwrap(), signal).unwrap();
        let answer = client.answer(call);
        assert_eq!(answer["result"]["structuredContent"]["state"], "pending", "{answer:#}");
        let over = client.wait();
        assert_eq!(over.code, Some(0), "{}", over.err);
        assert!(began.elapsed() < Duration::from_secs(50), "it did not wait for the person");
    }
    assert_eq!(mistral.count(), 0);
}
