//! Registries that lie, never end, lead elsewhere, or say nothing.

use std::sync::Arc;
use std::time::Duration;

use portcullis_catalog::Reference;
use portcullis_egress::{Egress, EgressConfig};
use portcullis_model::{Code, Digest};

use crate::docker_registry::LOGIN;
use crate::support::{Bench, Service, answer, bench, resolving_to, store_in};
use crate::{COMPONENT, MAX_BYTES, assert_refused, component, knowing};

fn slack(service: &Service) -> Reference {
    format!("{}/acme/slack:1.0", service.origin.trim_start_matches("http://")).parse().unwrap()
}

/// A head without length, and so many bytes in chunks that follow without an end.
fn endless(bytes: usize) -> Vec<u8> {
    let mut answer = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..=bytes / 4096 {
        answer.extend_from_slice(b"1000\r\n");
        answer.extend_from_slice(&[b'a'; 4096]);
        answer.extend_from_slice(b"\r\n");
    }
    answer.extend_from_slice(b"5\r\nSTALL");
    answer
}

async fn pulled(answers: Vec<Vec<u8>>) -> Result<Vec<u8>, portcullis_model::Refusal> {
    let service = Service::answering(answers).await;
    let bench = Bench::plain().await;
    bench.egress.registry().pull(&slack(&service), MAX_BYTES).await.map(|pulled| pulled.content)
}

#[tokio::test]
async fn what_does_not_end_is_cut_at_what_was_declared() {
    let manifest = component(COMPONENT).manifest;
    assert_refused(pulled(vec![endless(100_000)]).await, Code::ResponseTooLarge, "goes on: expected at most 65536");
    let announced = b"HTTP/1.1 200 X\r\ncontent-length: 99999999999\r\n\r\nSTALL".to_vec();
    assert_refused(pulled(vec![announced.clone()]).await, Code::ResponseTooLarge, "announces 99999999999 bytes");
    let ok = answer(200, "", &manifest);
    let words = format!("goes on: expected at most {}", COMPONENT.len());
    assert_refused(pulled(vec![ok.clone(), endless(100_000)]).await, Code::ResponseTooLarge, &words);
    assert_refused(pulled(vec![ok.clone(), announced]).await, Code::ResponseTooLarge, "announces");
    // One byte more, and one less, than was declared.
    let more = [COMPONENT, b"x"].concat();
    assert_refused(pulled(vec![ok.clone(), answer(200, "", more)]).await, Code::ResponseTooLarge, "announces");
    let less = &COMPONENT[1..];
    assert_refused(pulled(vec![ok.clone(), answer(200, "", less)]).await, Code::DigestMismatch, "gives for");
    assert_eq!(pulled(vec![ok, answer(200, "", COMPONENT)]).await.as_deref(), Ok(COMPONENT));
}

#[tokio::test]
async fn another_artifact_than_was_asked_for_is_refused() {
    let other = component(b"other");
    let service = Service::answering([answer(200, "", &other.manifest), answer(200, "", b"other")]).await;
    let bench = Bench::plain().await;
    let pinned = slack(&service).pinned(component(COMPONENT).digest());
    let refused = bench.egress.registry().pull(&pinned, MAX_BYTES).await;
    assert_refused(refused, Code::DigestMismatch, "the manifest of");
    // A header that says what was wanted does not help.
    let said = format!("docker-content-digest: {}\r\n", component(COMPONENT).digest());
    let refused = pulled(vec![answer(200, &said, &other.manifest)]).await;
    assert_refused(refused, Code::DigestMismatch, "calls by another digest");
    let said = format!("docker-content-digest: {}\r\n", other.digest());
    let taken = pulled(vec![answer(200, &said, &other.manifest), answer(200, "", b"other")]).await;
    assert_eq!(taken.as_deref(), Ok(&b"other"[..]));
}

