//! The environment is wiped, and otherwise ignored. Runs itself again with an environment of its own, since `take`
//! wants a process without threads.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

mod support;

use std::process::Command;
use std::sync::Arc;

use portcullis_egress::{BackendChoice, CredentialStore, Egress, EgressConfig, Environment, Source, StoreConfig};
use support::{Service, TOKEN, answer, get, noon, resolving_to};

const CHILD: &str = "EGRESS_TEST_CHILD";

fn main() {
    if std::env::var_os(CHILD).is_some() {
        return child();
    }
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    // A proxy where nobody listens: a request that goes there fails.
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    let status = command
        .env(CHILD, "1")
        .env("PORTCULLIS_SECRET_DEMO", TOKEN)
        .env("PORTCULLIS_SECRET_OTHER_PORT", "other-port-0123456789")
        .env("PORTCULLIS_SECRET_lower", "lower-0123456789abcdef")
        .env("PORTCULLIS_PASSPHRASE", "correct horse battery")
        .env("PORTCULLIS_HOME", "/nowhere")
        .status()
        .unwrap();
    assert!(status.success());
    println!("test the_environment_is_wiped_and_used ... ok");
}

fn child() {
    let mut environment = Environment::take().expect("no threads yet");
    let left: Vec<String> = std::env::vars().map(|(name, _)| name).filter(|n| n.starts_with("PORTCULLIS_")).collect();
    assert_eq!(left, ["PORTCULLIS_HOME"]);
    if let Ok(block) = std::fs::read("/proc/self/environ") {
        let block = String::from_utf8_lossy(&block);
        assert!(block.contains("PORTCULLIS_HOME=/nowhere"), "the block can be read, so the next lines mean something");
        for gone in [TOKEN, "other-port-0123456789", "lower-0123456789abcdef", "correct horse battery"] {
            assert!(!block.contains(gone), "{gone} is still in the environment");
        }
    }
    let output = Command::new("env").output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("PORTCULLIS_SECRET"), "children inherit nothing");
    assert!(environment.passphrase().is_some());
    assert_eq!(environment.misnamed(), ["PORTCULLIS_SECRET_lower"]);

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::TempDir::new().unwrap();
        let config = StoreConfig {
            backend: BackendChoice::File,
            namespace: String::new(),
            file: folder.path().join("credentials.age"),
            key: Some(support::passphrase("another")),
        };
        let store = CredentialStore::new(config, environment);
        let (demo, third) = ("demo".parse().unwrap(), "third".parse().unwrap());
        assert_eq!(store.source(&demo).await, Ok(Some(Source::Environment)));
        assert_eq!(store.source(&third).await, Ok(None));
        let report = store.describe().await;
        assert_eq!((report.backend, report.works, report.from_environment.len()), (Source::File, Ok(()), 2));

        let service = Service::answering([answer(200, "", TOKEN)]).await;
        let egress = Egress::new(EgressConfig::default(), store, resolving_to(&[]) as Arc<_>).unwrap();
        let clock = noon();
        let sent = egress.send(get(&service.origin).ticket(&clock).await, &clock).await;
        assert_eq!(sent.result.unwrap().body(), b"[credential removed]");
        assert!(String::from_utf8_lossy(&service.requests.lock().unwrap()[0]).contains(TOKEN));
    });
}
