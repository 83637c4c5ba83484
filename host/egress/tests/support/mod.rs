//! What the tests of sending share: a service on loopback that is written byte by byte, and the way to a permit.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use portcullis_egress::{
    BackendChoice, Credential, CredentialStore, Egress, EgressConfig, Environment, FileKey, Passphrase, Resolver, Sent,
    StoreConfig,
};
use portcullis_model::{
    ActionDraft, ApprovalMode, AuthDraft, Binding, Body, BodyMode, Description, Digest, Effect, Example, FixedOrigin,
    Manifest, ManifestDraft, Method, PortDraft, Publisher, ResultMode, RoutedRequest, Traits,
};
use portcullis_policy::{
    AuditLog, AuditTicket, CallId, Clock, Decision, Event, Intent, OpenCall, OpenError, OperatorApproval, Outcome,
    Receipt, RuleSet, Rules, Situation, StoreError, decide,
};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub const TOKEN: &str = "tok-Zq8/x+7rPl0~canary";

/// A log that takes everything.
pub struct RecordingLog;

impl AuditLog for RecordingLog {
    fn open(&self, _: Intent) -> impl Future<Output = Result<Receipt, OpenError>> + Send {
        std::future::ready(Ok(Receipt { seq: 1 }))
    }
    fn close(&self, _: &OpenCall, _: Outcome) -> impl Future<Output = Result<Receipt, StoreError>> + Send {
        std::future::ready(Ok(Receipt { seq: 2 }))
    }
    fn note(&self, _: Event) -> impl Future<Output = Result<Receipt, StoreError>> + Send {
        std::future::ready(Ok(Receipt { seq: 3 }))
    }
}

/// A clock that stands until it is set.
pub struct SetClock(pub Mutex<u64>);

impl Clock for SetClock {
    fn now_ms(&self) -> u64 {
        *self.0.lock().unwrap()
    }
}

pub fn noon() -> SetClock {
    SetClock(Mutex::new(1_000))
}

/// Answers every name alike, and counts.
pub struct FixedResolver(pub Vec<IpAddr>, pub Mutex<usize>);

impl Resolver for FixedResolver {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        *self.1.lock().unwrap() += 1;
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

pub fn resolving_to(addresses: &[&str]) -> Arc<FixedResolver> {
    Arc::new(FixedResolver(addresses.iter().map(|a| a.parse().unwrap()).collect(), Mutex::default()))
}

/// A service that gives the n-th answer to the n-th request, and keeps what it was sent.
pub struct Service {
    pub origin: String,
    pub requests: Arc<Mutex<Vec<Vec<u8>>>>,
    pub connections: Arc<Mutex<usize>>,
}

impl Service {
    /// The last answer is given again and again. An empty one closes the connection instead.
    pub async fn answering(answers: impl IntoIterator<Item = impl Into<Vec<u8>>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let answers: Arc<Vec<Vec<u8>>> = Arc::new(answers.into_iter().map(Into::into).collect());
        let (requests, connections) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let (seen, opened) = (Arc::clone(&requests), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *opened.lock().unwrap() += 1;
                tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&seen)));
            }
        });
        Self { origin, requests, connections }
    }

    pub fn sent(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

async fn serve(mut stream: TcpStream, answers: Arc<Vec<Vec<u8>>>, seen: Arc<Mutex<Vec<Vec<u8>>>>) {
    let mut pending = Vec::new();
    loop {
        let Some(request) = one_request(&mut stream, &mut pending).await else { return };
        let number = {
            let mut seen = seen.lock().unwrap();
            seen.push(request);
            seen.len() - 1
        };
        let answer = &answers[number.min(answers.len() - 1)];
        if answer.is_empty() || stream.write_all(answer).await.is_err() {
            return;
        }
        if answer.ends_with(b"STALL") {
            std::future::pending::<()>().await;
        }
        if answer.ends_with(b"CLOSE") {
            return;
        }
    }
}

async fn one_request(stream: &mut TcpStream, pending: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = pending.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&pending[..end]).to_lowercase();
            let length =
                head.lines().find_map(|l| l.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
            if pending.len() >= end + 4 + length {
                return Some(pending.drain(..end + 4 + length).collect());
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(n) => pending.extend_from_slice(&chunk[..n]),
        }
    }
}

