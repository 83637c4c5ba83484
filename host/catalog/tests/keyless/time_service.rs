//! A service that signs times (RFC 3161): `openssl`, an implementation that is not ours, by this machine's clock.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::openssl;

const CONFIG: &str = "
[req]
distinguished_name = dn
prompt = no
[dn]
CN = acme-time
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[service]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = own
[own]
serial = FOLDER/serial
signer_cert = FOLDER/service.pem
signer_key = FOLDER/service.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
";

/// Keys and certificates in a folder.
pub(crate) struct TimeService {
    folder: TempDir,
}

impl TimeService {
    pub(crate) fn new() -> Self {
        let service = Self { folder: TempDir::new().unwrap() };
        let path = |name: &str| service.path(name);
        fs::write(path("config"), CONFIG.replace("FOLDER", path("").trim_end_matches('/'))).unwrap();
        fs::write(path("serial"), "01\n").unwrap();
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let (config, days) = (path("config"), ["-days", "30"]);
        let authority = (path("authority.key"), path("authority.pem"));
        let (key, request) = (path("service.key"), path("service.csr"));
        let make = ["req", "-x509", "-config", &config, "-extensions", "authority", "-subj", "/CN=acme-time-authority"];
        openssl(&[&make[..], &curve, &days, &["-keyout", &authority.0, "-out", &authority.1]].concat());
        let ask = ["req", "-new", "-config", &config, "-keyout", &key, "-out", &request];
        openssl(&[&ask[..], &curve].concat());
        let sign = ["x509", "-req", "-in", &request, "-CA", &authority.1, "-CAkey", &authority.0, "-CAcreateserial"];
        let out = path("service.pem");
        openssl(&[&sign[..], &days, &["-extfile", &config, "-extensions", "service", "-out", &out]].concat());
        service
    }

    fn path(&self, name: &str) -> String {
        let path: &Path = self.folder.path();
        path.join(name).to_str().unwrap().to_owned()
    }

    /// How a root lists it.
    pub(crate) fn listed(&self) -> Value {
        let der = |name: &str| STANDARD.encode(openssl(&["x509", "-in", &self.path(name), "-outform", "DER"]).stdout);
        let certificates: Vec<Value> =
            ["service.pem", "authority.pem"].iter().map(|name| json!({"rawBytes": der(name)})).collect();
        json!({
            "subject": {"organization": "acme.test", "commonName": "acme-time"}, "uri": "https://time.acme.test",
            "certChain": {"certificates": certificates}, "validFor": {"start": "2025-01-01T00:00:00Z"},
        })
    }

    /// Says that these bytes are there now.
    pub(crate) fn stamp(&self, bytes: &[u8]) -> Value {
        fs::write(self.path("data"), bytes).unwrap();
        let (data, query, answer, config) = (self.path("data"), self.path("q"), self.path("a"), self.path("config"));
        openssl(&["ts", "-query", "-data", &data, "-sha256", "-cert", "-out", &query]);
        openssl(&["ts", "-reply", "-queryfile", &query, "-config", &config, "-section", "own", "-out", &answer]);
        let token = fs::read(answer).unwrap();
        json!({"rfc3161Timestamps": [{"signedTimestamp": STANDARD.encode(token)}]})
    }
}
