//! A client that writes and reads raw lines, and an agent with a token.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::home::Home;

/// How long an answer may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything an agent of these tests may be granted.
pub(crate) const ALL: &str = "mistral/*";

/// Makes an agent; gives its token.
pub(crate) fn agent(home: &Home, name: &str, actions: &str) -> String {
    let made = home.run(["agent", "create", name, "--actions", actions, "--json"]).exits(0).json();
    made["token"].as_str().unwrap().to_owned()
}

/// A client and the program it started.
pub(crate) struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<String>,
    errors: Option<std::thread::JoinHandle<String>>,
    /// Everything the program printed, for whoever looks for a secret.
    printed: String,
    /// What came before the message that was waited for.
    passed: VecDeque<Value>,
    last: u64,
}

/// How a client's program ended.
pub(crate) struct Over {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Client {
    /// Starts the program for the holder of this token.
    pub(crate) fn start(home: &Home, token: &str) -> Self {
        Self::logging(home, token, "warn")
    }

    /// The same, with this much written to standard error.
    pub(crate) fn logging(home: &Home, token: &str, log: &str) -> Self {
        let mut command = home.command(["mcp"]);
        command.env("PORTCULLIS_TOKEN", token).env("PORTCULLIS_LOG", log);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, output) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if lines.send(line).is_err() {
                    return;
                }
            }
        });
        let mut err = child.stderr.take().unwrap();
        let errors = std::thread::spawn(move || {
            let mut text = String::new();
            err.read_to_string(&mut text).unwrap();
            text
        });
        let input = child.stdin.take();
        Self { child, input, output, errors: Some(errors), printed: String::new(), passed: VecDeque::new(), last: 0 }
    }

    /// Starts the program and opens a session of this revision.
    pub(crate) fn open(home: &Home, token: &str, version: &str) -> Self {
        Self::declaring(home, token, version, json!({}))
    }

    /// The same, with these capabilities.
    pub(crate) fn declaring(home: &Home, token: &str, version: &str, capabilities: Value) -> Self {
        let mut client = Self::start(home, token);
        client.initialize(version, capabilities);
        client
    }

    pub(crate) fn initialize(&mut self, version: &str, capabilities: Value) -> Value {
        let about = json!({"name": "test", "version": "1"});
        let params = json!({"protocolVersion": version, "capabilities": capabilities, "clientInfo": about});
        let answer = self.ask("initialize", params);
        self.tell("notifications/initialized", json!({}));
        answer
    }

    pub(crate) fn write(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is still open");
        input.write_all(line.as_bytes()).and_then(|()| input.write_all(b"\n")).expect("the program reads");
        input.flush().unwrap();
    }

    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        self.write(&json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string());
    }

    /// Sends a request and does not wait; gives its number.
    pub(crate) fn send(&mut self, method: &str, params: Value) -> u64 {
        self.last += 1;
        self.write(&json!({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params}).to_string());
        self.last
    }

    /// The whole answer to a request.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        self.answer(id)
    }

    /// The whole answer to the request of this number.
    pub(crate) fn answer(&mut self, id: u64) -> Value {
        self.first(&format!("the answer to {id}"), |m| m["id"] == id && m.get("method").is_none())
    }

    /// The next message of this method, a notification or a request.
    pub(crate) fn heard(&mut self, method: &str) -> Value {
        self.first(method, |message| message["method"] == method)
    }

    /// Whether such a message came so far.
    pub(crate) fn passed(&self, method: &str) -> bool {
        self.passed.iter().any(|message| message["method"] == method)
    }

    fn first(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.passed.iter().position(&wanted) {
            return self.passed.remove(at).unwrap();
        }
        loop {
            let line = match self.output.recv_timeout(PATIENCE) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => panic!("{what}: not within {PATIENCE:?}; before: {:#?}", self.passed),
                Err(RecvTimeoutError::Disconnected) => panic!("{what}: the program ended; before: {:#?}", self.passed),
            };
            self.printed.push_str(&line);
            self.printed.push('\n');
            let message: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: no protocol: `{line}`"));
            if wanted(&message) {
                return message;
            }
            self.passed.push_back(message);
        }
    }

    /// Calls a tool; gives its result, which must not be a protocol error.
    #[track_caller]
    pub(crate) fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.ask("tools/call", json!({"name": tool, "arguments": arguments}));
        assert!(answer.get("error").is_none(), "{answer:#}");
        answer["result"].clone()
    }

    /// Calls a tool that must not be there; gives the error.
    #[track_caller]
    pub(crate) fn no_such(&mut self, tool: &str) -> Value {
        let answer = self.ask("tools/call", json!({"name": tool, "arguments": {}}));
        assert_eq!(answer["error"]["code"], -32602, "{answer:#}");
        answer["error"].clone()
    }

    /// Names of all tools, page by page.
    pub(crate) fn tools(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        let mut params = json!({});
        loop {
            let page = self.ask("tools/list", params)["result"].clone();
            let tools = page["tools"].as_array().unwrap_or_else(|| panic!("{page:#}"));
            names.extend(tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()));
            match page.get("nextCursor") {
                Some(cursor) => params = json!({"cursor": cursor}),
                None => return names,
            }
        }
    }

    /// The program's process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Closes the input and waits for the end.
    pub(crate) fn end(mut self) -> Over {
        self.input = None;
        self.wait()
    }

    /// Waits for the end, without closing anything.
    pub(crate) fn wait(mut self) -> Over {
        while let Ok(line) = self.output.recv_timeout(PATIENCE) {
            self.printed.push_str(&line);
            self.printed.push('\n');
        }
        let code = self.child.wait().unwrap().code();
        let err = self.errors.take().unwrap().join().unwrap();
        Over { code, out: std::mem::take(&mut self.printed), err }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // Where a test failed halfway.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What every request of the revision of 2026 says about itself.
pub(crate) fn stateless(capabilities: Value) -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    })
}