/// An HTTP answer with a body of known length.
pub fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A call, before it is a permit.
pub struct Call {
    pub method: Method,
    pub effect: Effect,
    pub auth: AuthDraft,
    pub origin: Option<String>,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Option<Body>,
}

pub fn get(origin: &str) -> Call {
    Call {
        method: Method::Get,
        effect: Effect::Read,
        auth: AuthDraft::Bearer,
        origin: Some(origin.to_owned()),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
    }
}

pub fn post(origin: &str, body: Body) -> Call {
    Call { method: Method::Post, effect: Effect::Write, body: Some(body), ..get(origin) }
}

impl Call {
    pub fn routed(&self) -> RoutedRequest {
        let description = Description {
            method: self.method,
            path: vec!["v1".into(), "a b~é".into()],
            query: self.query.clone(),
            headers: self.headers.clone(),
            body: self.body.clone(),
        };
        let action = ActionDraft {
            slug: "act".into(),
            label: "Act".into(),
            description: "Acts".into(),
            method: self.method,
            path: "/v1/{id}".into(),
            query: self.query.iter().map(|(key, _)| key.clone()).collect(),
            headers: self.headers.iter().map(|(name, _)| name.clone()).collect(),
            body: match self.body {
                None => BodyMode::None,
                Some(Body::Json(_)) => BodyMode::Json,
                Some(Body::Form(_)) => BodyMode::Form,
                Some(Body::Text(_)) => BodyMode::Text,
            },
            input_schema: "{}".into(),
            output_schema: None,
            approval: ApprovalMode::Automatic,
            effect: self.effect,
            result: ResultMode::Json,
            traits: Traits::default(),
            examples: vec![Example { title: "One".into(), input: "{}".into(), expected: description.clone() }],
        };
        let port = PortDraft {
            slug: "demo".into(),
            label: "Demo".into(),
            description: "A service".into(),
            origin: "https://api.example.com".into(),
            auth: self.auth.clone(),
            category: "test".into(),
            tags: vec![],
            publisher: Publisher { slug: "test".into(), name: "Test".into(), website_url: None },
        };
        let manifest = Manifest::check(ManifestDraft { version: "1.0.0".into(), port, actions: vec![action] }).unwrap();
        let origin = self.origin.as_ref().map(|o| FixedOrigin::by_operator(o).unwrap());
        let binding = Binding::new(&manifest, &"act".parse().unwrap(), Digest::of(b"component"), origin).unwrap();
        RoutedRequest::check(description, Arc::new(binding)).unwrap()
    }

    pub async fn ticket(&self, clock: &dyn Clock) -> AuditTicket {
        let mut rules = Rules::default();
        rules.set("demo/act".parse().unwrap(), OperatorApproval::Automatic);
        let Decision::Allowed(approved) =
            decide(self.routed(), "tester".parse().unwrap(), &RuleSet::bundled(rules), &Situation::at(clock.now_ms()))
        else {
            panic!("not allowed")
        };
        AuditTicket::open(&RecordingLog, CallId::from_random([1; 16]), approved, clock.now_ms()).await.unwrap()
    }
}

/// An egress with the token in an encrypted file.
pub struct Bench {
    pub egress: Egress,
    pub folder: TempDir,
}

pub fn store_in(folder: &TempDir) -> CredentialStore {
    let config = StoreConfig {
        backend: BackendChoice::File,
        namespace: String::new(),
        file: folder.path().join("credentials.age"),
        key: Some(FileKey::KeyFile(folder.path().join("key.txt"))),
    };
    CredentialStore::new(config, Environment::default())
}

pub async fn bench(config: EgressConfig, resolver: Arc<dyn Resolver>) -> Bench {
    let folder = TempDir::new().unwrap();
    let store = store_in(&folder);
    store.set(&"demo".parse().unwrap(), Credential::new(TOKEN.to_owned()).unwrap()).await.unwrap();
    Bench { egress: Egress::new(config, store, resolver).unwrap(), folder }
}

impl Bench {
    pub async fn plain() -> Self {
        bench(EgressConfig::default(), resolving_to(&[])).await
    }

    pub async fn send(&self, call: &Call) -> Sent {
        let clock = noon();
        self.egress.send(call.ticket(&clock).await, &clock).await
    }
}

pub fn passphrase(text: &str) -> FileKey {
    FileKey::Passphrase(Passphrase::new(text.to_owned()).unwrap())
}
