//! The seal on one exact request: it holds for that request and for no other.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::cell::Cell;
use std::collections::BTreeMap;

use portcullis_model::{AuthDraft, Body, Description, Digest, Fingerprint, FixedOrigin, Hasher, Method, RoutedRequest};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use crate::route::any;
use crate::route::world::{World, agent, create, text};

fn seal(world: &World, description: Description) -> String {
    Fingerprint::of(&world.route("create-thing", description), &agent()).to_string()
}

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// Every change that an approval must not survive, by name.
#[test]
fn whatever_changes_breaks_the_seal() {
    let plain = || create(r#"{"a":1}"#);
    let mut seals = BTreeMap::from([("nothing", seal(&World::default(), plain()))]);
    let mut add = |name, seal| assert_eq!(seals.insert(name, seal), None);

    let world = |change: fn(&mut World)| {
        let mut world = World::default();
        change(&mut world);
        seal(&world, plain())
    };
    add("the component", world(|w| w.digest = Digest::of(b"another component")));
    add(
        "the operator's origin",
        world(|w| w.origin = Some(FixedOrigin::by_operator("http://127.0.0.1:4010").unwrap())),
    );
    add("the operator's port", world(|w| w.origin = Some(FixedOrigin::by_operator("http://127.0.0.1:4011").unwrap())));
    add("a scheme", world(|w| w.origin = Some(FixedOrigin::by_operator("http://localhost:8443").unwrap())));
    add("the other scheme", world(|w| w.origin = Some(FixedOrigin::by_operator("https://localhost:8443").unwrap())));
    add("the declared origin", world(|w| w.draft.port.origin = text("https://api2.example.com")));
    add("the slot", world(|w| w.draft.port.slug = text("stuff")));
    add(
        "the header of the credential",
        world(|w| w.draft.port.auth = AuthDraft::Header { name: text("x-api-key"), prefix: text("Bearer ") }),
    );
    add(
        "its prefix",
        world(|w| w.draft.port.auth = AuthDraft::Header { name: text("authorization"), prefix: text("Token ") }),
    );
    add("no credential", world(|w| w.draft.port.auth = AuthDraft::None));

    let other: portcullis_model::AgentName = "robot2".parse().unwrap();
    add("the agent", Fingerprint::of(&World::default().route("create-thing", plain()), &other).to_string());
    let described = |change: fn(&mut Description)| {
        let mut description = plain();
        change(&mut description);
        seal(&World::default(), description)
    };
    add("a byte of the body", described(|d| d.body = Some(Body::Json(text(r#"{"a":2}"#)))));
    add("a space of the body", described(|d| d.body = Some(Body::Json(text(r#"{"a": 1}"#)))));
    add("the spelling of the body", described(|d| d.body = Some(Body::Json(text(r#"{"\u0061":1}"#)))));
    add("a header", described(|d| d.headers = vec![(text("x-request-id"), text("a"))]));
    add("a header's value", described(|d| d.headers = vec![(text("x-request-id"), text("b"))]));
    add("a header's name", described(|d| d.headers = vec![(text("idempotency-key"), text("a"))]));
    add("an accept that says the same", described(|d| d.headers = vec![(text("accept"), text("application/json"))]));
    add(
        "the order of headers",
        described(|d| d.headers = vec![(text("x-request-id"), text("a")), (text("idempotency-key"), text("a"))]),
    );
    add(
        "the other order",
        described(|d| d.headers = vec![(text("idempotency-key"), text("a")), (text("x-request-id"), text("a"))]),
    );

    let distinct: std::collections::BTreeSet<&String> = seals.values().collect();
    assert_eq!(distinct.len(), seals.len(), "{seals:#?}");
    assert_eq!(seals["nothing"], seal(&World::default(), plain()), "and nothing else does");
}

#[test]
fn the_same_bytes_under_another_method_action_or_kind_have_another_seal() {
    let seal = |action: &str, change: fn(&mut World), description: Description| {
        let mut world = World::default();
        change(&mut world);
        Fingerprint::of(&world.route(action, description), &agent()).to_string()
    };
    let at =
        |method, body: Option<Body>| Description { method, path: vec![text("v1"), text("things")], body, ..create("") };
    let seals = [
        seal("create-thing", |_| {}, at(Method::Post, Some(Body::Json(text("1"))))),
        seal("delete-things", |_| {}, at(Method::Delete, Some(Body::Json(text("1"))))),
        seal("create-thing", |w| w.draft.actions[7].method = Method::Put, at(Method::Put, Some(Body::Json(text("1"))))),
        seal("twin", |w| w.draft.actions[7].slug = text("twin"), at(Method::Post, Some(Body::Json(text("1"))))),
        seal(
            "create-thing",
            |w| w.draft.actions[7].body = portcullis_model::BodyMode::Text,
            at(Method::Post, Some(Body::Text(text("1")))),
        ),
        seal("create-thing", |w| w.draft.actions[7].body = portcullis_model::BodyMode::None, at(Method::Post, None)),
        seal(
            "create-thing",
            |w| w.draft.actions[7].body = portcullis_model::BodyMode::Text,
            at(Method::Post, Some(Body::Text(text("")))),
        ),
    ];
    let distinct: std::collections::BTreeSet<&String> = seals.iter().collect();
    assert_eq!(distinct.len(), seals.len(), "{seals:#?}");
}

#[test]
fn neighbouring_fields_cannot_trade_bytes() {
    let hash = |purpose: &str, fields: &[&str]| {
        fields.iter().fold(Hasher::new(purpose), |hasher, field| hasher.field(field.as_bytes())).finish()
    };
    let one = hash("p", &["ab", "c"]);
    for (purpose, fields) in
        [("p", &["a", "bc"][..]), ("p", &["abc"]), ("p", &["ab", "c", ""]), ("", &["pab", "c"]), ("q", &["ab", "c"])]
    {
        assert_ne!(hash(purpose, fields), one, "{purpose} {fields:?}");
    }
    assert_ne!(Hasher::new("p").count(1).count(0).finish(), Hasher::new("p").count(0).count(1).finish());
}

#[test]
fn a_description_that_was_stored_gives_the_same_seal_again() {
    let passed = Cell::new(0);
    TestRunner::new(config(2000))
        .run(&(select(World::default().bind_all()), any::material()), |(binding, material)| {
            let Ok(request) = RoutedRequest::check(material.describe(binding.action()), binding.clone()) else {
                return Ok(());
            };
            passed.set(passed.get() + 1);
            let stored = serde_json::to_string(request.description()).unwrap();
            let again = RoutedRequest::check(serde_json::from_str(&stored).unwrap(), binding).unwrap();
            prop_assert_eq!(Fingerprint::of(&request, &agent()), Fingerprint::of(&again, &agent()));
            prop_assert_eq!(request.url(), again.url());
            prop_assert_eq!(request.body(), again.body());
            Ok(())
        })
        .unwrap();
    assert!(passed.get() > 200, "{passed:?} passed");
}

#[test]
fn two_descriptions_that_differ_have_two_seals() {
    let compared = Cell::new(0);
    let descriptions = (any::material(), any::material(), 0..5_usize, any::text());
    TestRunner::new(config(4000))
        .run(&(select(World::default().bind_all()), descriptions), |(binding, (one, two, which, text))| {
            let one = one.describe(binding.action());
            let others = [two.describe(binding.action()), edited(one.clone(), which, &text)];
            let Ok(first) = RoutedRequest::check(one.clone(), binding.clone()) else { return Ok(()) };
            for other in others.into_iter().filter(|other| *other != one) {
                let Ok(second) = RoutedRequest::check(other, binding.clone()) else { continue };
                compared.set(compared.get() + 1);
                prop_assert_ne!(Fingerprint::of(&first, &agent()), Fingerprint::of(&second, &agent()));
            }
            Ok(())
        })
        .unwrap();
    assert!(compared.get() > 400, "{compared:?} compared");
}

/// The same description with one thing moved, added or replaced.
fn edited(mut description: Description, which: usize, text: &str) -> Description {
    match which {
        0 => description.path.last_mut().into_iter().for_each(|last| *last = text.to_owned()),
        1 => description.path.push(text.to_owned()),
        2 => description.query.reverse(),
        3 => description.query.last_mut().into_iter().for_each(|(_, value)| *value = text.to_owned()),
        _ => match &mut description.body {
            Some(Body::Json(body)) => body.push(' '),
            Some(Body::Text(body)) => body.push_str(text),
            Some(Body::Form(fields)) => fields.push(("more".to_owned(), text.to_owned())),
            None => {
                description.headers.pop();
            }
        },
    }
    description
}
