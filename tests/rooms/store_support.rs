//! What the store's tests share: a folder, a clock that is set by hand, and calls through the real permits.

#![allow(dead_code, reason = "each test file takes what it needs")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use portcullis_model::{
    ActionDraft, AgentName, ApprovalMode, AuthDraft, Binding, Body, BodyMode, Description, Digest, Effect, Example,
    Manifest, ManifestDraft, Method, PortDraft, Publisher, ResultMode, RoutedRequest, Traits,
};
use portcullis_policy::{
    Approval, ApprovalId, ApprovalStore, ApprovedRequest, Approver, AuditTicket, CallId, Clock, Decision, NewApproval,
    OpenCall, Outcome, RuleSet, Situation, TimestampMs, approve, decide, hold,
};
use portcullis_store::{Files, InstallError, Installation, PluginRecord, Store, StoreConfig};

/// Moves only when told.
#[derive(Default)]
pub(crate) struct HandClock(AtomicU64);

impl HandClock {
    pub(crate) fn set(&self, now_ms: u64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now_ms(&self) -> TimestampMs {
        self.0.load(Ordering::SeqCst)
    }
}

pub(crate) fn open(dir: &Path) -> Store {
    Store::open(StoreConfig::new(dir)).unwrap()
}

pub(crate) fn open_at(dir: &Path, now_ms: u64) -> (Store, Arc<HandClock>) {
    let clock = Arc::new(HandClock::default());
    clock.set(now_ms);
    let config = StoreConfig { clock: clock.clone(), ..StoreConfig::new(dir) };
    (Store::open(config).unwrap(), clock)
}

pub(crate) fn now_ms() -> u64 {
    portcullis_policy::SystemClock.now_ms()
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub(crate) fn call_id() -> CallId {
    CallId::from_random(random())
}

fn action(slug: &str, method: Method, body: BodyMode, effect: Effect) -> ActionDraft {
    ActionDraft {
        slug: slug.to_owned(),
        label: slug.to_owned(),
        description: "an action of a test".to_owned(),
        method,
        path: "/v1/things".to_owned(),
        query: Vec::new(),
        headers: Vec::new(),
        body,
        input_schema: r#"{"type":"object"}"#.to_owned(),
        output_schema: None,
        approval: ApprovalMode::Automatic,
        effect,
        result: ResultMode::Json,
        traits: Traits::default(),
        examples: vec![Example {
            title: "the only one".to_owned(),
            input: "{}".to_owned(),
            expected: description(method),
        }],
    }
}

fn description(method: Method) -> Description {
    // Long enough to fill pages of its own.
    let text = "secret-of-the-body ".repeat(1000);
    let body = (method == Method::Post).then(|| Body::Json(format!(r#"{{"text":"{text}"}}"#)));
    Description { method, path: vec!["v1".into(), "things".into()], query: Vec::new(), headers: Vec::new(), body }
}

pub(crate) fn manifest(port: &str) -> ManifestDraft {
    ManifestDraft {
        version: "1.2.3".to_owned(),
        port: PortDraft {
            slug: port.to_owned(),
            label: "Test".to_owned(),
            description: "a port of a test".to_owned(),
            origin: "https://api.example.com".to_owned(),
            auth: AuthDraft::Bearer,
            category: "test".to_owned(),
            tags: Vec::new(),
            publisher: Publisher { slug: "test".to_owned(), name: "Test".to_owned(), website_url: None },
        },
        actions: vec![
            action("read", Method::Get, BodyMode::None, Effect::Read),
            action("write", Method::Post, BodyMode::Json, Effect::Write),
        ],
    }
}

pub(crate) fn routed(slug: &str) -> RoutedRequest {
    let manifest = Manifest::check(manifest("test")).unwrap();
    let binding = Binding::new(&manifest, &slug.parse().unwrap(), Digest::of(b"component"), None).unwrap();
    let description = description(binding.action().method);
    RoutedRequest::check(description, Arc::new(binding)).unwrap()
}

pub(crate) fn agent() -> AgentName {
    "tester".parse().unwrap()
}

/// An unattended read.
pub(crate) fn read_permit(now_ms: u64) -> ApprovedRequest {
    match decide(routed("read"), agent(), &RuleSet::default(), &Situation::at(now_ms)) {
        Decision::Allowed(request) => request,
        other => panic!("{other:?}"),
    }
}

/// A write that waits for a person.
pub(crate) async fn held(store: &Store, now_ms: u64) -> NewApproval {
    let Decision::NeedsApproval(pending) =
        decide(routed("write"), agent(), &RuleSet::default(), &Situation::at(now_ms))
    else {
        panic!()
    };
    hold(store, ApprovalId::from_random(random()), &pending, &RuleSet::default(), now_ms).await.unwrap()
}

/// A person's yes, through the policy's own door.
pub(crate) async fn approved(
    store: &Store,
    id: &ApprovalId,
    now_ms: u64,
) -> Result<ApprovedRequest, portcullis_model::Refusal> {
    yes_to(store, &store.get(id).await.unwrap().unwrap(), now_ms).await
}

/// A person's yes to what was read a while ago.
pub(crate) async fn yes_to(
    store: &Store,
    seen: &Approval,
    now_ms: u64,
) -> Result<ApprovedRequest, portcullis_model::Refusal> {
    approve(store, seen, routed("write"), &Approver::Terminal, &RuleSet::default(), &Situation::at(now_ms)).await
}

/// Opens a call and takes the ticket apart, as egress does.
pub(crate) async fn open_call(store: &Store, permit: ApprovedRequest, now_ms: u64) -> OpenCall {
    let ticket = AuditTicket::open(store, call_id(), permit, now_ms).await.unwrap();
    ticket.spend(now_ms).0
}

pub(crate) fn outcome() -> Outcome {
    Outcome {
        status: Some(200),
        response_bytes: 1234,
        scrubbed: 0,
        duration_us: 4567,
        refusal: None,
        rooms_us: Default::default(),
        result: Some(r#"{"answer":42}"#.to_owned()),
    }
}

/// One whole unattended call.
pub(crate) async fn read_call(store: &Store) {
    let now_ms = now_ms();
    open_call(store, read_permit(now_ms), now_ms).await.close(store, outcome()).await.unwrap();
}

pub(crate) fn intact_rows(store: &Store) -> u64 {
    match store.audit().verify().unwrap() {
        portcullis_store::Verdict::Intact(head) => head.rows,
        broken => panic!("{broken:?}"),
    }
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// The database, past the store.
pub(crate) fn raw(dir: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(dir.join("portcullis.db")).unwrap()
}

/// Installs one file as an operator would who has just looked at what is there.
pub(crate) fn take_in(
    store: &Store,
    record: PluginRecord,
    bytes: &[u8],
    replace: bool,
) -> Result<Installation, InstallError> {
    let before = store.installed(&record.port).unwrap().map(|plugin| plugin.line.served());
    store.install(&PluginRecord { before, ..record }, Files { plugin: &[bytes], added: None }, replace)
}

/// What is kept of a plugin of one file.
pub(crate) fn plugin_record(manifest: ManifestDraft, bytes: &[u8]) -> PluginRecord {
    PluginRecord {
        port: manifest.port.slug.parse().unwrap(),
        digest: Digest::of(bytes),
        tier: "sealed".to_owned(),
        manifest,
        source: "a test".to_owned(),
        added: None,
        evidence: None,
        before: None,
    }
}
