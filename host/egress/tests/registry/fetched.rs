//! What is fetched by its web address.

use portcullis_catalog::WebAddress;
use portcullis_egress::EgressConfig;
use portcullis_model::Code;

use crate::assert_refused;
use crate::support::{Bench, Service, answer, bench, resolving_to};

async fn fetched(
    answers: impl IntoIterator<Item = Vec<u8>>,
    max_bytes: usize,
) -> Result<Vec<u8>, portcullis_model::Refusal> {
    let service = Service::answering(answers).await;
    let address: WebAddress = format!("{}/index.json", service.origin).parse().unwrap();
    Bench::plain().await.egress.fetch(&address, max_bytes).await
}

#[tokio::test]
async fn what_is_there_comes_whole_or_not_at_all() {
    assert_eq!(fetched([answer(200, "", "12345")], 5).await.as_deref(), Ok(&b"12345"[..]));
    assert_refused(fetched([answer(200, "", "12345")], 4).await, Code::ResponseTooLarge, "announces 5 bytes");
    let chunked = b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n".to_vec();
    assert_eq!(fetched([chunked.clone()], 5).await.as_deref(), Ok(&b"12345"[..]));
    assert_refused(fetched([chunked], 4).await, Code::ResponseTooLarge, "goes on");
    let broken = b"HTTP/1.1 200 X\r\ncontent-length: 20\r\n\r\n12345CLOSE".to_vec();
    assert_refused(fetched([broken], 100).await, Code::SourceUnavailable, "broke off");
    for status in [204, 206, 401, 404, 500] {
        let words = format!("answers {status}");
        assert_refused(fetched([answer(status, "", "")], 100).await, Code::SourceUnavailable, &words);
    }
    assert_refused(fetched([answer(200, "content-encoding: br\r\n", "x")], 9).await, Code::EncodingRefused, "br");
}

#[tokio::test]
async fn redirects_are_followed_three_times() {
    let step = |to: &str| answer(302, &format!("location: {to}\r\n"), "");
    let three = [step("/1"), step("/2"), step("/3"), answer(200, "", "here")];
    assert_eq!(fetched(three, 100).await.as_deref(), Ok(&b"here"[..]));
    let four = [step("/1"), step("/2"), step("/3"), step("/4"), answer(200, "", "here")];
    assert_refused(fetched(four, 100).await, Code::SourceUnavailable, "more than 3 times");
    assert_refused(fetched([step("http://10.0.0.1/")], 100).await, Code::AddressRefused, "redirects elsewhere");
}

#[tokio::test]
async fn nothing_is_fetched_from_a_private_place() {
    let bench = bench(EgressConfig::default(), resolving_to(&["192.168.0.1"])).await;
    let address = "https://catalog.example/index.json".parse().unwrap();
    assert_refused(bench.egress.fetch(&address, 100).await, Code::AddressRefused, "no public address");
}

#[tokio::test]
async fn nothing_but_the_address_is_told() {
    let service = Service::answering([answer(200, "", "x")]).await;
    let address: WebAddress = format!("{}/a?b=c", service.origin).parse().unwrap();
    Bench::plain().await.egress.fetch(&address, 100).await.unwrap();
    let seen = String::from_utf8_lossy(&service.requests.lock().unwrap()[0]).to_lowercase();
    let host = service.origin.trim_start_matches("http://").to_owned();
    let mut lines: Vec<&str> = seen.trim_end().lines().collect();
    assert_eq!(lines.remove(0), "get /a?b=c http/1.1");
    lines.sort_unstable();
    let expected = [
        "accept-encoding: identity".to_owned(),
        "accept: */*".to_owned(),
        format!("host: {host}"),
        "user-agent: portcullis/0.1.0".to_owned(),
    ];
    assert_eq!(lines, expected);
}
