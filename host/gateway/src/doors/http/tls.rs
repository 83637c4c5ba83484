//! TLS for the door: the operator's certificate and key, TLS 1.2 and 1.3, HTTP/1.1 only.
//!
//! Does not fetch or renew certificates, and asks clients for none: they show tokens.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use portcullis_model::{Code, Refusal};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Largest PEM file read, in bytes.
const PEM_BYTES: u64 = 1 << 20;

/// Reads both files and makes what greets clients.
///
/// # Errors
/// When a file cannot be used, others may read the key, or the two do not belong together.
pub(super) fn acceptor(cert: &Path, key: &Path) -> Result<TlsAcceptor, Refusal> {
    let chain = read(cert, "tls_cert", |_| Ok(()))?;
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&chain)
        .collect::<Result<_, _>>()
        .map_err(|error| unfit(cert, "tls_cert", &error.to_string()))?;
    if chain.is_empty() {
        return Err(unfit(cert, "tls_cert", "there is no certificate in it"));
    }
    let secret = read(key, "tls_key", |file| private(file, key))?;
    let secret = PrivateKeyDer::from_pem_slice(&secret).map_err(|error| unfit(key, "tls_key", &error.to_string()))?;
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|versions| versions.with_no_client_auth().with_single_cert(chain, secret))
        .map_err(|error| unfit(cert, "tls_cert", &error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn read(path: &Path, setting: &str, check: impl Fn(&File) -> Result<(), Refusal>) -> Result<Vec<u8>, Refusal> {
    let failed = |error: io::Error| unfit(path, setting, &error.to_string());
    let file = File::open(path).map_err(failed)?;
    check(&file)?;
    let mut bytes = Vec::new();
    file.take(PEM_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Looks at the open file and not at its name, which could mean another file by now.
#[cfg(unix)]
fn private(file: &File, path: &Path) -> Result<(), Refusal> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata().map_err(|error| unfit(path, "tls_key", &error.to_string()))?.permissions().mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let what = format!("the key file `{}` is open to other accounts (mode {:03o})", path.display(), mode & 0o777);
    Err(Refusal::new(Code::BadRequest, what).fix(format!("chmod 600 {}", path.display())))
}

#[cfg(not(unix))]
fn private(_: &File, _: &Path) -> Result<(), Refusal> {
    Ok(())
}

fn unfit(path: &Path, setting: &str, why: &str) -> Refusal {
    Refusal::new(Code::BadRequest, format!("`{}` cannot be used for TLS: {why}", path.display()))
        .fix(format!("name a PEM file as {setting} under [doors] in portcullis.toml"))
}