#[tokio::test]
async fn a_blob_may_be_elsewhere_but_no_credential_goes_there() {
    let ok = answer(200, "", component(COMPONENT).manifest);
    let blobs = Service::answering([answer(200, "", COMPONENT)]).await;
    let moved = answer(307, &format!("location: {}/blob?sig=1\r\n", blobs.origin), "");
    let locked = answer(401, "www-authenticate: Basic realm=\"x\"\r\n", "");
    let service = Service::answering([locked, ok, moved]).await;
    let bench = knowing(&slack(&service), LOGIN, EgressConfig::default()).await;
    assert_eq!(bench.egress.registry().pull(&slack(&service), MAX_BYTES).await.unwrap().content, COMPONENT);
    let seen = String::from_utf8_lossy(&service.requests.lock().unwrap()[2]).into_owned();
    assert!(seen.contains("authorization: Basic"), "{seen}");
    let asked = String::from_utf8_lossy(&blobs.requests.lock().unwrap()[0]).into_owned();
    assert!(asked.starts_with("GET /blob?sig=1 ") && !asked.to_lowercase().contains("authorization"), "{asked}");
}

#[tokio::test]
async fn whoever_was_led_to_cannot_ask_for_the_credential() {
    let ok = answer(200, "", component(COMPONENT).manifest);
    let locked = answer(401, "www-authenticate: Basic realm=\"x\"\r\n", "");
    let thief = Service::answering([locked]).await;
    let moved = answer(307, &format!("location: {}/blob\r\n", thief.origin), "");
    let service = Service::answering([ok, moved]).await;
    let bench = knowing(&slack(&service), LOGIN, EgressConfig::default()).await;
    let refused = bench.egress.registry().pull(&slack(&service), MAX_BYTES).await;
    assert_refused(refused, Code::SourceUnavailable, "answers 401");
    assert_eq!(thief.sent(), 1);
}

#[tokio::test]
async fn a_credential_does_not_come_back_after_a_way_round() {
    let ok = answer(200, "", component(COMPONENT).manifest);
    let locked = answer(401, "www-authenticate: Basic realm=\"x\"\r\n", "");
    // The registry leads away, and from there back to another path of its own.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let away = format!("http://{}", listener.local_addr().unwrap());
    let moved = answer(307, &format!("location: {away}/round\r\n"), "");
    let service = Service::answering([locked, ok, moved, answer(200, "", COMPONENT)]).await;
    let back = answer(307, &format!("location: {}/v2/other\r\n", service.origin), "");
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().unwrap();
        stream.read_exact(&mut [0; 1]).unwrap();
        stream.write_all(&back).unwrap();
        drop(stream.read_to_end(&mut Vec::new()));
    });
    let bench = knowing(&slack(&service), LOGIN, EgressConfig::default()).await;
    assert!(bench.egress.registry().pull(&slack(&service), MAX_BYTES).await.is_ok());
    let seen = String::from_utf8_lossy(&service.requests.lock().unwrap()[3]).into_owned();
    assert!(seen.starts_with("GET /v2/other ") && !seen.to_lowercase().contains("authorization"), "{seen}");
}

#[tokio::test]
async fn a_registry_leads_to_no_private_place_and_not_for_ever() {
    for location in
        ["http://10.0.0.1/x", "https://169.254.169.254/latest", "file:///etc/passwd", "gopher://x", "http://a.example/"]
    {
        let refused = pulled(vec![answer(307, &format!("location: {location}\r\n"), "")]).await;
        assert_refused(refused, Code::AddressRefused, "redirects elsewhere");
    }
    assert_refused(pulled(vec![answer(302, "", "")]).await, Code::AddressRefused, "to nowhere");
    let round = answer(307, "location: /round\r\n", "");
    assert_refused(pulled(vec![round]).await, Code::SourceUnavailable, "redirects more than 3 times");
}

#[tokio::test]
async fn an_upload_goes_on_at_the_registry_only() {
    let thief = Service::answering([answer(201, "", "")]).await;
    let away = answer(202, &format!("location: {}/upload\r\n", thief.origin), "");
    let locked = answer(401, "www-authenticate: Basic realm=\"x\"\r\n", "");
    let missing = b"HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n".to_vec();
    let service = Service::answering([locked, missing, away]).await;
    let bench = knowing(&slack(&service), LOGIN, EgressConfig::default()).await;
    let refused = bench.egress.registry().push(&slack(&service), component(COMPONENT)).await;
    assert_refused(refused, Code::AddressRefused, "would have an upload go on");
    assert_eq!(thief.sent(), 0);
}

