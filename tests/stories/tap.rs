//! A server that keeps the very bytes it was sent and answers with the very bytes it was told.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

type Answer = dyn Fn(&[u8]) -> Vec<u8> + Send + Sync;

/// A listening server; it ends with the test program.
pub(crate) struct Tap {
    origin: String,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Tap {
    /// Answers each request, one a connection, with what `answer` makes of it.
    pub(crate) fn answering(answer: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer): (_, Arc<Answer>) = (heard.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (kept.clone(), answer.clone());
                // A client that was killed is no fault of the server.
                thread::spawn(move || drop(serve(stream, &kept, &*answer)));
            }
        });
        Self { origin, heard }
    }

    /// Answers with an empty JSON object.
    pub(crate) fn quiet() -> Self {
        Self::answering(|_| ok("{}"))
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Whole requests as they came.
    pub(crate) fn heard(&self) -> Vec<Vec<u8>> {
        self.heard.lock().unwrap().clone()
    }

    /// How many requests held this text.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|request| contains(request, text.as_bytes())).count()
    }
}

/// An answer of JSON.
pub(crate) fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", "content-type: application/json\r\n", body.as_bytes())
}

/// An answer with a length.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len())
            .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

fn serve(mut stream: TcpStream, kept: &Mutex<Vec<Vec<u8>>>, answer: &Answer) -> io::Result<()> {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(whole) = whole(&request)
            && request.len() >= whole
        {
            break;
        }
        match stream.read(&mut piece)? {
            0 => return Ok(()),
            count => request.extend_from_slice(&piece[..count]),
        }
    }
    kept.lock().unwrap().push(request.clone());
    stream.write_all(&answer(&request))
}

/// How long the request is, once its head is there.
fn whole(request: &[u8]) -> Option<usize> {
    let head = request.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
    Some(head + length)
}

/// Whether bytes hold other bytes.
pub(crate) fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}
