//! The template component and the host reckon requests apart from each other, and agree on every input.

use std::sync::Arc;

use portcullis_catalog::{ActionTemplate, Document};
use portcullis_model::{Binding, Body, Definition, Description, Digest, Manifest, Method, RoutedRequest};
use portcullis_plugin_template::Definition as Served;
use portcullis_plugin_template::portcullis_plugin::{self as plugin, Value as Input};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::any::document;
use super::declarative;

/// The definition as the template component reads it.
fn served(document: &Document) -> (Manifest, Served) {
    let draft = document.manifest().unwrap_or_else(|refusal| panic!("{:#?}", refusal.places()));
    let definition = Definition::new(Digest::of(b"template"), draft.clone()).unwrap();
    (Manifest::check(draft).unwrap(), Served::read(definition.as_str()).unwrap())
}

fn described(served: &Served, action: &str, input: &Value) -> Option<Description> {
    let input: Input = serde_json::from_str(&input.to_string()).unwrap();
    let request = served.describe(action, &input).ok()?;
    Some(Description {
        method: match request.method {
            plugin::Method::Get => Method::Get,
            plugin::Method::Head => Method::Head,
            plugin::Method::Post => Method::Post,
            plugin::Method::Put => Method::Put,
            plugin::Method::Patch => Method::Patch,
            plugin::Method::Delete => Method::Delete,
        },
        path: request.path,
        query: request.query,
        headers: request.headers,
        body: request.body.map(|body| match body {
            plugin::Body::Json(text) => Body::Json(text),
            plugin::Body::Form(fields) => Body::Form(fields),
            plugin::Body::Text(text) => Body::Text(text),
        }),
    })
}

fn allowed(manifest: &Manifest, action: &str, description: Description) -> bool {
    let slug = action.parse().unwrap();
    let binding = Binding::new(manifest, &slug, Digest::of(b"template"), None).unwrap();
    RoutedRequest::check(description, Arc::new(binding)).is_ok()
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!(1.5)),
        "[a-zA-Z/.%é \\[\\]]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[ab]", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// More than any action has parameters.
const STRANGER: usize = 20;

/// Values for every name that an action might have; whichever it has are taken, and now and then one that it has not.
fn inputs() -> impl Strategy<Value = Vec<(usize, Value)>> {
    proptest::collection::vec((0..=STRANGER, value()), 0..12)
}

fn input(action: &ActionTemplate, values: &[(usize, Value)], whole: &Value) -> Value {
    let mut parts: Map<String, Value> = Map::new();
    let parameters = &action.inputs.parameters;
    let part = |place| json!(place).as_str().unwrap().to_owned();
    for parameter in parameters.iter().filter(|p| part(p.place) == "path") {
        parts.entry("path").or_insert_with(|| json!({}))[&parameter.name] = json!("there");
    }
    for (at, value) in values {
        match parameters.get(*at) {
            Some(parameter) => {
                parts.entry(part(parameter.place)).or_insert_with(|| json!({}))[&parameter.name] = value.clone();
            }
            None if *at == STRANGER => parts.entry("query").or_insert_with(|| json!({}))["stranger"] = value.clone(),
            None => {}
        }
    }
    if action.inputs.body.is_some() {
        parts.insert("body".to_owned(), whole.clone());
    }
    Value::Object(parts)
}

#[test]
fn every_bundled_example_is_described_as_expected() {
    let mut tried = 0;
    for (place, document) in declarative() {
        let (manifest, served) = served(&document);
        for action in manifest.actions() {
            for example in &action.examples {
                let input = serde_json::from_str(&example.input).unwrap();
                let described = described(&served, action.slug.as_str(), &input);
                assert_eq!(described.as_ref(), Some(&example.expected), "{place}: {}", action.slug);
                tried += 1;
            }
        }
    }
    assert!(tried >= 40, "{tried}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn template_and_host_agree_on_any_input(document in document(), values in inputs(), whole in value()) {
        let (manifest, served) = served(&document);
        for action in &document.action_templates {
            let input = input(action, &values, &whole);
            let worked = ActionTemplate { example: Some(input.clone()), ..action.clone() };
            let described = described(&served, &action.slug, &input);
            match worked.declare(&document.defs) {
                Ok(draft) => prop_assert_eq!(described.as_ref(), Some(&draft.examples[0].expected), "{}", input),
                // What the host cannot reckon is no request to the template, or none that the route check lets through.
                Err(problems) => prop_assert!(
                    described.is_none_or(|described| !allowed(&manifest, &action.slug, described)),
                    "{input}: {problems:#?}"
                ),
            }
        }
    }
}
