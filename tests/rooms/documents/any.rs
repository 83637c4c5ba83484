//! Documents that nobody wrote: whatever is made into a manifest comes back from it, and its example is a request.

use portcullis_catalog::{ActionTemplate, Document, Inputs, Parameter, Place, WholeBody};
use portcullis_model::{Manifest, ManifestDraft};
use portcullis_registry::Schema;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{published, read, repository};

fn schema() -> impl Strategy<Value = Value> {
    let shared = ["A", "B", "C"].map(|name| json!({"$ref": format!("#/$defs/{name}")}));
    let leaf = prop_oneof![
        Just(json!({"type": "string"})),
        Just(json!({"type": "string", "minLength": 3, "description": "within"})),
        Just(json!({"type": "string", "pattern": "^[a-z]{2,5}$"})),
        Just(json!({"type": "integer", "minimum": 2, "default": 5})),
        Just(json!({"type": ["integer", "null"], "default": null})),
        Just(json!({"enum": ["x", 1, true]})),
        Just(json!({"$comment": "first", "type": "boolean", "default": true, "title": "after"})),
        proptest::sample::select(shared.to_vec()),
    ];
    leaf.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|schema| json!({"type": "array", "items": schema, "minItems": 1})),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| json!({"type": "object", "required": ["a"], "properties": {"b": b, "a": a}})),
            (inner.clone(), inner).prop_map(|(a, b)| json!({"anyOf": [a, b]})),
        ]
    })
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"type": "string", "maxLength": 9})),
        Just(json!({"type": "integer", "minimum": 0})),
        Just(json!({"enum": ["one", "two"]})),
        Just(json!({"default": "given", "type": "string"})),
        Just(json!({"$ref": "#/$defs/B"})),
    ]
}

fn parameters(
    place: Place,
    schema: impl Strategy<Value = Value> + Clone,
    names: &'static [&'static str],
) -> impl Strategy<Value = Vec<Parameter>> {
    let one = (proptest::option::of(schema), any::<bool>(), proptest::option::of(Just("what it is".to_owned())));
    proptest::collection::vec(one, 0..=names.len()).prop_map(move |parts| {
        let parts = parts.into_iter().zip(names);
        parts
            .map(|((schema, required, description), name)| Parameter {
                name: (*name).to_owned(),
                place,
                schema,
                default: None,
                required,
                description,
            })
            .collect()
    })
}

fn defaults() -> impl Strategy<Value = Vec<(usize, Value)>> {
    proptest::collection::vec(
        (0_usize..9, prop_oneof![Just(json!("d")), Just(json!(7)), Just(json!(["a", "b"]))]),
        0..3,
    )
}

fn action() -> impl Strategy<Value = ActionTemplate> {
    let path = parameters(Place::Path, scalar().boxed(), &["a", "b-c"]);
    let query = parameters(Place::Query, scalar().boxed(), &["q", "page", "filter[x]", "sort"]);
    let fields = parameters(Place::Body, scalar().boxed(), &["f", "g[h]", "z"]);
    let members = parameters(Place::Body, schema().boxed(), &["m", "A b", "ü", "$defs"]);
    (path, query, fields, members, schema(), defaults(), 0_u8..5).prop_map(
        |(path, query, fields, members, whole, defaults, kind)| {
            let template: String = path.iter().map(|p| format!("/{{{}}}", p.name)).collect();
            let mut inputs = Inputs { parameters: path, body: None };
            inputs.parameters.extend(query);
            let (mode, method) = match kind {
                0 => ("none", "GET"),
                1 if fields.is_empty() => ("none", "POST"),
                1 => ("form", "POST"),
                2 => ("json", "PUT"),
                3 => ("json", "PATCH"),
                _ => ("none", "DELETE"),
            };
            match kind {
                1 => inputs.parameters.extend(fields),
                2 => inputs.parameters.extend(members),
                3 => inputs.body = Some(WholeBody { schema: whole, required: true }),
                _ => {}
            }
            let count = inputs.parameters.len();
            for (at, value) in defaults.into_iter().filter(|_| count > 0) {
                let parameter = &mut inputs.parameters[at % count];
                let free = parameter.schema.as_ref().is_none_or(|s| s.get("default").is_none());
                if parameter.place == Place::Query && free {
                    parameter.default = Some(value);
                }
            }
            ActionTemplate {
                slug: "act".to_owned(),
                label: "Act".to_owned(),
                description: "Acts.".to_owned(),
                method: method.to_owned(),
                path: format!("/v1{template}"),
                inputs,
                approval_mode: "require_approval".to_owned(),
                request_body_mode: mode.to_owned(),
                result_mode: "json".to_owned(),
                effect: None,
                prompt_bearing: false,
                billable: false,
                example: None,
            }
        },
    )
}

pub(super) fn document() -> impl Strategy<Value = Document> {
    proptest::collection::vec(action(), 1..4).prop_map(|actions| {
        let text = std::fs::read_to_string(repository().join("tests/fixtures/documents/good.json")).unwrap();
        let mut document = read("good.json", &text);
        document.action_templates = actions;
        for (index, action) in document.action_templates.iter_mut().enumerate() {
            action.slug = format!("act{index}");
        }
        document.defs = Map::from_iter([
            (
                "C".to_owned(),
                json!({"type": "object", "properties": {"next": {"$ref": "#/$defs/C"}, "b": {"$ref": "#/$defs/B"}}}),
            ),
            ("B".to_owned(), json!({"type": "string", "minLength": 1})),
            ("A".to_owned(), json!({"anyOf": [{"$ref": "#/$defs/B"}, {"$ref": "#/$defs/C"}]})),
        ]);
        document
    })
}

fn check(manifest: &ManifestDraft) -> Result<(), TestCaseError> {
    let manifest =
        Manifest::check(manifest.clone()).map_err(|problems| TestCaseError::fail(format!("{problems:?}")))?;
    for action in manifest.actions() {
        let schema = Schema::compile(&action.input_schema, "any").map_err(|e| TestCaseError::fail(e.to_string()))?;
        let input: Value = serde_json::from_str(&action.examples[0].input).unwrap();
        let checked = schema.check(&input);
        prop_assert!(checked.is_ok(), "{input} for {}: {:?}", action.input_schema, checked.unwrap_err().places());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_becomes_a_manifest_comes_back_from_it(document in document()) {
        let manifest = document.manifest().map_err(|r| TestCaseError::fail(format!("{:#?} of {document:#?}", r.places())))?;
        check(&manifest)?;
        let exported = Document::of_port(&manifest, None).unwrap();
        let text = exported.to_json().unwrap();
        prop_assert!(published().is_valid(&serde_json::from_str(&text).unwrap()), "{text}");
        prop_assert_eq!(read("exported", &text).manifest().unwrap(), manifest);
    }
}
