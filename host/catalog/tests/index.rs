//! A signed index: whose it is, that it is not an old one, that it is in its time.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_catalog::{Envelope, Index, IndexDraft, PublicKey, Seen, Source};
use portcullis_model::{Code, Digest};
use serde_json::{Value, json};
use support::{KeyPair, assert_refused, turned};

/// 2026-01-15T00:00:00Z, within the index's time.
const NOW_MS: u64 = 1_768_435_200_000;
const DAY_MS: u64 = 24 * 3600 * 1000;
const TYPE: &str = "application/vnd.portcullis.index.v1+json";

fn draft(version: u64) -> Value {
    let digest = Digest::of(b"a document");
    json!({
        "name": "acme", "version": version, "issued": "2026-01-01T00:00:00Z", "expires": "2026-02-01T00:00:00Z",
        "entries": [
            {"name": "slack", "summary": "Messages of a workspace", "version": "1.2.0",
             "ref": "registry.example/acme/slack:1.2.0", "digest": digest},
            {"name": "github", "summary": "Repositories and issues", "version": "2.0.0",
             "ref": "https://acme.example/github.json", "digest": digest},
        ],
    })
}

fn seal(pair: &KeyPair, draft: &Value) -> Vec<u8> {
    Index::seal(&IndexDraft::parse(draft.to_string().as_bytes()).unwrap(), &pair.signing()).unwrap()
}

/// An envelope around anything, signed by `openssl`.
fn envelope(pair: &KeyPair, payload_type: &str, payload: &[u8]) -> Value {
    let mut signed = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    signed.extend_from_slice(payload);
    json!({
        "payloadType": payload_type, "payload": STANDARD.encode(payload),
        "signatures": [{"keyid": "whatever", "sig": pair.sign(&signed)}],
    })
}

fn keys(pair: &KeyPair) -> [PublicKey; 1] {
    [pair.public("acme.pub")]
}

#[test]
fn an_index_is_opened_and_searched() {
    let pair = KeyPair::new();
    let index = Index::open("acme", &seal(&pair, &draft(7)), &keys(&pair), NOW_MS, None).unwrap();
    assert_eq!((index.name(), index.seen().version, index.signed_by().who.name()), ("acme", 7, "acme.pub"));
    assert_eq!(index.find("slack").unwrap().version, "1.2.0");
    assert!(matches!(index.find("slack").unwrap().source, Source::Registry(_)));
    assert!(matches!(index.find("github").unwrap().source, Source::Web(_)));
    assert!(index.find("Slack").is_none());
    let found = |words: &str| index.search(words).map(|entry| entry.name.to_string()).collect::<Vec<_>>();
    assert_eq!(found("workspace MESSAGES"), ["slack"]);
    assert_eq!(found(""), ["slack", "github"]);
    assert!(found("workspace issues").is_empty());
}

#[test]
fn an_index_signed_elsewhere_is_opened_and_one_sealed_here_is_verified_elsewhere() {
    let pair = KeyPair::new();
    let text = draft(1).to_string();
    let made = envelope(&pair, TYPE, text.as_bytes());
    assert!(Index::open("acme", made.to_string().as_bytes(), &keys(&pair), NOW_MS, None).is_ok());
    // Base64 may be of either alphabet.
    let mut url_safe = made.clone();
    for place in ["/payload", "/signatures/0/sig"] {
        let value = url_safe.pointer_mut(place).unwrap();
        *value = value.as_str().unwrap().replace('+', "-").replace('/', "_").into();
    }
    assert!(Index::open("acme", url_safe.to_string().as_bytes(), &keys(&pair), NOW_MS, None).is_ok());

    let sealed: Value = serde_json::from_slice(&seal(&pair, &draft(1))).unwrap();
    let payload = STANDARD.decode(sealed["payload"].as_str().unwrap()).unwrap();
    let mut signed = format!("DSSEv1 {} {TYPE} {} ", TYPE.len(), payload.len()).into_bytes();
    signed.extend_from_slice(&payload);
    assert!(pair.takes(sealed["signatures"][0]["sig"].as_str().unwrap(), &signed));
}

#[test]
fn an_index_of_nobody_who_is_listed_is_refused() {
    let (pair, other) = (KeyPair::new(), KeyPair::new());
    let open = |bytes: &[u8]| Index::open("acme", bytes, &keys(&pair), NOW_MS, None);
    assert_refused(open(&seal(&other, &draft(1))), Code::SignatureRefused, "none of its signatures is by `acme.pub`");
    let mut unsigned: Value = serde_json::from_slice(&seal(&pair, &draft(1))).unwrap();
    unsigned["signatures"] = json!([]);
    assert_refused(open(unsigned.to_string().as_bytes()), Code::SignatureRefused, "it is not signed");
    // A right one among others is enough; the same index under no key is not.
    let mut both: Value = serde_json::from_slice(&seal(&other, &draft(1))).unwrap();
    let right: Value = serde_json::from_slice(&seal(&pair, &draft(1))).unwrap();
    both["signatures"].as_array_mut().unwrap().push(right["signatures"][0].clone());
    assert!(open(both.to_string().as_bytes()).is_ok());
    assert_refused(Index::open("acme", &seal(&pair, &draft(1)), &[], NOW_MS, None), Code::SignatureRefused, "");
}

#[test]
fn no_byte_of_an_index_can_be_changed() {
    let pair = KeyPair::new();
    let sealed = seal(&pair, &draft(1));
    assert!(Index::open("acme", &sealed, &keys(&pair), NOW_MS, None).is_ok());
    for at in 0..sealed.len() {
        let changed = turned(&sealed, at);
        let opened = Index::open("acme", &changed, &keys(&pair), NOW_MS, None);
        let code = opened.err().unwrap_or_else(|| panic!("byte {at} can be changed")).code();
        assert!(matches!(code, Code::SignatureRefused | Code::IndexRefused), "{at}: {code}");
    }
}

