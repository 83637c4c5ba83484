//! A registry between two clients: what this host pushes another program pulls, and the other way round. The other is
//! `oci-client`, which shares no code with the host.

use std::collections::BTreeMap;
use std::sync::Arc;

use acceptance::docker_registry::{DockerRegistry, LOGIN};
use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::manifest::OciImageManifest;
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use portcullis_catalog::{ArtifactKind, Packed, SigningKey, signature_tag};
use portcullis_egress::{
    BackendChoice, Credential, CredentialStore, Egress, EgressConfig, Environment, FileKey, Slot, StoreConfig,
    SystemResolver,
};
use portcullis_model::Digest;
use serde_json::Value;
use tempfile::TempDir;

const CONFIG: &str = "application/vnd.wasm.config.v0+json";
const WASM: &str = "application/wasm";
const COMPONENT: &[u8] = b"\0asm a component, for all that a registry knows";

fn other() -> Client {
    // Another test of this process may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::new(ClientConfig { protocol: ClientProtocol::Http, ..ClientConfig::default() })
}

fn ours(folder: &TempDir) -> Egress {
    let config = StoreConfig {
        backend: BackendChoice::File,
        namespace: String::new(),
        file: folder.path().join("credentials.age"),
        key: Some(FileKey::KeyFile(folder.path().join("key.txt"))),
    };
    let store = CredentialStore::new(config, Environment::default());
    Egress::new(EgressConfig::default(), store, Arc::new(SystemResolver)).unwrap()
}

fn login() -> RegistryAuth {
    let (user, password) = LOGIN.split_once(':').unwrap();
    RegistryAuth::Basic(user.to_owned(), password.to_owned())
}

#[tokio::test]
async fn another_client_pulls_what_was_pushed_here_signature_included() {
    let (docker, folder) = (DockerRegistry::locked(), TempDir::new().unwrap());
    let egress = ours(&folder);
    let reference: portcullis_catalog::Reference = docker.reference("acme/slack:1.0").parse().unwrap();
    let credential = Credential::new(LOGIN.to_owned()).unwrap();
    egress.credentials().set(Slot::registry(reference.registry()), credential).await.unwrap();
    let exports = ["portcullis:action/contract@0.1.0".to_owned()];
    let packed = Packed::component(COMPONENT.to_vec(), &exports, &[], "2026-01-01T00:00:00Z").unwrap();
    let digest = egress.registry().push(&reference, packed).await.unwrap().digest().unwrap();
    let made = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .output()
        .unwrap();
    let signature = SigningKey::from_pem(&made.stdout, "").unwrap().vouch(reference.repository(), digest).unwrap();
    egress.registry().push_signature(reference.repository(), digest, &signature).await.unwrap();

    let place: Reference = docker.reference("acme/slack:1.0").parse().unwrap();
    let pulled = other().pull(&place, &login(), vec![WASM]).await.unwrap();
    assert_eq!(pulled.digest, Some(digest.to_string()));
    assert_eq!((pulled.layers.len(), &pulled.layers[0].data[..]), (1, COMPONENT));
    assert_eq!(pulled.config.media_type, CONFIG);
    let config: Value = serde_json::from_slice(&pulled.config.data).unwrap();
    assert_eq!((&config["architecture"], &config["os"]), (&"wasm".into(), &"wasip2".into()));
    assert_eq!(config["layerDigests"][0], Digest::of(COMPONENT).to_string());
    assert_eq!(config["component"]["exports"][0], exports[0]);

    // Where `cosign` looks for it, and as it is written there.
    let place: Reference = docker.reference(&format!("acme/slack:{}", signature_tag(digest))).parse().unwrap();
    let (manifest, _) = other().pull_image_manifest(&place, &login()).await.unwrap();
    let layer = &manifest.layers[0];
    assert_eq!(layer.media_type, "application/vnd.dev.cosign.simplesigning.v1+json");
    let annotations = layer.annotations.as_ref().unwrap();
    assert_eq!(annotations["dev.cosignproject.cosign/signature"], signature.signature);
    let mut payload = Vec::new();
    other().pull_blob(&place, layer, &mut payload).await.unwrap();
    assert_eq!(payload, signature.payload);
}

#[tokio::test]
async fn a_component_pushed_by_another_client_is_pulled_here() {
    let (docker, folder) = (DockerRegistry::open(), TempDir::new().unwrap());
    let place: Reference = docker.reference("acme/slack:1.0").parse().unwrap();
    let layers = [ImageLayer::new(COMPONENT, WASM.to_owned(), None)];
    let config = Config::new(b"{}".to_vec(), CONFIG.to_owned(), None);
    let notes = BTreeMap::from([("org.opencontainers.image.title".to_owned(), "Slack".to_owned())]);
    let manifest = OciImageManifest::build(&layers, &config, Some(notes));
    other().push(&place, &layers, config, &RegistryAuth::Anonymous, Some(manifest)).await.unwrap();
    let said = other().fetch_manifest_digest(&place, &RegistryAuth::Anonymous).await.unwrap();

    let reference = docker.reference("acme/slack:1.0").parse().unwrap();
    let pulled = ours(&folder).registry().pull(&reference, 1 << 20).await.unwrap();
    assert_eq!((pulled.artifact.kind(), pulled.content.as_slice()), (ArtifactKind::Component, COMPONENT));
    assert_eq!(pulled.artifact.digest().to_string(), said);
}