#[tokio::test]
async fn a_push_is_not_redirected_and_not_taken_for_something_else() {
    let thief = Service::answering([answer(201, "", "")]).await;
    let missing = b"HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n".to_vec();
    let moved = answer(307, &format!("location: {}/upload\r\n", thief.origin), "");
    let service = Service::answering([missing, moved]).await;
    let bench = Bench::plain().await;
    let refused = bench.egress.registry().push(&slack(&service), component(COMPONENT)).await;
    assert_refused(refused, Code::SourceUnavailable, "answers 307");
    assert_eq!(thief.sent(), 0);
    let there = b"HTTP/1.1 200 X\r\n\r\n".to_vec();
    let lie = answer(201, &format!("docker-content-digest: {}\r\n", Digest::of(b"x")), "");
    let service = Service::answering([there.clone(), there, lie]).await;
    let refused = bench.egress.registry().push(&slack(&service), component(COMPONENT)).await;
    assert_refused(refused, Code::DigestMismatch, "took for something else");
}

#[tokio::test]
async fn a_registry_that_says_nothing_or_too_much_is_left() {
    let quick = EgressConfig { first_byte_timeout_ms: 100, whole_timeout_ms: 300, ..EgressConfig::default() };
    let manifest = component(COMPONENT).manifest;
    let slow = format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\nSTALL", manifest.len()).into_bytes();
    for answer in [b"HTTP/1.1 200 STALL".to_vec(), slow] {
        let service = Service::answering([answer]).await;
        let bench = bench(quick.clone(), resolving_to(&[])).await;
        let started = std::time::Instant::now();
        assert_refused(
            bench.egress.registry().pull(&slack(&service), MAX_BYTES).await,
            Code::SourceUnavailable,
            "took too long",
        );
        assert!(started.elapsed() < Duration::from_secs(20));
    }
    for (status, code) in
        [(500, Code::SourceUnavailable), (204, Code::SourceUnavailable), (206, Code::SourceUnavailable)]
    {
        assert_refused(pulled(vec![answer(status, "", "")]).await, code, &format!("answers {status}"));
    }
    let busy = pulled(vec![answer(429, "retry-after: 7\r\n", "")]).await.err().unwrap();
    assert_eq!(busy.retry_after_s(), Some(7));
    let packed = answer(200, "content-encoding: gzip\r\n", "x");
    assert_refused(pulled(vec![packed]).await, Code::EncodingRefused, "gzip");
}

#[tokio::test]
async fn a_public_name_that_leads_here_is_not_gone_to() {
    let reference: Reference = "registry.example/acme/slack:1.0".parse().unwrap();
    for address in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"] {
        let bench = bench(EgressConfig::default(), resolving_to(&[address])).await;
        let refused = bench.egress.registry().pull(&reference, MAX_BYTES).await;
        assert_refused(refused, Code::AddressRefused, "no public address");
    }
}

#[tokio::test]
async fn no_answer_of_a_registry_is_told() {
    let words = "secret-words-of-the-registry";
    for status in [400, 403, 404, 500] {
        let refusal = pulled(vec![answer(status, &format!("x-words: {words}\r\n"), words)]).await.err().unwrap();
        assert!(!format!("{refusal:?}").contains(words), "{refusal:?}");
    }
}

#[tokio::test]
async fn nothing_listens_and_that_is_said() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let reference = format!("{}/acme/slack:1.0", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let folder = tempfile::TempDir::new().unwrap();
    let egress = Egress::new(EgressConfig::default(), store_in(&folder), resolving_to(&[]) as Arc<_>).unwrap();
    assert_refused(egress.registry().pull(&reference, MAX_BYTES).await, Code::SourceUnavailable, "refuses connections");
}
