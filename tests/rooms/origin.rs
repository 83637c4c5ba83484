//! The one place a port speaks to: what a plugin may declare, and what only the operator may set.
//!
//! Resolves nothing: which addresses a name may lead to is egress's matter.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use portcullis_model::{FixedOrigin, OriginProblem};
use url::Url;

/// Text, authority, port: for a plugin and for the operator.
const PUBLIC: &[(&str, &str, u16)] = &[
    ("https://api.example.com", "api.example.com", 443),
    ("https://api.example.com:443", "api.example.com", 443),
    ("https://api.example.com:8443", "api.example.com:8443", 8443),
    ("https://example.com:1", "example.com:1", 1),
    ("https://example.com:65535", "example.com:65535", 65535),
    ("https://a.b.c.d.example.com", "a.b.c.d.example.com", 443),
    ("https://xn--mnchen-3ya.example.com", "xn--mnchen-3ya.example.com", 443),
    ("https://1password.example.com", "1password.example.com", 443),
    ("https://a-b.example.c0m", "a-b.example.c0m", 443),
    ("https://localhost.example.com", "localhost.example.com", 443),
    ("https://mylocal.example", "mylocal.example", 443),
];

/// For the operator only.
const LOOPBACK: &[(&str, &str, u16)] = &[
    ("http://127.0.0.1", "127.0.0.1", 80),
    ("http://127.0.0.1:4010", "127.0.0.1:4010", 4010),
    ("http://127.255.0.9:1", "127.255.0.9:1", 1),
    ("http://localhost:4010", "localhost:4010", 4010),
    ("http://[::1]:4010", "[::1]:4010", 4010),
    ("https://localhost", "localhost", 443),
    ("https://127.0.0.1:8443", "127.0.0.1:8443", 8443),
    ("https://[::1]", "[::1]", 443),
];

/// For nobody, with part of the reason.
const NEVER: &[(&str, &str)] = &[
    ("", "expected `https://host`"),
    ("api.example.com", "expected `https://host`"),
    ("//api.example.com", "expected `https://host`"),
    ("https://", "expected `https://host`"),
    ("https:///", "expected `https://host`"),
    ("ftp://api.example.com", "expected `https://`"),
    ("wss://api.example.com", "expected `https://`"),
    ("file:///etc/passwd", "expected `https://`"),
    ("javascript:alert(1)", "expected `https://`"),
    ("unix:/run/docker.sock", "expected `https://`"),
    ("https://user@api.example.com", "user or password"),
    ("https://user:word@api.example.com", "user or password"),
    ("https://:word@api.example.com", "user or password"),
    ("https://api.example.com@evil.example", "user or password"),
    ("https://@api.example.com", "expected exactly"),
    ("https://api.example.com/", "expected exactly"),
    ("https://api.example.com/v1", "expected exactly"),
    ("https://api.example.com//", "expected exactly"),
    ("https://api.example.com?x=1", "expected exactly"),
    ("https://api.example.com?", "expected exactly"),
    ("https://api.example.com#x", "expected exactly"),
    ("https://api.example.com#", "expected exactly"),
    ("https://api.example.com:", "expected exactly"),
    ("https://api.example.com:0443", "expected exactly"),
    ("https://api.example.com:+443", "expected `https://host`"),
    ("https://api.example.com:65536", "expected `https://host`"),
    ("https://api.example.com:0", "port 0 is no port"),
    ("https://api.example.com:-1", "expected `https://host`"),
    ("https:api.example.com", "expected exactly"),
    ("https:/api.example.com", "expected exactly"),
    ("https:\\\\api.example.com", "expected exactly"),
    ("https://api.example.com\\", "expected exactly"),
    ("https://api.example.com\\@evil.example", "expected exactly"),
    ("HTTPS://api.example.com", "expected exactly"),
    ("https://API.example.com", "expected exactly"),
    (" https://api.example.com", "expected exactly"),
    ("https://api.example.com ", "expected exactly"),
    ("https://api.example.com\n", "expected exactly"),
    ("https://api.exa\tmple.com", "expected exactly"),
    ("https://api.exa\r\nmple.com", "expected exactly"),
    ("https://api.example.com\0", "expected exactly"),
    ("https://api%2eexample.com", "expected exactly"),
    ("https://api.example.com%00.evil.example", "expected `https://host`"),
    ("https://münchen.example.com", "expected ASCII"),
    ("https://api.exаmple.com", "expected ASCII"),
    ("https://api。example.com", "expected ASCII"),
    ("https://api.example.com\u{200b}", "expected ASCII"),
    ("https://api.example.com.", "trailing dot"),
    ("https://api.example.com..", "trailing dot"),
    ("https://api..example.com", "at least two labels"),
    ("https://.example.com", "at least two labels"),
    ("https://-api.example.com", "at least two labels"),
    ("https://api-.example.com", "at least two labels"),
    ("https://a_b.example.com", "at least two labels"),
    ("https://*.example.com", "at least two labels"),
    ("https://intranet", "at least two labels"),
    ("https://com", "at least two labels"),
    ("https://printer.local", "local network"),
    ("https://metadata.google.internal", "local network"),
    ("https://api.localhost", "local network"),
    ("https://nas.home.arpa", "local network"),
    ("https://router.lan", "local network"),
    ("https://8.8.8.8", "not an IP address"),
    ("https://169.254.169.254", "not an IP address"),
    ("https://10.0.0.1:8443", "not an IP address"),
    ("https://0.0.0.0", "not an IP address"),
    ("https://0x8080808", "not an IP address"),
    ("https://134744072", "not an IP address"),
    ("https://8.8.2056", "not an IP address"),
    ("https://[2001:db8::1]", "not an IP address"),
    ("https://[::]", "not an IP address"),
    ("https://[::ffff:127.0.0.1]", "not an IP address"),
    ("https://127.1", "expected exactly"),
    ("https://2130706433", "expected exactly"),
    ("https://0177.0.0.1", "expected exactly"),
    ("https://[0:0:0:0:0:0:0:1]", "expected exactly"),
    ("https://[::1%25lo]", "expected `https://host`"),
    ("https://1.2.3.4.5", "expected `https://host`"),
];

