//! The operator's root: read whole, or not at all.

use portcullis_catalog::{MAX_ROOT_BYTES, TrustedRoot};
use portcullis_model::{Code, Refusal};
use serde_json::{Value, json};

use crate::sigstore::Sigstore;
use crate::support::assert_refused;

fn read(root: &str) -> Result<TrustedRoot, Refusal> {
    TrustedRoot::from_json("trusted_root.json", root.as_bytes())
}

#[test]
fn the_public_root_is_read() {
    let root = read(sigstore_verify::trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT).unwrap();
    assert_eq!(root.name(), "trusted_root.json");
    assert!(read(sigstore_verify::trust_root::SIGSTORE_STAGING_TRUSTED_ROOT).is_ok());
}

#[test]
fn a_root_lists_all_that_is_looked_for() {
    for (part, words) in [
        ("certificateAuthorities", "it lists no certificate authority"),
        ("ctlogs", "it lists no log of certificates"),
        ("tlogs", "it lists no log of signatures"),
    ] {
        let mut root = Sigstore::new().root();
        assert!(read(&root.to_string()).is_ok());
        root[part] = json!([]);
        assert_refused(read(&root.to_string()), Code::BadRequest, words);
        root.as_object_mut().unwrap().remove(part);
        assert_refused(read(&root.to_string()), Code::BadRequest, words);
    }
    // One whose signatures are in no log.
    let github = sigstore_verify::trust_root::SIGSTORE_GITHUB_TRUSTED_ROOT;
    assert_refused(read(github), Code::BadRequest, "it lists no log");
}

#[test]
fn what_is_no_root_is_refused() {
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut root = Sigstore::new().root();
        change(&mut root);
        read(&root.to_string())
    };
    assert!(changed(&|_| {}).is_ok());
    let bundle = json!("application/vnd.dev.sigstore.bundle.v0.3+json");
    assert_refused(changed(&|root| root["mediaType"] = bundle.clone()), Code::BadRequest, "it is of another kind");
    for broken in [
        |root: &mut Value| root["tlogs"][0]["publicKey"]["rawBytes"] = json!("AAAA"),
        |root: &mut Value| root["ctlogs"][0]["publicKey"]["rawBytes"] = json!("AAAA"),
        |root: &mut Value| root["tlogs"][0]["logId"]["keyId"] = json!("AAAA"),
        |root: &mut Value| root["certificateAuthorities"][0]["certChain"]["certificates"] = json!([]),
        |root: &mut Value| {
            root["certificateAuthorities"][0]["certChain"]["certificates"][0]["rawBytes"] = json!("AAAA")
        },
        |root: &mut Value| root["tlogs"] = json!([root["tlogs"][0].clone(), root["tlogs"][0].clone()]),
        |root: &mut Value| {
            root["tlogs"][0]["publicKey"]["validFor"] =
                json!({"start": "2025-01-02T00:00:00Z", "end": "2025-01-01T00:00:00Z"})
        },
        |root: &mut Value| root["tlogs"][0]["publicKey"]["validFor"] = json!({"end": "2025-01-01T00:00:00Z"}),
    ] {
        assert_refused(changed(&broken), Code::BadRequest, "holds no root");
    }
    let root = Sigstore::new().root().to_string();
    assert_refused(read(&root.replacen('{', r#"{"x":1,"x":2,"#, 1)), Code::BadRequest, "occurs twice");
    let room = MAX_ROOT_BYTES - root.len();
    assert!(read(&format!("{}{root}", " ".repeat(room))).is_ok());
    assert_refused(read(&format!("{}{root}", " ".repeat(room + 1))), Code::BadRequest, "it is over 262144 bytes");
    for bad in ["", "{}", "[]", "-----BEGIN PUBLIC KEY-----"] {
        assert_refused(read(bad), Code::BadRequest, "holds no root");
    }
    assert_refused(TrustedRoot::from_json("r", &[0xff; 9]), Code::BadRequest, "it is no text");
}
