//! MCP on standard input and output: one `tools/call` beside a bare keep-alive client of the same service, and the time
//! from starting the program to its first result.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::call;
use crate::door::agent;
use crate::figure::{Budget, Figure};
use crate::samples::{Duel, Samples};
use crate::stage::{Stage, TOKEN};

/// The verb of the program.
pub(crate) const VERB: &str = "mcp";

const ROUNDS: usize = 30;
const CALLS: usize = 100;
const STARTS: usize = 25;

/// A running server and its two ends.
struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    /// Starts it, and opens a session.
    fn start(folder: &Path, token: &str) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(VERB)
            .env("PORTCULLIS_HOME", folder)
            .env("PORTCULLIS_SECRET_MISTRAL", TOKEN)
            .env("PORTCULLIS_TOKEN", token)
            .env("PORTCULLIS_LOG", "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("the MCP door cannot start")?;
        let input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        let mut server = Self { child, input, output };
        let opening = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "0"}});
        server.ask("initialize", &opening)?;
        server.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))?;
        Ok(server)
    }

    fn say(&mut self, message: &Value) -> Result<()> {
        // In one piece: written part by part, each part would wake the server.
        Ok(self.input.write_all(format!("{message}\n").as_bytes())?)
    }

    fn ask(&mut self, method: &str, params: &Value) -> Result<Value> {
        self.say(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))?;
        loop {
            let mut line = String::new();
            ensure!(self.output.read_line(&mut line)? > 0, "the server is gone");
            let mut message: Value = serde_json::from_str(&line)?;
            if message.get("id").is_some() {
                return Ok(message["result"].take());
            }
        }
    }

    fn call(&mut self) -> Result<()> {
        let result = self.ask("tools/call", &json!({"name": "mistral__list-models", "arguments": {}}))?;
        ensure!(result["structuredContent"]["state"] == "executed", "{result}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait().map(drop)) {
            eprintln!("the MCP door did not close: {error}");
        }
    }
}

pub(crate) async fn figures(stage: &Stage) -> Result<Vec<Figure>> {
    let token = agent(&stage.host, "mcp-bench")?;
    let settings = std::fs::read_to_string(stage.folder().join("portcullis.toml"))?;
    let limits = "[doors.limits]\ncalls_per_minute = 10000000\naction_calls_per_minute = 10000000\n";
    std::fs::write(stage.folder().join("portcullis.toml"), format!("{settings}{limits}"))?;
    let client = call::client()?;
    let url = format!("{}/v1/models", stage.service.origin);
    let mut server = Server::start(stage.folder(), &token)?;
    let mut duel = Duel::default();
    for round in 0..=ROUNDS {
        let mut ours = Samples::default();
        for _ in 0..CALLS {
            ours.push(timed(|| server.call())?);
        }
        let theirs = call::theirs(&client, &url, CALLS).await?;
        // The first round only warms up.
        if round > 0 {
            duel.round(ours, theirs);
        }
    }
    let (ratio, low, high) = duel.ratio();
    let mut starts = Samples::default();
    for _ in 0..STARTS {
        starts.push(timed(|| Server::start(stage.folder(), &token)?.call())?);
    }
    let ms = |of_hundred| starts.percentile_us(of_hundred) / 1000.0;
    Ok(vec![
        Figure {
            name: "MCP on stdio: one call, against a bare client".to_owned(),
            budget: Budget::AtMost(2.2),
            measured: ratio,
            unit: "x",
            baseline: format!(
                "{:.0} us against {:.0} us, half of the rounds {low:.2} to {high:.2}",
                duel.ours.median_us(),
                duel.theirs.median_us()
            ),
        },
        Figure {
            name: "MCP on stdio: start to first result".to_owned(),
            budget: Budget::AtMost(60.0),
            measured: ms(50),
            unit: "ms",
            baseline: format!("half of the starts {:.1} to {:.1}", ms(25), ms(75)),
        },
    ])
}

fn timed(what: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let began = Instant::now();
    what()?;
    Ok(began.elapsed())
}
