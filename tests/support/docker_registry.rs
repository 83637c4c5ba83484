//! A real registry: Debian's `docker-registry` on a free loopback port, with its files in a folder that is thrown away.

#![allow(dead_code, unreachable_pub, reason = "each test takes what it needs")]
#![allow(clippy::missing_panics_doc, reason = "a test stops where it fails")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Who may in where the registry asks: the line of an `htpasswd` file is made for this password.
pub const LOGIN: &str = "acme:pw-0123456789abcdef";
const HTPASSWD: &str = "acme:$2b$05$qamkYggRCIyylO8/eOeLJ.D68JGuz2kNejEBcABqXW0jHZo0Hs89a\n";

/// A registry that runs until it is dropped.
pub struct DockerRegistry {
    child: Child,
    folder: TempDir,
    host: String,
}

impl DockerRegistry {
    /// Lets everybody in.
    #[must_use]
    pub fn open() -> Self {
        Self::start("")
    }

    /// Lets in whoever knows [`LOGIN`].
    #[must_use]
    pub fn locked() -> Self {
        Self::start("auth: {htpasswd: {realm: test, path: HTPASSWD}}\n")
    }

    fn start(auth: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let path = |name: &str| folder.path().join(name).to_str().expect("a plain path").to_owned();
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\n\
             http: {{addr: '127.0.0.1:{port}'}}\n{}",
            path("data"),
            auth.replace("HTPASSWD", &path("htpasswd"))
        );
        fs::write(path("htpasswd"), HTPASSWD).expect("written");
        fs::write(path("config.yml"), config).expect("written");
        let child = Command::new("docker-registry")
            .args(["serve", &path("config.yml")])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(path("log")).expect("a log"))
            .spawn()
            .expect("docker-registry is installed: apt-get install docker-registry");
        let mut registry = Self { child, folder, host: format!("127.0.0.1:{port}") };
        if registry.is_up() {
            return registry;
        }
        let log = fs::read_to_string(registry.folder.path().join("log")).unwrap_or_default();
        assert!(log.contains("address already in use"), "docker-registry does not start: {log}");
        // Another program took the port between the two.
        Self::start(auth)
    }

    /// Asks until it answers, or has ended.
    fn is_up(&mut self) -> bool {
        let end = Instant::now() + Duration::from_secs(30);
        while Instant::now() < end {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return false;
            }
            if let Ok(mut stream) = TcpStream::connect(&self.host) {
                let mut answer = [0; 12];
                let asked =
                    stream.write_all(b"GET /v2/ HTTP/1.0\r\n\r\n").and_then(|()| stream.read_exact(&mut answer));
                if asked.is_ok() {
                    return true;
                }
            }
            thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// Host and port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A reference into it.
    #[must_use]
    pub fn reference(&self, name: &str) -> String {
        format!("{}/{name}", self.host)
    }

    /// The file in which it keeps the bytes of a digest (`sha256:…`): for those who change them behind its back.
    #[must_use]
    pub fn blob(&self, digest: &str) -> PathBuf {
        let hex = digest.trim_start_matches("sha256:");
        self.folder.path().join("data/docker/registry/v2/blobs/sha256").join(&hex[..2]).join(hex).join("data")
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
