//! What comes back, and what stops a send.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop where it stands")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use portcullis_egress::{Credential, Egress, EgressConfig, SystemResolver};
use portcullis_model::{AuthDraft, Body, Code, Refusal};
use support::{Bench, Call, Service, SetClock, TOKEN, answer, bench, get, noon, post, resolving_to};

async fn refused(bench: &Bench, call: &Call) -> Refusal {
    let refusal = bench.send(call).await.result.expect_err("refused");
    let everything = format!("{refusal} {refusal:?} {}", serde_json::to_string(&refusal).unwrap());
    assert!(
        !everything.contains(TOKEN) && !everything.contains("reqwest") && !everything.contains("hyper"),
        "{everything}"
    );
    assert!(refusal.way_out().is_some(), "{refusal} says what to do");
    refusal
}

async fn code_for(bytes: impl Into<Vec<u8>>) -> Code {
    let service = Service::answering([bytes]).await;
    refused(&Bench::plain().await, &get(&service.origin)).await.code()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_comes_back_as_data_and_is_not_followed() {
    let elsewhere = Service::answering([answer(200, "", "caught")]).await;
    for (location, shown) in
        [(format!("{}/x", elsewhere.origin), "[removed: another origin]"), ("/v1/next".to_owned(), "/v1/next")]
    {
        for status in [301, 302, 303, 307, 308] {
            let service = Service::answering([answer(status, &format!("location: {location}\r\n"), "")]).await;
            let response = Bench::plain().await.send(&get(&service.origin)).await.result.unwrap();
            assert_eq!((response.status(), response.header("location")), (status, Some(shown)));
            assert_eq!(service.sent(), 1);
        }
    }
    assert_eq!(elsewhere.sent(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credential_is_taken_out_of_body_and_headers() {
    let echo = format!("{{\"you\":\"Bearer {TOKEN}\",\"hex\":\"{}\"}}", hex::encode(TOKEN));
    let headers = format!(
        "content-type: application/json\r\nx-request-id: id-{TOKEN}\r\nset-cookie: t={TOKEN}\r\nserver: {TOKEN}\r\n"
    );
    let service = Service::answering([answer(200, &headers, &echo)]).await;
    let response = Bench::plain().await.send(&get(&service.origin)).await.result.unwrap();
    assert_eq!(response.body(), br#"{"you":"Bearer [credential removed]","hex":"[credential removed]"}"#);
    assert_eq!(response.header("x-request-id"), Some("id-[credential removed]"));
    assert_eq!(response.content_type(), Some("application/json"));
    assert_eq!(response.scrubbed(), 3);
    assert!(!format!("{response:?}").contains(TOKEN));
    for gone in ["set-cookie", "server"] {
        assert_eq!(response.header(gone), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_cut_by_chunks_is_taken_out() {
    let chunks: String = format!("<{TOKEN}>")
        .as_bytes()
        .chunks(5)
        .map(|c| format!("{:x}\r\n{}\r\n", c.len(), String::from_utf8_lossy(c)))
        .collect();
    let service =
        Service::answering([format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")]).await;
    let response = Bench::plain().await.send(&get(&service.origin)).await.result.unwrap();
    assert_eq!(response.body(), b"<[credential removed]>");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encoded_answer_is_refused() {
    for headers in [
        "content-encoding: gzip\r\n",
        "content-encoding: identity\r\ncontent-encoding: br\r\n",
        "content-encoding: identity, zstd\r\n",
        "content-encoding: x-own\r\n",
    ] {
        assert_eq!(code_for(answer(200, headers, "x")).await, Code::EncodingRefused, "{headers}");
    }
    let squeezed = "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n";
    assert_eq!(code_for(squeezed).await, Code::EncodingRefused);
    let service = Service::answering([answer(200, "content-encoding: Identity\r\n", "x")]).await;
    assert_eq!(Bench::plain().await.send(&get(&service.origin)).await.result.unwrap().body(), b"x");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_over_the_limit_is_refused_announced_or_not() {
    let config = || EgressConfig { max_response_bytes: 1000, whole_timeout_ms: 5_000, ..EgressConfig::default() };
    let endless = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}STALL",
        "64\r\n".to_owned() + &("x".repeat(100) + "\r\n64\r\n").repeat(10)
    );
    let until_close = format!("HTTP/1.1 200 OK\r\n\r\n{}STALL", "x".repeat(1001));
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\nSTALL".to_owned();
    for bytes in [endless, until_close, announced] {
        let service = Service::answering([bytes.clone()]).await;
        let bench = bench(config(), resolving_to(&[])).await;
        assert_eq!(refused(&bench, &get(&service.origin)).await.code(), Code::ResponseTooLarge, "{bytes}");
    }
    let service = Service::answering([answer(200, "", "x".repeat(1000))]).await;
    assert_eq!(
        bench(config(), resolving_to(&[])).await.send(&get(&service.origin)).await.result.unwrap().body().len(),
        1000
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_mebibytes_and_not_one_byte_more() {
    let service =
        Service::answering([answer(200, "", vec![b'x'; 10 << 20]), answer(200, "", vec![b'x'; (10 << 20) + 1])]).await;
    let bench = Bench::plain().await;
    assert_eq!(bench.send(&get(&service.origin)).await.result.unwrap().into_body().len(), 10 << 20);
    assert_eq!(refused(&bench, &get(&service.origin)).await.code(), Code::ResponseTooLarge);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_timeout_says_which() {
    for (bytes, first_byte_timeout_ms, whole_timeout_ms, what) in [
        ("HTTP/1.1 200 OK\r\nx-stuck: STALL", 80, 60_000, "no answer began within 80 ms"),
        ("HTTP/1.1 200 OK\r\nx-stuck: STALL", 60_000, 80, "no answer within 80 ms"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabcSTALL", 60_000, 160, "no end of the answer within 160 ms"),
    ] {
        let config = EgressConfig { first_byte_timeout_ms, whole_timeout_ms, ..EgressConfig::default() };
        let service = Service::answering([bytes]).await;
        let bench = bench(config, resolving_to(&[])).await;
        let refusal =
            tokio::time::timeout(Duration::from_secs(5), refused(&bench, &get(&service.origin))).await.unwrap();
        assert_eq!(refusal.code(), Code::UpstreamTimeout);
        assert!(refusal.message().ends_with(what), "{refusal}");
    }
    // On loopback a connection is made or refused at once; what can take long there is the name.
    let never = Arc::new(PendingResolver);
    let config = EgressConfig { connect_timeout_ms: 50, ..EgressConfig::default() };
    let refusal = refused(&bench(config, never).await, &get("http://localhost:9")).await;
    assert_eq!(refusal.code(), Code::UpstreamTimeout);
    assert!(refusal.message().ends_with("no connection within 50 ms"), "{refusal}");
}

/// Never answers.
struct PendingResolver;

impl portcullis_egress::Resolver for PendingResolver {
    fn resolve<'a>(
        &'a self,
        _: &'a str,
    ) -> futures_util::future::BoxFuture<'a, std::io::Result<Vec<std::net::IpAddr>>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_refused_by_its_kind() {
    assert_eq!(code_for("SSH-2.0-OpenSSH_9.6\r\nCLOSE").await, Code::UpstreamBroken);
    assert_eq!(code_for(Vec::new()).await, Code::UpstreamBroken);
    assert_eq!(code_for("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabcCLOSE").await, Code::UpstreamBroken);
    assert_eq!(code_for("HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n").await, Code::UpstreamBroken);
    let bench = Bench::plain().await;
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let refusal = refused(&bench, &get(&closed)).await;
    assert_eq!(refusal.code(), Code::UpstreamUnreachable);
    assert!(refusal.message().ends_with("it refuses connections"), "{refusal}");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        std::future::pending::<()>().await;
    });
    let refusal = refused(&bench, &get(&origin)).await;
    assert_eq!(refusal.code(), Code::UpstreamUnreachable);
    assert!(refusal.message().ends_with("it does not speak TLS"), "{refusal}");
    assert_eq!(refused(&bench, &get("http://localhost:9")).await.code(), Code::UpstreamUnresolved);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_public_is_refused_whatever_stands_beside_it() {
    let public = Call { origin: None, ..get("") };
    for (answer, name) in [
        (vec!["127.0.0.1"], "loopback"),
        (vec!["93.184.215.14", "169.254.169.254"], "link local"),
        (vec!["2606:4700::1", "::ffff:10.0.0.1"], "IPv4-mapped address"),
        (vec!["64:ff9b::a00:1"], "IPv4-IPv6 translation (NAT64)"),
    ] {
        let refusal = refused(&bench(EgressConfig::default(), resolving_to(&answer)).await, &public).await;
        assert_eq!(refusal.code(), Code::AddressRefused, "{refusal}");
        assert!(refusal.message().contains(name) && refusal.message().contains(answer.last().unwrap()), "{refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_loopback_name_goes_to_loopback_only() {
    let service = Service::answering([answer(200, "", "here")]).await;
    let origin = service.origin.replace("127.0.0.1", "localhost");
    let resolver = resolving_to(&["127.0.0.1"]);
    let inside = bench(EgressConfig::default(), Arc::<support::FixedResolver>::clone(&resolver)).await;
    for _ in 0..10 {
        assert_eq!(inside.send(&get(&origin)).await.result.unwrap().body(), b"here");
    }
    assert!(*resolver.1.lock().unwrap() < 10, "a connection that is used again needs no look-up");
    let system = bench(EgressConfig::default(), Arc::new(SystemResolver)).await;
    assert_eq!(system.send(&get(&origin)).await.result.unwrap().status(), 200);
    for outside in ["93.184.215.14", "10.0.0.1", "::ffff:127.0.0.1"] {
        let bench = bench(EgressConfig::default(), resolving_to(&[outside, "127.0.0.1"])).await;
        assert_eq!(refused(&bench, &get(&origin)).await.code(), Code::AddressRefused, "{outside}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_tried_again_when_the_service_says_when() {
    let busy = |status| answer(status, "retry-after: 0\r\n", "busy");
    let service = Service::answering([busy(429), busy(503), answer(200, "", "done")]).await;
    let sent = Bench::plain().await.send(&get(&service.origin)).await;
    assert_eq!((sent.tries, sent.result.unwrap().body()), (3, b"done".as_slice()));
    assert_eq!(service.sent(), 3);

    let service = Service::answering([busy(503)]).await;
    let sent = Bench::plain().await.send(&get(&service.origin)).await;
    assert_eq!((sent.tries, sent.result.unwrap().status()), (3, 503), "twice again and no more");

    let clock = noon();
    let past = answer(429, "retry-after: Thu, 01 Jan 1970 00:00:00 GMT\r\n", "");
    let service = Service::answering([past, answer(200, "", "done")]).await;
    let bench = Bench::plain().await;
    let sent = bench.egress.send(get(&service.origin).ticket(&clock).await, &clock).await;
    assert_eq!((sent.tries, sent.result.unwrap().status()), (2, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_is_tried_again() {
    let ask = "retry-after: 0\r\n";
    for (call, bytes) in [
        (post("", Body::Json("{}".into())), answer(503, ask, "")),
        (Call { effect: portcullis_model::Effect::Read, ..post("", Body::Json("{}".into())) }, answer(429, ask, "")),
        (Call { effect: portcullis_model::Effect::Write, ..get("") }, answer(429, ask, "")),
        (get(""), answer(503, "", "")),
        (get(""), answer(500, ask, "")),
        (get(""), answer(429, "retry-after: 3600\r\n", "")),
        (get(""), Vec::new()),
    ] {
        let service = Service::answering([bytes.clone()]).await;
        let sent = Bench::plain().await.send(&Call { origin: Some(service.origin.clone()), ..call }).await;
        assert_eq!((sent.tries, service.sent()), (1, 1), "{}", String::from_utf8_lossy(&bytes));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permit_that_ran_out_sends_nothing() {
    let service = Service::answering([answer(200, "", "")]).await;
    let bench = Bench::plain().await;
    let clock = SetClock(std::sync::Mutex::new(1_000));
    let ticket = get(&service.origin).ticket(&clock).await;
    *clock.0.lock().unwrap() = 1_000 + 30_000;
    let sent = bench.egress.send(ticket, &clock).await;
    assert_eq!(sent.result.expect_err("refused").code(), Code::ApprovalExpired);
    assert_eq!((sent.tries, service.sent()), (0, 0));
}

/// Twenty seconds go by whenever somebody looks.
struct RushingClock(std::sync::atomic::AtomicU64);

impl portcullis_policy::Clock for RushingClock {
    fn now_ms(&self) -> u64 {
        self.0.fetch_add(20_000, std::sync::atomic::Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permit_that_runs_out_while_waiting_is_not_sent_again() {
    let service = Service::answering([answer(429, "retry-after: 0\r\n", "")]).await;
    let bench = Bench::plain().await;
    let ticket = get(&service.origin).ticket(&noon()).await;
    let sent = bench.egress.send(ticket, &RushingClock(1_000.into())).await;
    assert_eq!(sent.result.expect_err("refused").code(), Code::ApprovalExpired);
    assert_eq!(service.sent(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_credential_names_the_command() {
    let service = Service::answering([answer(200, "", "")]).await;
    let bench = Bench::plain().await;
    assert!(bench.egress.credentials().remove(&"demo".parse().unwrap()).await.unwrap());
    let refusal = refused(&bench, &get(&service.origin)).await;
    assert_eq!((refusal.code(), refusal.way_out()), (Code::CredentialMissing, Some("portcullis secret set demo")));
    assert_eq!(service.sent(), 0);
    let open = Call { auth: AuthDraft::None, ..get(&service.origin) };
    assert_eq!(bench.send(&open).await.result.unwrap().status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_credential_is_used_and_scrubbed_at_once_also_from_another_store() {
    let next = "tok-the-second-one-0987";
    let service = Service::answering([answer(200, "", format!("{TOKEN} {next}"))]).await;
    let bench = Bench::plain().await;
    let demo = "demo".parse().unwrap();
    assert_eq!(
        bench.send(&get(&service.origin)).await.result.unwrap().body(),
        format!("[credential removed] {next}").as_bytes()
    );
    bench.egress.credentials().set(&demo, Credential::new(next.to_owned()).unwrap()).await.unwrap();
    assert_eq!(
        bench.send(&get(&service.origin)).await.result.unwrap().body(),
        format!("{TOKEN} [credential removed]").as_bytes()
    );
    assert!(
        String::from_utf8_lossy(&service.requests.lock().unwrap()[1])
            .contains(&format!("authorization: Bearer {next}\r\n"))
    );
    // Another process changes the file; the service's 401 has it read again.
    let service = Service::answering([answer(401, "", ""), answer(200, "", "")]).await;
    support::store_in(&bench.folder).set(&demo, Credential::new(TOKEN.to_owned()).unwrap()).await.unwrap();
    for status in [401, 200] {
        assert_eq!(bench.send(&get(&service.origin)).await.result.unwrap().status(), status);
    }
    assert!(String::from_utf8_lossy(&service.requests.lock().unwrap()[1]).contains(TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_share_connections_and_the_credential() {
    let service = Service::answering([answer(200, "", "ok")]).await;
    let bench = Arc::new(Bench::plain().await);
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let (bench, origin) = (Arc::clone(&bench), service.origin.clone());
            tokio::spawn(async move { bench.send(&get(&origin)).await.result.map(|r| r.status()) })
        })
        .collect();
    for call in calls {
        assert_eq!(tokio::time::timeout(Duration::from_secs(20), call).await.unwrap().unwrap(), Ok(200));
    }
    assert_eq!(service.sent(), 200);
}

#[test]
fn a_limit_of_nothing_is_refused() {
    let folder = tempfile::TempDir::new().unwrap();
    let config = EgressConfig { whole_timeout_ms: 0, ..EgressConfig::default() };
    let problem = Egress::new(config, support::store_in(&folder), Arc::new(SystemResolver)).err().unwrap();
    assert_eq!(problem.to_string(), "`whole_timeout_ms` is 0: expected at least 1");
}

/// Says to this very test, run again by itself, that a proxy stands in its environment.
const PROXIED: &str = "EGRESS_TEST_PROXIED";

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_of_the_environment_is_not_used() {
    if std::env::var_os(PROXIED).is_some() {
        let service = Service::answering([answer(200, "", "here")]).await;
        assert_eq!(Bench::plain().await.send(&get(&service.origin)).await.result.unwrap().body(), b"here");
        return;
    }
    let proxy = Service::answering([answer(200, "", "caught")]).await;
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["a_proxy_of_the_environment_is_not_used", "--exact"]).env(PROXIED, "1");
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        again.env(name, &proxy.origin).env(name.to_uppercase(), &proxy.origin);
    }
    let ended = tokio::task::spawn_blocking(move || again.output()).await.unwrap().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    assert_eq!(proxy.sent(), 0);
}
