//! The route check: a description becomes the declared request or none at all.
//!
//! The tables in `route/` are the list of tests; below them, the same for whatever a plugin could return. Nothing here
//! decides, asks or sends.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

pub(crate) mod any;
mod table;
pub(crate) mod world;

use std::cell::Cell;
use std::sync::Arc;

use portcullis_model::{
    AuthDraft, Binding, Body, Code, DeclaredHeader, Description, FixedOrigin, Line, PathTemplate, QueryKey,
    QueryProblem, RoutedRequest,
};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use table::{Long, Row, declarations, rows};
use url::form_urlencoded;
use world::{ORIGIN, World};

fn describe(row: &Row, binding: &Binding) -> Description {
    Description {
        method: row.method.unwrap_or(binding.action().method),
        path: row.path(),
        query: row.query(),
        headers: row.headers(),
        body: row.body(),
    }
}

/// Header lines as they will be sent, but for the credential.
fn lines(request: &RoutedRequest) -> Vec<String> {
    let line = |value: &Line| match value {
        Line::Sent(value) => value.to_str().unwrap().to_owned(),
        Line::Credential { prefix } => format!("{prefix}<credential>"),
    };
    request.headers().iter().map(|h| format!("{}: {}", h.name, line(&h.value))).collect()
}

fn expected_lines(row: &Row) -> Vec<String> {
    let mut expected =
        vec!["host: api.example.com".to_owned(), format!("user-agent: portcullis/{}", env!("CARGO_PKG_VERSION"))];
    if !row.lines.iter().any(|line| line.0.starts_with("accept: ")) {
        expected.push("accept: application/json".to_owned());
    }
    expected.push("accept-encoding: identity".to_owned());
    expected.extend(row.lines.iter().map(|line| line.0.clone()));
    expected.push("authorization: Bearer <credential>".to_owned());
    expected
}

/// What is wrong with a row; `None` where all is well.
fn disagreement(row: &Row, binding: Arc<Binding>) -> Option<String> {
    let outcome = RoutedRequest::check(describe(row, &binding), binding);
    match (&outcome, &row.gives, &row.refused) {
        (Ok(request), Some(gives), None) => {
            let (method, target) = gives.0.split_once(' ').unwrap();
            let is = (
                request.method().as_str(),
                request.url().as_str(),
                request.target(),
                lines(request),
                request.body().map(|b| b.bytes()),
            );
            let url = format!("{ORIGIN}{target}");
            let expected = (
                method,
                url.as_str(),
                target.to_owned(),
                expected_lines(row),
                row.sent.as_ref().map(|s| s.0.as_bytes()),
            );
            (is != expected).then(|| format!("is {is:?}, expected {expected:?}"))
        }
        (Err(refusal), None, Some(code)) => {
            let why = row.why.as_deref().unwrap();
            let fine = refusal.code().as_str() == code && refusal.message().contains(why);
            (!fine).then(|| format!("`{refusal}`, expected `{code}` and `{why}`"))
        }
        (Ok(request), ..) => Some(format!("passed as {}", request.target())),
        (Err(refusal), ..) => Some(format!("was refused: {refusal}")),
    }
}

