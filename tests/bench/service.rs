//! The loopback service, in a process of its own: what it costs is paid alike by both sides of a comparison, and its
//! threads are not those of the host.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use portcullis_gateway::Upstream;

/// The word with which this program is the service. Its argument is the token.
pub(crate) const VERB: &str = "__service";

/// A running service; stops when dropped.
pub(crate) struct Service {
    child: Child,
    pub(crate) origin: String,
}

impl Service {
    pub(crate) fn start(token: &str) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([VERB, token])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the loopback service cannot start")?;
        let mut origin = String::new();
        BufReader::new(child.stdout.take().context("no output")?).read_line(&mut origin)?;
        Ok(Self { child, origin: origin.trim().to_owned() })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait().map(drop)) {
            eprintln!("the loopback service did not stop: {error}");
        }
    }
}

/// Serves until the parent is gone.
pub(crate) fn serve(token: &str) -> Result<()> {
    std::thread::spawn(|| {
        let gone = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(i32::from(gone.is_err()));
    });
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let upstream = Upstream::forgetful(token).await?;
        println!("{}", upstream.origin());
        std::future::pending().await
    })
}