#[test]
fn what_was_signed_as_something_else_is_no_index() {
    let pair = KeyPair::new();
    let text = draft(1).to_string();
    let open = |made: &Value| Index::open("acme", made.to_string().as_bytes(), &keys(&pair), NOW_MS, None);
    let other = envelope(&pair, "application/vnd.in-toto+json", text.as_bytes());
    assert_refused(open(&other), Code::IndexRefused, "what is signed is `application/vnd.in-toto+json`");
    // The type is signed along.
    let mut relabelled = other;
    relabelled["payloadType"] = TYPE.into();
    assert_refused(open(&relabelled), Code::SignatureRefused, "nobody vouches");
    let mut another = draft(1);
    another["name"] = "acme-old".into();
    assert_refused(open(&envelope(&pair, TYPE, another.to_string().as_bytes())), Code::IndexRefused, "`acme-old`");
    for bytes in [&b""[..], b"{}", b"null", b"<html>"] {
        assert_refused(
            Index::open("acme", bytes, &keys(&pair), NOW_MS, None),
            Code::IndexRefused,
            "no signed envelope",
        );
    }
    let large = vec![b' '; (4 << 20) + 1];
    assert_refused(Index::open("acme", &large, &keys(&pair), NOW_MS, None), Code::IndexRefused, "over 4194304 bytes");
}

#[test]
fn an_older_index_and_a_second_one_of_a_version_are_refused() {
    let pair = KeyPair::new();
    let open =
        |version: u64, seen: Seen| Index::open("acme", &seal(&pair, &draft(version)), &keys(&pair), NOW_MS, Some(seen));
    let seen = Index::open("acme", &seal(&pair, &draft(7)), &keys(&pair), NOW_MS, None).unwrap().seen();
    assert!(open(7, seen).is_ok() && open(8, seen).is_ok());
    assert_refused(open(6, seen), Code::IndexRefused, "it is version 6, and 7 was seen before");
    let other = Seen { digest: Digest::of(b"other"), ..seen };
    assert_refused(open(7, other), Code::IndexRefused, "another one than was seen before as version 7");
}

#[test]
fn an_index_holds_in_its_time_only() {
    let pair = KeyPair::new();
    let sealed = seal(&pair, &draft(1));
    let at = |now_ms: u64| Index::open("acme", &sealed, &keys(&pair), now_ms, None);
    let (issued, expires) = (NOW_MS - 14 * DAY_MS, NOW_MS + 17 * DAY_MS);
    assert!(at(issued).is_ok() && at(issued - 60_000).is_ok() && at(expires - 1).is_ok());
    assert_refused(at(expires), Code::IndexRefused, "its time was over at 2026-02-01T00:00:00Z");
    assert_refused(at(u64::MAX), Code::IndexRefused, "its time was over");
    assert_refused(at(issued - 10 * 60_000), Code::IndexRefused, "in the future");
    assert_refused(at(0), Code::IndexRefused, "in the future");
}

#[test]
fn an_index_that_is_not_right_is_neither_sealed_nor_opened() {
    let pair = KeyPair::new();
    let spoil = |place: &str, value: Value| {
        let mut draft = draft(1);
        match draft.pointer_mut(place) {
            Some(found) => *found = value,
            None => drop(draft.as_object_mut().unwrap().insert(place.trim_start_matches('/').to_owned(), value)),
        }
        draft.to_string()
    };
    let entry = draft(1)["entries"][0].clone();
    for text in [
        spoil("/name", "Acme".into()),
        spoil("/name", "a b".into()),
        spoil("/version", (1_u64 << 53).into()),
        spoil("/version", (-1).into()),
        spoil("/issued", "yesterday".into()),
        spoil("/expires", "2025-12-31T00:00:00Z".into()),
        spoil("/more", 1.into()),
        spoil("/entries", json!([entry, entry])),
        spoil("/entries", vec![entry; 10_001].into()),
        spoil("/entries/0/name", "../x".into()),
        spoil("/entries/0/summary", "a\u{202e}b".into()),
        spoil("/entries/0/summary", "a".repeat(513).into()),
        spoil("/entries/0/version", "1\n2".into()),
        spoil("/entries/0/ref", "file:///etc/passwd".into()),
        spoil("/entries/0/ref", "http://acme.example/x".into()),
        spoil("/entries/0/ref", "slack".into()),
        spoil("/entries/0/digest", "sha256:00".into()),
        draft(1).to_string().replacen('{', r#"{"version":9,"#, 1),
        "[]".to_owned(),
        String::new(),
    ] {
        assert_refused(IndexDraft::parse(text.as_bytes()), Code::IndexRefused, "");
        let made = envelope(&pair, TYPE, text.as_bytes()).to_string();
        assert_refused(Index::open("acme", made.as_bytes(), &keys(&pair), NOW_MS, None), Code::IndexRefused, "");
    }
}

#[test]
fn an_envelope_gives_nothing_that_no_key_opened() {
    let (pair, other) = (KeyPair::new(), KeyPair::new());
    let made = Envelope::seal("text/plain", b"hello", &pair.signing()).unwrap();
    let envelope = Envelope::read(&made).unwrap();
    assert_eq!(envelope.open(&keys(&pair)).map(|(payload, _)| payload), Some(&b"hello"[..]));
    assert!(envelope.open(&keys(&other)).is_none() && envelope.open(&[]).is_none());
}