type Parse = fn(&str) -> Result<FixedOrigin, OriginProblem>;

#[track_caller]
fn passes(parse: Parse, text: &str, authority: &str, port: u16) -> FixedOrigin {
    let origin = parse(text).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((origin.authority().as_str(), origin.port()), (authority, port), "{text}");
    assert!(origin.covers(&Url::parse(&format!("{origin}/x?y")).unwrap()), "{text}");
    assert_eq!(parse(&origin.to_string()).as_ref(), Ok(&origin), "{text} reads back");
    origin
}

#[track_caller]
fn refused(parse: Parse, text: &str, why: &str) {
    let problem = parse(text).err().unwrap_or_else(|| panic!("{text:?} passed")).to_string();
    assert!(problem.contains(why), "{text:?}: {problem}");
    assert!(!problem.contains(|c: char| c.is_control() || c == '\u{200b}'), "{problem:?}");
}

#[test]
fn a_public_https_origin_may_be_declared_and_set() {
    for (text, authority, port) in PUBLIC {
        for parse in [FixedOrigin::declared as Parse, FixedOrigin::by_operator] {
            assert!(!passes(parse, text, authority, *port).is_loopback());
        }
    }
}

#[test]
fn this_machine_is_for_the_operator_to_set_and_for_no_plugin_to_declare() {
    for (text, authority, port) in LOOPBACK {
        assert!(passes(FixedOrigin::by_operator, text, authority, *port).is_loopback());
        refused(
            FixedOrigin::declared,
            text,
            if text.starts_with("https") { "this machine" } else { "expected `https://`" },
        );
    }
}

#[test]
fn plain_http_leaves_this_machine_for_nobody() {
    refused(FixedOrigin::declared, "http://api.example.com", "expected `https://`");
    refused(FixedOrigin::by_operator, "http://api.example.com", "plain http is for loopback only");
    refused(FixedOrigin::by_operator, "http://localhost.example.com", "plain http is for loopback only");
}

#[test]
fn anything_but_one_plain_origin_is_refused_with_its_reason() {
    for (text, why) in NEVER {
        refused(FixedOrigin::declared, text, why);
        refused(FixedOrigin::by_operator, text, why);
    }
}

#[test]
fn long_names_end_at_the_limits_of_dns() {
    let label = "a".repeat(63);
    let whole = |last: usize| format!("https://{label}.{label}.{label}.{}.a", "a".repeat(last));
    passes(FixedOrigin::declared, &format!("https://{label}.a"), &format!("{label}.a"), 443);
    refused(FixedOrigin::declared, &format!("https://{label}a.a"), "");
    assert!(FixedOrigin::declared(&whole(59)).is_ok());
    refused(FixedOrigin::declared, &whole(60), "");
}

#[test]
fn an_origin_covers_its_own_urls_only() {
    let origin = FixedOrigin::declared("https://api.example.com").unwrap();
    for good in [
        "https://api.example.com",
        "https://api.example.com/a/b?c",
        "https://api.example.com:443/",
        "https://API.example.com/",
    ] {
        assert!(origin.covers(&Url::parse(good).unwrap()), "{good}");
    }
    for bad in [
        "http://api.example.com/",
        "http://api.example.com:443/",
        "https://api.example.com:8443/",
        "https://api.example.com./",
        "https://example.com/",
        "https://evil.example/api.example.com",
        "https://api.example.com.evil.example/",
        "https://user@api.example.com/",
        "https://:word@api.example.com/",
        "https://api.example.com@evil.example/",
        "data:text/plain,api.example.com",
    ] {
        assert!(!origin.covers(&Url::parse(bad).unwrap()), "{bad}");
    }
}
