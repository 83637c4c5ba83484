//! Who asks: nobody first, and a registry's credential only where it belongs.

use std::sync::{Arc, Mutex};

use portcullis_catalog::{Packed, Reference};
use portcullis_egress::EgressConfig;
use portcullis_model::{Code, FixedOrigin};

use crate::docker_registry::{DockerRegistry, LOGIN};
use crate::support::{Bench, Service, answer};
use crate::{COMPONENT, MAX_BYTES, assert_refused, component, knowing};

/// `acme:pw-0123456789abcdef`, as a header has it.
const BASIC: &str = "authorization: Basic YWNtZTpwdy0wMTIzNDU2Nzg5YWJjZGVm";

fn requests(log: &Arc<Mutex<Vec<Vec<u8>>>>) -> Vec<String> {
    log.lock().unwrap().iter().map(|request| String::from_utf8_lossy(request).into_owned()).collect()
}

fn unauthorized(challenge: &str) -> Vec<u8> {
    answer(401, &format!("www-authenticate: {challenge}\r\n"), "")
}

fn packed() -> Packed {
    component(COMPONENT)
}

/// Answers of a registry that lets one pull.
fn artifact() -> [Vec<u8>; 2] {
    [answer(200, "", packed().manifest), answer(200, "", COMPONENT)]
}

fn slack(service: &Service) -> Reference {
    format!("{}/acme/slack:1.0", service.origin.trim_start_matches("http://")).parse().unwrap()
}

#[tokio::test]
async fn a_locked_registry_opens_with_its_credential_only() {
    let docker = DockerRegistry::locked();
    let reference: Reference = docker.reference("acme/slack:1.0").parse().unwrap();
    let bench = Bench::plain().await;
    let refusal = bench.egress.registry().pull(&reference, MAX_BYTES).await.err().unwrap();
    assert_eq!(refusal.code(), Code::CredentialMissing, "{refusal}");
    let fix = format!("portcullis secret set --registry {}", docker.host());
    assert_eq!(refusal.way_out(), Some(fix.as_str()));

    let wrong = knowing(&reference, "acme:pw-another-one-0123", EgressConfig::default()).await;
    let refused = wrong.egress.registry().push(&reference, packed()).await;
    assert!(refused.as_ref().is_err_and(|refusal| !format!("{refusal:?}").contains("pw-another")));
    assert_refused(refused, Code::SourceUnavailable, "does not let us push");

    let token = knowing(&reference, "a-token-0123456789", EgressConfig::default()).await;
    assert_refused(
        token.egress.registry().push(&reference, packed()).await,
        Code::CredentialUnfit,
        "user and password",
    );

    let known = knowing(&reference, LOGIN, EgressConfig::default()).await;
    known.egress.registry().push(&reference, packed()).await.unwrap();
    assert_eq!(known.egress.registry().pull(&reference, MAX_BYTES).await.unwrap().content, COMPONENT);
    assert!(bench.egress.registry().pull(&reference, MAX_BYTES).await.is_err());
}

#[tokio::test]
async fn a_credential_that_was_not_taken_is_not_shown_again() {
    let service = Service::answering([unauthorized("Basic realm=\"x\"")]).await;
    let bench = knowing(&slack(&service), LOGIN, EgressConfig::default()).await;
    let refused = bench.egress.registry().pull(&slack(&service), MAX_BYTES).await;
    assert_refused(refused, Code::SourceUnavailable, "does not let us pull");
    let seen = requests(&service.requests);
    assert_eq!(seen.len(), 2);
    assert!(!seen[0].contains("authorization") && seen[1].contains(BASIC), "{seen:?}");
}

#[tokio::test]
async fn a_credential_is_not_sent_to_a_registry_that_does_not_ask() {
    let service = Service::answering(artifact()).await;
    let bench = knowing(&slack(&service), LOGIN, EgressConfig::default()).await;
    assert!(bench.egress.registry().pull(&slack(&service), MAX_BYTES).await.is_ok());
    assert!(requests(&service.requests).iter().all(|request| !request.contains("authorization")));
}

