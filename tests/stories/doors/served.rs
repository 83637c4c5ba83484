//! `portcullis serve` on a home of its own, with agents and an operator.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::asked::{Reply, ask};
use crate::home::{Ended, Home};

/// A running door; ends when dropped.
pub(crate) struct Served {
    child: Option<Child>,
    address: SocketAddr,
    url: String,
    link: Option<String>,
}

impl Served {
    /// Starts the program and waits until it listens.
    pub(crate) fn start(home: &Home) -> Self {
        Self::start_with(home, &[])
    }

    /// The same, with more on its command line.
    pub(crate) fn start_with(home: &Home, more: &[&str]) -> Self {
        let mut child =
            home.start(["serve", "--listen", "127.0.0.1:0", "--json"].into_iter().chain(more.iter().copied()));
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let Ok(listening) = serde_json::from_str::<Value>(&line) else {
            panic!("`{line}` is not a line of JSON: {:#?}", Ended::from(child.wait_with_output().unwrap()));
        };
        let url = listening["listening"].as_str().unwrap().to_owned();
        let address = url.split_once("://").unwrap().1.parse().unwrap();
        let link = listening["link"].as_str().map(str::to_owned);
        Self { child: Some(child), address, url, link }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The link to the page that it printed, where it serves one.
    pub(crate) fn link(&self) -> Option<&str> {
        self.link.as_deref()
    }

    /// Asks with GET.
    #[track_caller]
    pub(crate) fn get(&self, path: &str, token: &str) -> Reply {
        ask(self.address, self.request("GET", path, token, None))
    }

    /// Asks with POST and a body of JSON.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, token: &str, body: &str) -> Reply {
        ask(self.address, self.request("POST", path, token, Some(body)))
    }

    /// Asks with PUT and a body of JSON.
    #[track_caller]
    pub(crate) fn put(&self, path: &str, token: &str, body: &str) -> Reply {
        ask(self.address, self.request("PUT", path, token, Some(body)))
    }

    /// A request as an honest client writes it.
    pub(crate) fn request(&self, method: &str, path: &str, token: &str, body: Option<&str>) -> String {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n", self.address);
        match body {
            None => format!("{head}connection: close\r\n\r\n"),
            Some(body) => {
                let length = body.len();
                let kind = "content-type: application/json\r\nconnection: close";
                format!("{head}{kind}\r\ncontent-length: {length}\r\n\r\n{body}")
            }
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Sends a signal to it.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(self.child.as_ref().unwrap()), signal).unwrap();
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.as_mut().unwrap().try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> Ended {
        Ended::from(self.child.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Makes an agent that may call all of mistral; gives its token.
pub(crate) fn agent(home: &Home, name: &str) -> String {
    token(home, ["agent", "create", name, "--actions", "mistral/*", "--json"])
}

/// Makes an operator's token.
pub(crate) fn operator(home: &Home, name: &str) -> String {
    token(home, ["operator", "create", name, "--json"])
}

pub(crate) fn token<'a>(home: &Home, create: impl IntoIterator<Item = &'a str>) -> String {
    home.run(create).exits(0).json()["token"].as_str().unwrap().to_owned()
}

/// That no call got as far as an intent.
#[track_caller]
pub(crate) fn nothing_sent(home: &Home) {
    let rows = home.rows();
    assert!(rows.iter().all(|row| row["kind"] != "intent"), "{rows:#?}");
}
