//! A credential that nobody could guess is in nothing that the program prints, logs at its most talkative, or keeps: on
//! success, and on every way to fail that can be reached.

use std::fs;

use serde_json::Value;

use crate::home::{CHAT, Ended, Home, random, settings, until};
use crate::needle::Needle;
use crate::service::Mistral;
use crate::tap::{Tap, answer, ok};

const LIMITS: &str = "[egress]\nfirst_byte_ms = 2000\ntotal_ms = 4000\nresponse_bytes = 200000\n";

/// A home with a canary in it, and the one who looks for it.
struct Cage {
    home: Home,
    token: String,
    needle: Needle,
    looks: usize,
}

impl Cage {
    /// The token is in the environment, and the log tells everything.
    fn new(origin: &str, token: &str) -> Self {
        let home = Home::with(origin, LIMITS).env("PORTCULLIS_SECRET_MISTRAL", token).env("PORTCULLIS_LOG", "trace");
        Self { home, token: token.to_owned(), needle: Needle::new(token), looks: 0 }
    }

    /// Runs the program and looks through everything it said, and through everything that is on disk.
    #[track_caller]
    fn run(&mut self, arguments: &[&str]) -> Ended {
        let ended = self.home.run(arguments.iter().copied());
        self.look(&format!("{arguments:?}"), &ended);
        ended
    }

    #[track_caller]
    fn look(&mut self, what: &str, ended: &Ended) {
        for (stream, text) in [("output", &ended.out), ("log", &ended.err)] {
            let found = self.needle.found_in(text.as_bytes());
            assert_eq!(found, None, "{what}: the credential is in the {stream}:\n{text}");
        }
        assert_eq!(self.needle.found_below(self.home.path()), None, "{what}: the credential is on disk");
        self.looks += 1;
    }