#[tokio::test]
async fn nobody_gets_a_token_before_anybody_is_named() {
    let tokens = Service::answering([answer(200, "", r#"{"token":"tok-for-everybody"}"#)]).await;
    let challenge = format!("Bearer realm=\"{}/token\",service=\"reg\"", tokens.origin);
    let service = Service::answering([vec![unauthorized(&challenge)], artifact().to_vec()].concat()).await;
    let bench = knowing(&slack(&service), LOGIN, EgressConfig::default()).await;
    assert!(bench.egress.registry().pull(&slack(&service), MAX_BYTES).await.is_ok());
    let asked = requests(&tokens.requests);
    assert!(
        asked[0].starts_with("GET /token?scope=repository%3Aacme%2Fslack%3Apull&service=reg HTTP/1.1"),
        "{asked:?}"
    );
    assert!(!asked[0].contains("authorization"));
    let seen = requests(&service.requests);
    assert!(seen[1..].iter().all(|request| request.contains("authorization: Bearer tok-for-everybody")), "{seen:?}");
}

#[tokio::test]
async fn a_credential_goes_nowhere_else_for_a_token_unless_the_operator_says_so() {
    let denied_then = || async {
        Service::answering([answer(403, "", ""), answer(200, "", r#"{"access_token":"tok-for-acme"}"#)]).await
    };
    let tokens = denied_then().await;
    let challenge = format!("Bearer realm=\"{}/token\"", tokens.origin);
    let service = Service::answering([unauthorized(&challenge)]).await;
    let bench = knowing(&slack(&service), LOGIN, EgressConfig::default()).await;
    for push in [false, true] {
        let refused = match push {
            true => bench.egress.registry().push(&slack(&service), packed()).await.map(drop),
            false => bench.egress.registry().pull(&slack(&service), MAX_BYTES).await.map(drop),
        };
        let fix = refused.as_ref().err().and_then(|refusal| refusal.way_out().map(str::to_owned)).unwrap();
        assert!(fix.contains(&format!("login = \"{}\"", tokens.origin)), "{fix}");
        assert_refused(refused, Code::AddressRefused, "would have its credential sent to");
    }
    assert!(requests(&tokens.requests).iter().all(|request| !request.contains("authorization")));

    // The operator says so.
    let tokens = denied_then().await;
    let challenge = format!("Bearer realm=\"{}/token\"", tokens.origin);
    let service = Service::answering([vec![unauthorized(&challenge)], artifact().to_vec()].concat()).await;
    let reference = slack(&service);
    let mut config = EgressConfig::default();
    let place = FixedOrigin::by_operator(&tokens.origin).unwrap();
    config.registry_logins.insert(reference.registry().authority(), place);
    let bench = knowing(&reference, LOGIN, config).await;
    assert!(bench.egress.registry().pull(&reference, MAX_BYTES).await.is_ok());
    let asked = requests(&tokens.requests);
    assert!(!asked[0].contains("authorization") && asked[1].contains(BASIC), "{asked:?}");
    assert!(requests(&service.requests)[1].contains("authorization: Bearer tok-for-acme"));
}

#[tokio::test]
async fn a_token_of_the_operators_goes_to_its_registry_only() {
    let tokens = Service::answering([answer(401, "", "")]).await;
    let challenge = format!("Bearer realm=\"{}/token\"", tokens.origin);
    let service = Service::answering([vec![unauthorized(&challenge)], artifact().to_vec()].concat()).await;
    let bench = knowing(&slack(&service), "a-token-0123456789", EgressConfig::default()).await;
    assert!(bench.egress.registry().pull(&slack(&service), MAX_BYTES).await.is_ok());
    assert!(requests(&service.requests)[1].contains("authorization: Bearer a-token-0123456789"));
    assert!(requests(&tokens.requests).iter().all(|request| !request.contains("authorization")));
}

#[tokio::test]
async fn a_token_that_ran_out_is_fetched_again() {
    let tokens = Service::answering([
        answer(200, "", r#"{"token":"tok-for-acme"}"#),
        answer(200, "", r#"{"token":"tok-for-acme-again"}"#),
    ])
    .await;
    let challenge = format!("Bearer realm=\"{}/token\"", tokens.origin);
    let [_, blob] = artifact();
    // A push: who asks is said at once. The first blob is there, for the second the token has run out.
    let service = Service::answering([
        unauthorized(&challenge),
        b"HTTP/1.1 200 X\r\n\r\n".to_vec(),
        unauthorized(&challenge),
        b"HTTP/1.1 200 X\r\n\r\n".to_vec(),
        answer(201, "", ""),
        blob,
    ])
    .await;
    let reference = slack(&service);
    let mut config = EgressConfig::default();
    config.registry_logins.insert(reference.registry().authority(), FixedOrigin::by_operator(&tokens.origin).unwrap());
    let bench = knowing(&reference, LOGIN, config).await;
    bench.egress.registry().push(&reference, packed()).await.unwrap();
    let seen = requests(&service.requests);
    assert!(seen[4].starts_with("PUT") && seen[4].contains("Bearer tok-for-acme-again"), "{seen:?}");
    assert!(requests(&tokens.requests).iter().all(|asked| asked.contains("pull%2Cpush") && asked.contains(BASIC)));
}

#[tokio::test]
async fn what_is_given_out_as_a_token_is_one() {
    let large = format!(r#"{{"token":"{}"}}"#, "a".repeat(17 << 10));
    for (given, words) in [
        ("{}", "no token"),
        ("<html>", "no token"),
        (r#"{"token":""}"#, "no token"),
        (r#"{"token":"a\r\nx: y"}"#, "no token"),
        (&large, "no token"),
        (&"a".repeat(65 << 10), "expected at most"),
    ] {
        let tokens = Service::answering([answer(200, "", given)]).await;
        let service = Service::answering([unauthorized(&format!("Bearer realm=\"{}\"", tokens.origin))]).await;
        let refusal = Bench::plain().await.egress.registry().pull(&slack(&service), MAX_BYTES).await.err().unwrap();
        assert!(refusal.message().contains(words), "{refusal}");
    }
}

#[tokio::test]
async fn a_challenge_that_is_not_understood_ends_it() {
    for challenge in ["Negotiate", "Bearer", "Bearer realm=\"ftp://x\"", "Bearer realm=\"http://10.0.0.1/\"", ""] {
        let service = Service::answering([unauthorized(challenge)]).await;
        let bench = knowing(&slack(&service), LOGIN, EgressConfig::default()).await;
        assert!(bench.egress.registry().pull(&slack(&service), MAX_BYTES).await.is_err(), "{challenge}");
        assert!(requests(&service.requests).iter().all(|request| !request.contains("authorization")), "{challenge}");
    }
}