#[test]
fn every_row_of_the_tables_comes_out_as_it_says() {
    let world = World::default();
    let wrong: Vec<String> = rows()
        .iter()
        .filter_map(|row| disagreement(row, world.bind(&row.action)).map(|what| format!("{}: {what}", row.name)))
        .collect();
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_tables_hold_at_least_150_rows_with_names_of_their_own() {
    let rows = rows();
    let (good, bad) =
        (rows.iter().filter(|r| r.gives.is_some()).count(), rows.iter().filter(|r| r.refused.is_some()).count());
    assert!(rows.len() >= 150 && good >= 60 && bad >= 60, "{good} good and {bad} bad rows");
    let mut names: Vec<&str> = rows.iter().map(|r| r.name.as_str()).collect();
    names.sort_unstable();
    let twice: Vec<&str> = names.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

#[test]
fn a_refusal_shows_no_character_that_acts_or_hides() {
    let world = World::default();
    for row in rows() {
        let binding = world.bind(&row.action);
        if let Err(refusal) = RoutedRequest::check(describe(&row, &binding), binding) {
            let hides = |c| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
            let fine = |c: char| !c.is_control() && !hides(c);
            assert!(refusal.message().chars().all(fine), "{}: {refusal:?}", row.name);
            assert!(refusal.message().len() < 600, "{}", row.name);
        }
    }
}

fn all(list: &[Long], what: &str, fine: impl Fn(&str) -> bool) {
    let wrong: Vec<&str> = list.iter().map(|text| text.0.as_str()).filter(|text| !fine(text)).collect();
    assert!(wrong.is_empty(), "{what}: {wrong:?}");
}

#[test]
fn a_query_key_that_carries_a_credential_or_a_method_cannot_be_declared() {
    let keys = declarations().query;
    all(&keys.good, "should pass", |key| QueryKey::parse(key).is_ok());
    all(&keys.credential, "carries a credential", |key| {
        matches!(QueryKey::parse(key), Err(QueryProblem::Credential(_)))
    });
    all(&keys.method, "overrides the method", |key| matches!(QueryKey::parse(key), Err(QueryProblem::Method(_))));
    all(&keys.malformed, "is malformed", |key| matches!(QueryKey::parse(key), Err(QueryProblem::NotAKey(_))));
}

#[test]
fn a_header_that_routes_frames_or_authenticates_cannot_be_declared() {
    use portcullis_model::HeaderProblem::{NotAName, Reserved};
    let names = declarations().header;
    all(&names.good, "should pass", |name| DeclaredHeader::parse(name).is_ok());
    all(&names.reserved, "is reserved", |name| matches!(DeclaredHeader::parse(name), Err(Reserved(_))));
    all(&names.malformed, "is malformed", |name| matches!(DeclaredHeader::parse(name), Err(NotAName(_))));
    all(&names.underscored, "is reserved in disguise", |name| DeclaredHeader::parse(name).is_err());
}

#[test]
fn a_template_reads_back_as_written_or_is_no_template() {
    let paths = declarations().path;
    all(&paths.good, "should pass", |path| {
        PathTemplate::parse(path).is_ok_and(|template| template.to_string() == path)
    });
    all(&paths.malformed, "is malformed", |path| PathTemplate::parse(path).is_err());
}

#[test]
fn the_credential_stands_where_the_port_says_or_nowhere() {
    let mut world = World::default();
    world.draft.port.auth = AuthDraft::Header { name: "x-api-key".to_owned(), prefix: String::new() };
    let last = |world: &World| lines(&world.route("get-thing", world::get("7"))).pop();
    assert_eq!(last(&world).as_deref(), Some("x-api-key: <credential>"));
    world.draft.port.auth = AuthDraft::Header { name: "authorization".to_owned(), prefix: "Token ".to_owned() };
    assert_eq!(last(&world).as_deref(), Some("authorization: Token <credential>"));
    world.draft.port.auth = AuthDraft::None;
    assert_eq!(last(&world).as_deref(), Some("accept-encoding: identity"));
}

/// The origins that a port may have, declared or set by the operator.
fn worlds() -> Vec<World> {
    let operator = ["http://127.0.0.1:4010", "http://[::1]:8080", "http://localhost", "https://eu.example.com:8443"];
    let set =
        operator.into_iter().map(|o| World { origin: Some(FixedOrigin::by_operator(o).unwrap()), ..World::default() });
    std::iter::once(World::default()).chain(set).collect()
}

#[test]
fn whatever_is_described_stays_on_the_origin_and_within_the_declaration() {
    let bindings: Vec<Arc<Binding>> = worlds().iter().flat_map(World::bind_all).collect();
    let (passed, refused) = (Cell::new(0), Cell::new(0));
    let config = Config { cases: 4000, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&(select(bindings), any::material()), |(binding, material)| {
            let description = material.describe(binding.action());
            match RoutedRequest::check(description.clone(), binding.clone()) {
                Ok(request) => {
                    passed.set(passed.get() + 1);
                    stays_within(&request, &description, &binding)
                }
                Err(refusal) => {
                    refused.set(refused.get() + 1);
                    let codes = [Code::UndeclaredRoute, Code::BadSegment, Code::ForbiddenHeader, Code::BadBody];
                    prop_assert!(codes.contains(&refusal.code()), "{refusal}");
                    Ok(())
                }
            }
        })
        .unwrap();
    assert!(
        passed.get() > 400 && refused.get() > 400,
        "{passed:?} passed, {refused:?} refused: neither side was tried enough"
    );
}

fn stays_within(request: &RoutedRequest, description: &Description, binding: &Binding) -> Result<(), TestCaseError> {
    let (url, origin) = (request.url(), binding.origin());
    prop_assert_eq!(url.scheme(), origin.scheme());
    prop_assert_eq!(url.host_str(), Some(origin.host()));
    prop_assert_eq!(url.port_or_known_default(), Some(origin.port()));
    prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
    prop_assert_eq!(request.method(), binding.action().method);

    let segments: Vec<String> = url.path_segments().unwrap().map(decoded).filter(|s| !s.is_empty()).collect();
    prop_assert_eq!(&segments, &description.path);
    let again: Vec<String> = segments.iter().map(|s| decoded(s)).collect();
    prop_assert_eq!(&again, &description.path, "decoding twice changes nothing");
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(request.query().unwrap_or_default().as_bytes()).into_owned().collect();
    prop_assert_eq!(&pairs, &description.query);

    let mut host_written = 0;
    for header in request.headers() {
        let declared = binding.action().headers.iter().any(|h| h.name() == header.name);
        let ours =
            ["host", "user-agent", "accept", "accept-encoding", "content-type", "content-length", "authorization"];
        prop_assert!(declared || ours.contains(&header.name.as_str()), "{}", header.name);
        host_written += usize::from(matches!(header.value, Line::Credential { .. }));
        prop_assert_eq!(request.headers().iter().filter(|h| h.name == header.name).count(), 1);
    }
    prop_assert_eq!(host_written, 1, "one credential in one header");
    let sent = request.body().map(|b| b.bytes());
    match &description.body {
        Some(Body::Json(text) | Body::Text(text)) => prop_assert_eq!(sent, Some(text.as_bytes())),
        Some(Body::Form(fields)) => {
            let read: Vec<(String, String)> = form_urlencoded::parse(sent.unwrap()).into_owned().collect();
            prop_assert_eq!(&read, fields);
        }
        None => prop_assert_eq!(sent, None),
    }
    Ok(())
}

/// One segment as a server would decode it: in a path `+` and `&` stand for themselves.
fn decoded(segment: &str) -> String {
    form_urlencoded::parse(format!("s={}", segment.replace('+', "%2B").replace('&', "%26")).as_bytes())
        .next()
        .unwrap()
        .1
        .into_owned()
}