    /// A call of the model with this name.
    #[track_caller]
    fn get(&mut self, model: &str) -> Ended {
        self.run(&["run", "mistral/get-model", "--json", "--input", &format!(r#"{{"model_id":"{model}"}}"#)])
    }
}

/// A token with characters that every encoding treats in its own way.
fn canary() -> String {
    format!("canary/{}+~=%{}", random(), random())
}

#[test]
fn the_credential_is_nowhere_when_a_call_goes_well_or_the_service_misbehaves() {
    let token = canary();
    let mistral = Mistral::wanting(&token);
    let mut cage = Cage::new(&mistral.origin(), &token);
    let well = cage.run(&["run", "mistral/list-models"]).exits(0);
    // The log was indeed talkative: the search had something to search.
    assert!(well.err.contains("TRACE"), "nothing was traced: {}", well.err);
    assert_eq!(mistral.seen()[0].headers.iter().filter(|(_, value)| *value == format!("Bearer {token}")).count(), 1);
    let echo = cage.get("misbehave-echo").exits(0).json();
    assert!(echo["scrubbed"].as_u64().unwrap() >= 5, "{echo:#}");
    for (wish, code) in [("gzip", "encoding-refused"), ("endless", "response-too-large"), ("stall", "upstream-timeout")]
    {
        cage.get(&format!("misbehave-{wish}")).refused(code);
    }
    assert_eq!(cage.get("misbehave-redirect").json()["status"], 302);
    assert_eq!(cage.get("misbehave-other").exits(1).json()["status"], 404);
    let id = cage.run(&["run", "mistral/chat-complete", "--input", CHAT]).exits(3).out.trim().to_owned();
    cage.run(&["approvals", "show", &id, "--json"]).exits(0);
    cage.run(&["approvals", "approve", &id, "--yes"]).exits(0);
    cage.run(&["approvals", "approve", &id, "--yes"]).exits(1);
    for command in [
        &["approvals", "list", "--all"][..],
        &["approvals", "show", &id],
        &["audit", "list"],
        &["audit", "export"],
        &["audit", "verify"],
        &["ports"],
        &["secret", "list"],
        &["doctor"],
        &["actions"],
        &["inspect", "mistral"],
    ] {
        cage.run(command);
    }
    assert!(cage.looks >= 20);
}

#[test]
fn the_credential_is_nowhere_when_a_service_throws_it_back() {
    let token = canary();
    let shape = |name: &str, request: &[u8]| {
        let text = String::from_utf8_lossy(request).into_owned();
        let head = text.split("\r\n\r\n").next().unwrap().to_owned();
        let credential =
            text.lines().find_map(|l| l.strip_prefix("authorization: Bearer ")).unwrap_or_default().trim().to_owned();
        match name {
            "text" => answer("200 OK", "content-type: text/plain\r\n", request),
            "json" => ok(&Value::String(head).to_string()),
            "html" => answer("200 OK", "content-type: text/html\r\n", format!("<pre>{head}</pre>").as_bytes()),
            "binary" => answer(
                "200 OK",
                "content-type: application/octet-stream\r\n",
                &[b"\xff\xfe\x00", request, b"\xff"].concat(),
            ),
            "utf-16" => {
                let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                answer("200 OK", "content-type: text/plain; charset=utf-16\r\n", &wide)
            }
            "key" => ok(&serde_json::json!({ credential: 1 }).to_string()),
            "location" => answer("302 Found", &format!("location: http://127.0.0.1:1/?t={credential}\r\n"), b""),
            "cookie" => answer(
                "200 OK",
                &format!("set-cookie: t={credential}\r\nx-request-id: {credential}\r\netag: \"{credential}\"\r\n"),
                b"{}",
            ),
            "type" => answer("200 OK", &format!("content-type: text/{credential}\r\n"), b"{}"),
            "binary-type" => answer("200 OK", &format!("content-type: text/plain; x={credential}\r\n"), b"\xff\xff"),
            "encoding" => answer("200 OK", &format!("content-encoding: {credential}\r\n"), b"{}"),
            "reason" => answer(&format!("500 {credential}"), "", b"{}"),
            "unauthorized" => {
                answer("401 Unauthorized", &format!("www-authenticate: Bearer realm=\"{credential}\"\r\n"), request)
            }
            "retry" => answer("429 Too Many Requests", &format!("retry-after: {credential}\r\n"), request),
            "garbage" => request.to_vec(),
            "status-line" => format!("HTTP/1.1 {credential}\r\n\r\n").into_bytes(),
            "header-name" => format!("HTTP/1.1 200 OK\r\n{credential}: {credential}\r\n\r\n").into_bytes(),
            "length" => format!("HTTP/1.1 200 OK\r\ncontent-length: {credential}\r\n\r\n").into_bytes(),
            "chunk" => format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{credential}\r\n").into_bytes(),
            "chunks" => {
                let mut bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
                for byte in text.bytes() {
                    bytes.extend([b"1\r\n", &[byte][..], b"\r\n"].concat());
                }
                [&bytes[..], b"0\r\n\r\n"].concat()
            }
            "cut" => format!("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{head}").into_bytes(),
            "closed" => Vec::new(),
            other => panic!("`{other}` is no shape"),
        }
    };
    let tap = Tap::answering(move |request| {
        let line = String::from_utf8_lossy(request.split(|b| *b == b'\r').next().unwrap()).into_owned();
        let wish = line.split(' ').nth(1).unwrap().rsplit('/').next().unwrap().to_owned();
        shape(wish.as_str(), request)
    });
    let mut cage = Cage::new(tap.origin(), &token);
    let answered = ["text", "json", "html", "binary", "utf-16", "key", "location", "cookie", "chunks"];
    let failing = [
        "type",
        "binary-type",
        "encoding",
        "reason",
        "unauthorized",
        "retry",
        "garbage",
        "status-line",
        "header-name",
        "length",
        "chunk",
        "cut",
        "closed",
    ];
    for wish in answered {
        let answer = cage.get(wish).exits(0).json();
        assert!(answer["status"].as_u64().unwrap() < 400, "{wish}: {answer:#}");
    }
    for wish in failing {
        cage.get(wish);
        cage.run(&["run", "mistral/get-model", "--input", &format!(r#"{{"model_id":"{wish}"}}"#)]);
    }
    assert_eq!(tap.count(&format!("Bearer {token}")), tap.heard().len(), "a request went out without the credential");
    cage.run(&["audit", "export"]).exits(0);
}

#[test]
fn the_credential_is_nowhere_when_the_host_refuses() {
    let token = canary();
    let tap = Tap::quiet();
    let mut cage = Cage::new(tap.origin(), &token);
    let old = cage.run(&["run", "mistral/chat-complete", "--input", CHAT]).exits(3).out.trim().to_owned();
    let late = cage.run(&["run", "mistral/chat-complete", "--input", CHAT]).exits(3).out.trim().to_owned();
    cage.run(&["run", "mistral/no-such-action", "--json"]).refused("unknown-action");
    cage.run(&["run", "no-such/action", "--json"]).refused("unknown-action");
    cage.run(&["run", "mistral/get-model", "--input", r#"{"model_id":"../x"}"#, "--json"]).refused("invalid-input");
    cage.run(&["run", "mistral/get-model", "--input", "{", "--json"]).exits(1);
    let database = rusqlite::Connection::open(cage.home.database()).unwrap();
    database.execute("UPDATE approvals SET expires_ms = created_ms WHERE id = ?1", [&late]).unwrap();
    drop(database);
    cage.run(&["approvals", "approve", &late, "--yes", "--json"]).refused("approval-expired");
    let deny = format!("{LIMITS}[ports.mistral.actions.list-models]\napproval = \"deny\"\n");
    cage.home.configure(&settings(tap.origin(), &deny));
    cage.run(&["run", "mistral/list-models", "--json"]).refused("denied");
    cage.home.configure(&settings("http://127.0.0.1:1", LIMITS));
    cage.run(&["approvals", "approve", &old, "--yes", "--json"]).refused("approval-mismatch");
    cage.run(&["run", "mistral/list-models", "--json"]).refused("upstream-unreachable");
    cage.home.configure("[sandbox.limits]\nwall_time_ms = 1\ninput_bytes = 1\n");
    cage.run(&["run", "mistral/list-models", "--json"]).exits(1);
    cage.home.configure("nonsense = true\n");
    cage.run(&["run", "mistral/list-models"]).exits(1);
    cage.run(&["doctor"]).exits(1);
    cage.run(&["run", "mistral"]).exits(2);
    cage.home.configure(&settings(tap.origin(), LIMITS));
    fs::write(cage.home.path().join("state").join("audit.key"), "damaged").unwrap();
    cage.run(&["run", "mistral/list-models"]).exits(1);
    assert!(tap.heard().is_empty());
}

#[test]
fn the_credential_is_nowhere_when_a_call_is_killed_on_its_way() {
    let token = canary();
    let mistral = Mistral::wanting(&token);
    let mut cage = Cage::new(&mistral.origin(), &token);
    cage.home.configure(&settings(&mistral.origin(), ""));
    let mut child = cage.home.start(["run", "mistral/get-model", "--input", r#"{"model_id":"misbehave-stall"}"#]);
    until("the request arrives", || (mistral.count() == 1).then_some(()));
    child.kill().unwrap();
    let ended = Ended::from(child.wait_with_output().unwrap());
    cage.look("killed", &ended);
    cage.run(&["ports"]).exits(0);
    cage.run(&["audit", "list"]).exits(0);
}

#[test]
fn the_credential_is_nowhere_when_it_is_kept_in_the_encrypted_file() {
    let token = canary();
    let mistral = Mistral::wanting(&token);
    let cage = Cage::new(&mistral.origin(), &token);
    let file = format!("{LIMITS}[credentials]\nstore = \"file\"\n");
    cage.home.configure(&settings(&mistral.origin(), &file));
    let home = cage.home.env("PORTCULLIS_SECRET_MISTRAL", "").env("PORTCULLIS_PASSPHRASE", "a long horse");
    let mut cage = Cage { home, ..cage };
    let kept = cage.home.feed(["secret", "set", "mistral"], &token).exits(0);
    cage.look("secret set", &kept);
    let unfit = cage.home.feed(["secret", "set", "mistral"], &format!("{} {}", cage.token, cage.token)).exits(1);
    cage.look("secret set, unfit", &unfit);
    assert_eq!(cage.get("misbehave-echo").exits(0).json()["status"], 200);
    cage.run(&["secret", "list", "--json"]).exits(0);
    cage.run(&["secret", "remove", "mistral"]).exits(0);
    // The twin: were it on disk, it would be found.
    fs::write(cage.home.path().join("state").join("left-behind"), format!("x{token}")).unwrap();
    assert!(cage.needle.found_below(cage.home.path()).is_some_and(|place| place.contains("left-behind")));
}
