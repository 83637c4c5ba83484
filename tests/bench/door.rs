//! The HTTP door as a process of its own, on a folder that is ready.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result, ensure};
use portcullis_gateway::Host;
use portcullis_gateway::doors::Token;
use portcullis_model::{AgentName, Grants, PortSet};
use portcullis_store::{NewToken, TokenKind};
use serde_json::Value;

/// The verb of the program.
pub(crate) const VERB: &str = "serve";

/// A running door; ends when dropped.
pub(crate) struct Door {
    child: Child,
    pub(crate) origin: String,
}

impl Door {
    /// Returns when it listens.
    pub(crate) fn open(folder: &Path, credential: &str) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([VERB, "--listen", "127.0.0.1:0", "--json"])
            .env("PORTCULLIS_HOME", folder)
            .env("PORTCULLIS_SECRET_MISTRAL", credential)
            .env("PORTCULLIS_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("the door cannot start")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut line)?;
        let ready: Value =
            serde_json::from_str(&line).with_context(|| format!("`{line}` does not say where it listens"))?;
        let origin = ready["listening"].as_str().context("it does not say where it listens")?.to_owned();
        Ok(Self { child, origin })
    }

    /// What it keeps resident, in MiB.
    pub(crate) fn resident_mib(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }

    /// Asks it to end, and waits until it has finished what it does.
    pub(crate) fn close(mut self) -> Result<ExitStatus> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        Ok(self.child.wait()?)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(Some(_))) {
            return;
        }
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait().map(drop)) {
            eprintln!("the door did not close: {error}");
        }
    }
}

/// An agent that may call everything; gives its token.
pub(crate) fn agent(host: &Host, name: &str) -> Result<String> {
    let token = Token::generate(TokenKind::Agent)?;
    let name: AgentName = name.parse()?;
    let grants = Grants::new(["*".parse()?]);
    let (kind, propose, hash) = (TokenKind::Agent, PortSet::default(), token.digest());
    let new = NewToken { kind, name, grants, forms: false, propose, hash, expires_ms: None };
    ensure!(host.store().issue_token(&new)?, "the name is taken");
    Ok(token.reveal().to_string())
}
