//! The keyring of the operating system, from inside a runtime with several threads.
//!
//! Where one is needed the test is ignored; the test script starts a Secret Service and runs it:
//! `dbus-run-session -- sh -c 'echo | gnome-keyring-daemon --unlock && cargo test -p portcullis-egress --test keyring -- --ignored'`

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

mod support;

use std::sync::Arc;

use portcullis_egress::{
    BackendChoice, Credential, CredentialStore, Egress, EgressConfig, Environment, FileKey, Source, StoreConfig,
};
use portcullis_model::{Code, PortSlug};
use support::{Service, TOKEN, answer, get, noon, resolving_to};
use tempfile::TempDir;

fn store(backend: BackendChoice, namespace: &str, folder: &TempDir) -> CredentialStore {
    let config = StoreConfig {
        backend,
        namespace: namespace.to_owned(),
        file: folder.path().join("credentials.age"),
        key: Some(FileKey::KeyFile(folder.path().join("key.txt"))),
    };
    CredentialStore::new(config, Environment::default())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a Secret Service, which the test script starts"]
async fn a_credential_is_kept_in_the_keyring_of_its_home_only() {
    let folder = TempDir::new().unwrap();
    let demo: PortSlug = "demo".parse().unwrap();
    let here = store(BackendChoice::Auto, "egress-test-here", &folder);
    let report = here.describe().await;
    assert_eq!((report.backend, report.works), (Source::Keyring, Ok(())));
    here.remove(&demo).await.unwrap();
    assert_eq!(here.source(&demo).await, Ok(None));
    assert_eq!(here.set(&demo, Credential::new("demo-the-first-0123".to_owned()).unwrap()).await, Ok(Source::Keyring));
    assert_eq!(here.set(&demo, Credential::new(TOKEN.to_owned()).unwrap()).await, Ok(Source::Keyring));
    assert_eq!(here.source(&demo).await, Ok(Some(Source::Keyring)));
    let there = store(BackendChoice::Keyring, "egress-test-there", &folder);
    assert_eq!(there.source(&demo).await, Ok(None));
    assert!(!folder.path().join("credentials.age").exists());

    let service = Service::answering([answer(200, "", TOKEN)]).await;
    let egress = Egress::new(EgressConfig::default(), here, resolving_to(&[]) as Arc<_>).unwrap();
    let clock = noon();
    let sent = egress.send(get(&service.origin).ticket(&clock).await, &clock).await;
    assert_eq!(sent.result.unwrap().body(), b"[credential removed]");
    assert!(String::from_utf8_lossy(&service.requests.lock().unwrap()[0]).contains(TOKEN));
    assert_eq!(egress.credentials().remove(&demo).await, Ok(true));
    assert_eq!(egress.credentials().remove(&demo).await, Ok(false));
    let refusal = egress.send(get(&service.origin).ticket(&clock).await, &clock).await.result.expect_err("refused");
    assert_eq!(refusal.code(), Code::CredentialMissing);
}

/// Where there is no keyring, as on most build machines. Says nothing where there is one.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_keyring_the_encrypted_file_is_used_and_the_keyring_names_the_way_out() {
    let folder = TempDir::new().unwrap();
    let demo: PortSlug = "demo".parse().unwrap();
    let keyring = store(BackendChoice::Keyring, "egress-test-none", &folder);
    if keyring.describe().await.works.is_ok() {
        return;
    }
    let refusal = keyring.source(&demo).await.unwrap_err();
    assert_eq!(refusal.code(), Code::CredentialUnavailable);
    assert!(refusal.way_out().is_some_and(|fix| fix.contains("PORTCULLIS_PASSPHRASE")));
    let auto = store(BackendChoice::Auto, "egress-test-none", &folder);
    assert_eq!(auto.set(&demo, Credential::new(TOKEN.to_owned()).unwrap()).await, Ok(Source::File));
    let listed = auto.list(&[demo.clone(), "other".parse().unwrap()]).await.unwrap();
    assert_eq!(listed.iter().map(|(_, source)| *source).collect::<Vec<_>>(), [Some(Source::File), None]);
}
