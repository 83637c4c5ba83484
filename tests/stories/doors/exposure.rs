//! Beyond loopback: with TLS and names, or not at all.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;

use super::asked::{Reply, connect, try_ask};
use super::served::{Served, agent};
use crate::home::{Ended, Home};

/// A certificate of its own for `localhost`, its key private.
struct Certificate {
    der: CertificateDer<'static>,
    cert: PathBuf,
    key: PathBuf,
}

impl Certificate {
    fn make(home: &Home) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (cert, key) = (home.path().join("cert.pem"), home.path().join("key.pem"));
        fs::write(&cert, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        Self { der: made.cert.der().clone(), cert, key }
    }

    fn settings(&self, more: &str) -> String {
        format!("[doors]\ntls_cert = \"{}\"\ntls_key = \"{}\"\n{more}", self.cert.display(), self.key.display())
    }

    /// A client that trusts this certificate alone.
    fn client(&self, stream: TcpStream, alpn: &[&[u8]]) -> StreamOwned<ClientConnection, TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        let name = "localhost".try_into().unwrap();
        StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream)
    }
}

/// That the door does not open there.
#[track_caller]
fn refused(home: &Home, address: &str) -> Value {
    let mut child = home.start(["serve", "--listen", address, "--json"]);
    // A door that opens after all would stay open.
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    if line.contains("listening") {
        child.kill().unwrap();
    }
    out.read_to_string(&mut line).unwrap();
    let ended = Ended::from(child.wait_with_output().unwrap());
    Ended { out: line, ..ended }.refused("bad-request")
}

#[test]
fn beyond_loopback_the_door_needs_tls_and_names() {
    let home = Home::new("");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let refusal = refused(&home, address);
        assert!(refusal["message"].as_str().unwrap().contains("is not loopback"), "{refusal:#}");
        assert!(refusal["fix"].as_str().unwrap().contains("tls_cert"), "{refusal:#}");
    }
    let certificate = Certificate::make(&home);
    home.configure(&certificate.settings(""));
    let refusal = refused(&home, "0.0.0.0:0");
    assert!(refusal["fix"].as_str().unwrap().contains("hosts"), "{refusal:#}");
    // The twin listens on every address, and is stopped before anybody comes.
    home.configure(&certificate.settings("hosts = [\"gate.example\"]\n"));
    let mut child = home.start(["serve", "--listen", "0.0.0.0:0", "--json"]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("https://0.0.0.0:"), "{line}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let home = Home::new("");
    let certificate = Certificate::make(&home);
    home.configure(&certificate.settings(""));
    for mode in [0o644, 0o640, 0o604, 0o660] {
        fs::set_permissions(&certificate.key, fs::Permissions::from_mode(mode)).unwrap();
        let refusal = refused(&home, "127.0.0.1:0");
        assert!(refusal["fix"].as_str().unwrap().contains("chmod 600"), "{refusal:#}");
    }
    fs::set_permissions(&certificate.key, fs::Permissions::from_mode(0o600)).unwrap();
    drop(Served::start(&home));
    for (cert, key) in [("key.pem", "key.pem"), ("cert.pem", "cert.pem"), ("none.pem", "key.pem"), ("cert.pem", "none")]
    {
        let path = |name: &str| home.path().join(name).display().to_string();
        fs::set_permissions(&certificate.cert, fs::Permissions::from_mode(0o600)).unwrap();
        home.configure(&format!("[doors]\ntls_cert = \"{}\"\ntls_key = \"{}\"\n", path(cert), path(key)));
        refused(&home, "127.0.0.1:0");
    }
}

#[test]
fn with_tls_the_door_speaks_nothing_else() {
    let home = Home::at("http://127.0.0.1:1");
    let certificate = Certificate::make(&home);
    let settings = fs::read_to_string(home.path().join("portcullis.toml")).unwrap();
    home.configure(&format!(
        "{settings}{}[doors.limits]\nheader_ms = 1000\nconnections = 4\n",
        certificate.settings("")
    ));
    let token = agent(&home, "helper");
    let served = Served::start(&home);
    assert!(served.url().starts_with("https://"), "{}", served.url());
    let port = served.address().port();
    let request = |more: &str| {
        let head = format!("GET /v1/ports HTTP/1.1\r\nhost: localhost:{port}\r\nauthorization: Bearer {token}\r\n");
        format!("{head}{more}connection: close\r\n\r\n")
    };
    let (h1, h2): (&[u8], &[u8]) = (b"http/1.1", b"h2");
    for alpn in [&[][..], &[h1], &[h2, h1]] {
        let mut client = certificate.client(connect(served.address()), alpn);
        client.write_all(request("").as_bytes()).unwrap();
        Reply::read(&mut client).unwrap().is(200).guarded();
        assert!(client.conn.alpn_protocol().is_none_or(|name| name == b"http/1.1"));
    }
    let origins = [("https", 200), ("http", 403)];
    for (scheme, status) in origins {
        let mut client = certificate.client(connect(served.address()), &[]);
        client.write_all(request(&format!("origin: {scheme}://localhost:{port}\r\n")).as_bytes()).unwrap();
        assert_eq!(Reply::read(&mut client).unwrap().status, status, "{scheme}");
    }
    assert!(try_ask(served.address(), request("")).is_err(), "it answers without TLS");
    // Handshakes that never come do not keep the door shut.
    let _half_open: Vec<TcpStream> = (0..8).map(|_| connect(served.address())).collect();
    let mut client = certificate.client(connect(served.address()), &[]);
    client.write_all(request("").as_bytes()).unwrap();
    Reply::read(&mut client).unwrap().is(200);
}

#[test]
fn an_address_in_use_is_said_to_be() {
    let home = Home::new("");
    let served = Served::start(&home);
    let address = served.address().to_string();
    let refusal = refused(&home, &address);
    assert!(refusal["message"].as_str().unwrap().contains(&address), "{refusal:#}");
    assert!(refusal["fix"].as_str().unwrap().contains("--listen"), "{refusal:#}");
}
