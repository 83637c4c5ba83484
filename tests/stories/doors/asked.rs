//! What a client writes on the wire, byte by byte, and what comes back.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// How long an answer may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    /// Reads one answer that ends with the connection or its length.
    pub(crate) fn read(stream: &mut impl Read) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let mut piece = [0; 8192];
        loop {
            if let Some(reply) = Self::parse(&bytes) {
                return Ok(reply);
            }
            match stream.read(&mut piece)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => bytes.extend_from_slice(&piece[..count]),
            }
        }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let head_ends = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..head_ends]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length: usize = length.expect("every answer has a length").1.parse().unwrap();
        let body = bytes.get(head_ends + 4..head_ends + 4 + length)?;
        Some(Self { status, headers, body: String::from_utf8(body.to_vec()).unwrap() })
    }

    /// A header that is there once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(n, _)| n == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is there twice: {self:#?}");
        value
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The same, if this was the status.
    #[track_caller]
    pub(crate) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// That it is a problem document with this status and code, and has the headers of every answer.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        let problem = self.clone().is(status).json();
        assert_eq!(problem["code"], code, "{self:#?}");
        assert_eq!(problem["status"], status, "{self:#?}");
        assert_eq!(problem["type"], format!("urn:portcullis:refusal:{code}"), "{self:#?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:#?}");
        for part in ["title", "detail", "room"] {
            assert!(problem[part].as_str().is_some_and(|text| !text.is_empty()), "{part}: {self:#?}");
        }
        self.guarded();
        problem
    }

    /// That no browser may keep it, guess at it or frame it, and no other site read it.
    #[track_caller]
    pub(crate) fn guarded(&self) {
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(self.header(name), Some(value), "{self:#?}");
        }
        for absent in ["server", "access-control-allow-origin"] {
            assert_eq!(self.header(absent), None, "{self:#?}");
        }
    }
}

/// A connection that gives up only after a long time.
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends these bytes on a connection of their own and reads one answer.
#[track_caller]
pub(crate) fn ask(address: SocketAddr, request: impl AsRef<[u8]>) -> Reply {
    try_ask(address, request).unwrap_or_else(|error| panic!("no answer: {error}"))
}

/// The same, where there may be no answer.
pub(crate) fn try_ask(address: SocketAddr, request: impl AsRef<[u8]>) -> io::Result<Reply> {
    let mut stream = connect(address);
    // A server may have answered and closed before everything is written.
    drop(stream.write_all(request.as_ref()));
    Reply::read(&mut stream)
}
