//! A loopback service that speaks the Mistral routes, demands its bearer token, and misbehaves when asked to.
//!
//! For the demo, the acceptance tests and the bench. It keeps what it was sent, so that the three can say what was.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::stream;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Largest request body taken, in bytes.
const MAX_BODY_BYTES: usize = 2 << 20;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Method, path and query.
    pub line: String,
    /// Header lines in order.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// A running service; stops when dropped.
pub struct Upstream {
    address: SocketAddr,
    service: Arc<Service>,
    task: JoinHandle<()>,
}

struct Service {
    token: String,
    seen: Mutex<Vec<Seen>>,
    keep: bool,
}

impl Upstream {
    /// Starts on a free port and keeps every request.
    ///
    /// # Errors
    /// When loopback cannot be listened on.
    pub async fn start(token: &str) -> io::Result<Self> {
        Self::listen(token, true).await
    }

    /// Starts on a free port and keeps nothing, for measurements.
    ///
    /// # Errors
    /// When loopback cannot be listened on.
    pub async fn forgetful(token: &str) -> io::Result<Self> {
        Self::listen(token, false).await
    }

    async fn listen(token: &str, keep: bool) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let service = Arc::new(Service { token: token.to_owned(), seen: Mutex::default(), keep });
        let router = Router::new().fallback(answer).with_state(service.clone());
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::warn!(%error, "the loopback service stopped");
            }
        });
        Ok(Self { address, service, task })
    }

    /// Its origin.
    #[must_use]
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What arrived, in order.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        self.service.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(service): State<Arc<Service>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return problem(StatusCode::PAYLOAD_TOO_LARGE, "too large");
    };
    let authorized = head
        .headers
        .get(header::AUTHORIZATION)
        .is_some_and(|v| v.as_bytes() == format!("Bearer {}", service.token).as_bytes());
    if service.keep {
        let text = |v: &header::HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned();
        let seen = Seen {
            line: format!("{} {}", head.method, head.uri),
            headers: head.headers.iter().map(|(n, v)| (n.to_string(), text(v))).collect(),
            body: body.to_vec(),
        };
        service.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
    }
    if !authorized {
        return problem(StatusCode::UNAUTHORIZED, "Unauthorized");
    }
    let path: Vec<&str> = head.uri.path().trim_matches('/').split('/').collect();
    match (&head.method, path.as_slice()) {
        (&Method::GET, ["v1", "models"]) => good(json!({"object": "list", "data": models()})),
        (&Method::GET, ["v1", "models", id]) => model(&service, id).await,
        (&Method::POST, ["v1", "chat", "completions"]) => chat(&body),
        (&Method::POST, ["v1", "embeddings"]) => embed(&body),
        (&Method::GET, ["v1", "connectors"]) => good(json!({"items": [connector()], "pagination": {"page_size": 100}})),
        (&Method::POST, ["v1", "connectors"]) => good(connector()),
        (&Method::GET | &Method::PATCH, ["v1", "connectors", _]) => good(connector()),
        (&Method::DELETE, ["v1", "connectors", _]) => good(json!({"message": "deleted"})),
        (&Method::GET, ["v1", "agents" | "conversations"]) => good(json!([])),
        (&Method::GET, ["v1", "libraries" | "files"]) => good(json!({"data": []})),
        _ => problem(StatusCode::NOT_FOUND, "no Route matched with those values"),
    }
}

fn good(value: Value) -> Response {
    axum::Json(value).into_response()
}

fn problem(status: StatusCode, detail: &str) -> Response {
    (status, axum::Json(json!({"detail": detail}))).into_response()
}

fn models() -> Vec<Value> {
    ["mistral-small-latest", "mistral-medium-latest", "mistral-embed", "codestral-latest"]
        .map(|id| json!({"id": id, "object": "model", "created": 1_760_000_000, "owned_by": "mistralai"}))
        .to_vec()
}

fn connector() -> Value {
    json!({"id": "5c3269fe-6a18-4216-b1fb-b093005874cd", "name": "docs", "description": "An example.",
        "created_at": "2025-10-07T20:56:01.974Z", "modified_at": "2025-10-07T20:56:01.974Z"})
}

/// A model by its identifier; the ones that start with `misbehave-` are wishes.
async fn model(service: &Service, id: &str) -> Response {
    match id.strip_prefix("misbehave-") {
        Some("echo") => echo(&service.token),
        Some("redirect") => {
            (StatusCode::FOUND, [(header::LOCATION, "http://127.0.0.1:1/steal")], "elsewhere").into_response()
        }
        Some("gzip") => ([(header::CONTENT_ENCODING, "gzip")], vec![0x1f, 0x8b, 8, 0]).into_response(),
        Some("stall") => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            StatusCode::OK.into_response()
        }
        Some("endless") => {
            let chunks = stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(&[b'x'; 65_536])));
            Body::from_stream(chunks).into_response()
        }
        Some(_) => problem(StatusCode::NOT_FOUND, "no such misbehaviour"),
        None => match models().into_iter().find(|m| m["id"] == id) {
            Some(model) => good(model),
            None => problem(StatusCode::NOT_FOUND, "model not found"),
        },
    }
}

/// The token, in five encodings and in a header.
fn echo(token: &str) -> Response {
    let percent: String = token.bytes().map(|b| format!("%{b:02X}")).collect();
    let body = json!({
        "plain": token,
        "base64": STANDARD.encode(format!("Authorization: Bearer {token}")),
        "base64url": URL_SAFE_NO_PAD.encode(token),
        "hex": hex::encode(token),
        "percent": percent,
    });
    ([("x-request-id", token.to_owned())], axum::Json(body)).into_response()
}

fn chat(body: &[u8]) -> Response {
    let Ok(asked) = serde_json::from_slice::<Value>(body) else {
        return problem(StatusCode::UNPROCESSABLE_ENTITY, "not JSON");
    };
    let words = asked["messages"].as_array().and_then(|m| m.last()).map_or("", |m| m["content"].as_str().unwrap_or(""));
    let message = json!({"role": "assistant", "content": format!("You said: {words}")});
    good(json!({
        "id": "cmpl-1", "object": "chat.completion", "created": 1_760_000_000, "model": asked["model"],
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 4, "completion_tokens": 6, "total_tokens": 10},
    }))
}

fn embed(body: &[u8]) -> Response {
    let asked: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    good(json!({"object": "list", "model": asked["model"],
        "data": [{"object": "embedding", "index": 0, "embedding": [0.25, -0.5, 0.125]}]}))
}
