//! Each rule finds what it is for, and nothing in a manifest that is right.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use portcullis_authoring::{Finding, GUIDE, Rule, Severity, lint, prompt};
use portcullis_model::{ActionDraft, ApprovalMode, Effect, ManifestDraft, Method};
use serde_json::{Value, json};
use support::{find_schema, manifest};

/// A way to spoil a manifest, and where the finding must point.
type Spoilt = (Rule, &'static str, fn(&mut ManifestDraft));

fn find(manifest: &mut ManifestDraft) -> &mut ActionDraft {
    &mut manifest.actions[0]
}

fn add(manifest: &mut ManifestDraft) -> &mut ActionDraft {
    &mut manifest.actions[1]
}

/// Puts a schema in the place of one member's.
fn member(manifest: &mut ManifestDraft, name: &str, schema: Value) {
    let mut whole = find_schema();
    whole["properties"][name] = schema;
    find(manifest).input_schema = whole.to_string();
}

/// Changes the schema of the first action.
fn schema(manifest: &mut ManifestDraft, change: impl FnOnce(&mut Value)) {
    let mut whole = find_schema();
    change(&mut whole);
    find(manifest).input_schema = whole.to_string();
}

const SPOILT: &[Spoilt] = &[
    (Rule::HostRefuses, "port.origin", |m| m.port.origin = "http://api.notes.dev".to_owned()),
    (Rule::HostRefuses, "actions[1].examples", |m| add(m).examples.clear()),
    (Rule::EffectTooMild, "add-note: effect", |m| add(m).effect = Effect::Read),
    (Rule::WriteUnattended, "add-note: approval", |m| add(m).approval = ApprovalMode::Automatic),
    (Rule::CredentialInInput, "find-notes: input-schema/properties/api_key", |m| {
        member(m, "api_key", json!({"type": "string", "maxLength": 9, "description": "The key of the account."}));
    }),
    (Rule::CredentialInInput, "find-notes: input-schema/properties/accessToken", |m| {
        member(m, "accessToken", json!({"type": "string", "maxLength": 9, "description": "The token of the account."}));
    }),
    (Rule::OpenObject, "find-notes: input-schema", |m| {
        schema(m, |whole| drop(whole.as_object_mut().unwrap().remove("additionalProperties")));
    }),
    (Rule::OpenObject, "find-notes: input-schema/properties/words", |m| {
        member(m, "words", json!({"description": "Words.", "type": "object", "properties": {}}));
    }),
    (Rule::OpenObject, "find-notes: input-schema/properties/words", |m| {
        let open = json!({"type": "object", "properties": {}});
        let shut = json!({"type": "object", "properties": {}, "additionalProperties": false});
        member(m, "words", json!({"description": "Words.", "type": "object", "properties": {}, "oneOf": [shut, open]}));
    }),
    (Rule::OpenObject, "find-notes: input-schema/properties/words", |m| {
        let open = json!({"type": "object", "properties": {}});
        let shut = json!({"type": "object", "properties": {}, "additionalProperties": false});
        let words = json!({"description": "Words.", "type": "object", "properties": {},
            "allOf": [{"if": {}, "then": shut}, {"if": {}, "then": open}]});
        member(m, "words", words);
    }),
    (Rule::OpenObject, "find-notes: input-schema/properties/words", |m| {
        let shut = json!({"type": "object", "properties": {}, "additionalProperties": false});
        let words = json!({"description": "Words.", "type": "object", "properties": {}, "if": {}, "then": shut});
        member(m, "words", words);
    }),
    (Rule::UnboundedMap, "find-notes: input-schema/properties/words", |m| {
        member(m, "words", json!({"description": "Words.", "type": "object"}));
    }),
    (Rule::OpenObject, "find-notes: input-schema/properties/words/items", |m| {
        member(
            m,
            "words",
            json!({"description": "Words.", "type": "array", "maxItems": 2, "items": {"properties": {}}}),
        );
    }),
    (Rule::OptionalPathParameter, "find-notes: input-schema/properties/notebook", |m| {
        schema(m, |whole| whole["required"] = json!([]));
    }),
    (Rule::EmptySegment, "find-notes: input-schema/properties/notebook", |m| {
        member(m, "notebook", json!({"type": "string", "maxLength": 100, "description": "Name of the notebook."}));
    }),
    (Rule::LabelAsDescription, "find-notes: description", |m| find(m).description = "Find notes.".to_owned()),
    (Rule::ShortDescription, "find-notes: description", |m| find(m).description = "Notes of one notebook.".to_owned()),
    (Rule::ShortDescription, "port.description", |m| m.port.description = "Notes.".to_owned()),
    (Rule::RawLabel, "find-notes: label", |m| find(m).label = "find notes".to_owned()),
    (Rule::DestructiveByName, "remove-note: effect", |m| add(m).slug = "remove-note".to_owned()),
    (Rule::DestructiveByName, "add-note: effect", |m| add(m).method = Method::Delete),
    (Rule::BillableUnattended, "find-notes: approval", |m| find(m).traits.billable = true),
    (Rule::UnmarkedPrompt, "find-notes: input-schema/properties/prompt", |m| {
        member(m, "prompt", json!({"type": "string", "maxLength": 9, "description": "What to say."}));
    }),
    (Rule::Undescribed, "find-notes: input-schema/properties/words", |m| {
        member(m, "words", json!({"type": "string", "maxLength": 9}));
    }),
    (Rule::Untyped, "find-notes: input-schema/properties/words", |m| {
        member(m, "words", json!({"description": "Words to look for."}));
    }),
    (Rule::Untyped, "find-notes: input-schema/properties/words", |m| member(m, "words", json!(true))),
    (Rule::UnboundedString, "find-notes: input-schema/properties/words", |m| {
        member(m, "words", json!({"type": "string", "description": "Words to look for."}));
    }),
    (Rule::UnboundedString, "find-notes: input-schema/properties/words", |m| {
        member(m, "words", json!({"type": "string", "description": "Words.", "pattern": "^[a-z]+$"}));
    }),
    (Rule::UnboundedArray, "find-notes: input-schema/properties/words", |m| {
        member(m, "words", json!({"description": "Words.", "type": "array", "items": {"enum": ["a"]}}));
    }),
    (Rule::UnboundedMap, "find-notes: input-schema/properties/words", |m| {
        member(m, "words", json!({"description": "Words.", "type": "object", "additionalProperties": {"enum": ["a"]}}));
    }),
    (Rule::UnboundedMap, "find-notes: input-schema/properties/words", |m| {
        member(m, "words", json!({"description": "Words.", "type": "object", "additionalProperties": true}));
    }),
    (Rule::UnusedQuery, "find-notes: query[2]", |m| find(m).query.push("order".to_owned())),
    (Rule::UnusedHeader, "find-notes: headers[0]", |m| find(m).headers.push("x-page".to_owned())),
    (Rule::SameExample, "find-notes: examples[2]", |m| {
        let first = find(m).examples[0].clone();
        find(m).examples.push(first);
    }),
    (Rule::UnboundedNumber, "find-notes: input-schema/properties/limit", |m| {
        member(m, "limit", json!({"type": "integer", "minimum": 1, "description": "How many at most."}));
    }),
    (Rule::NoWhen, "find-notes: description", |m| {
        find(m).description = "Lists the notes of one notebook, the newest of them at the top.".to_owned();
    }),
    (Rule::ReadAsks, "find-notes: approval", |m| find(m).approval = ApprovalMode::RequireApproval),
    (Rule::OptionNotShown, "find-notes: input-schema/properties/limit", |m| {
        find(m).examples[1].input = r#"{"notebook":"work","words":"plan"}"#.to_owned();
    }),
    (Rule::OptionNeverLeftOut, "find-notes: examples", |m| drop(find(m).examples.remove(0))),
    (Rule::BranchNotShown, "find-notes: input-schema/properties/words/anyOf/1", |m| {
        let one = json!({"type": "string", "maxLength": 9});
        let many = json!({"type": "array", "maxItems": 3, "items": one});
        member(m, "words", json!({"description": "Words to look for.", "anyOf": [one, many]}));
    }),
    (Rule::NoTags, "port.tags", |m| m.port.tags.clear()),
    (Rule::PlaceholderOrigin, "port.origin", |m| m.port.origin = "https://api.example.com".to_owned()),
];

#[test]
fn nothing_is_found_in_a_manifest_that_is_right() {
    assert_eq!(lint(&manifest()), []);
}

#[test]
fn each_rule_finds_what_it_is_for_at_its_place_with_a_fix() {
    for (rule, at, spoil) in SPOILT {
        let mut spoilt = manifest();
        spoil(&mut spoilt);
        let found = lint(&spoilt);
        let Some(finding) = found.iter().find(|finding| finding.rule == *rule && finding.at == *at) else {
            panic!("{rule} at {at}: {found:#?}");
        };
        assert_eq!(finding.severity, rule.severity());
        assert!(!finding.what.is_empty() && !finding.fix.is_empty(), "{finding:?}");
    }
}

#[test]
fn no_rule_is_without_a_test_and_no_name_is_given_twice() {
    for (index, rule) in Rule::ALL.iter().enumerate() {
        assert!(SPOILT.iter().any(|(tested, ..)| tested == rule), "{rule}");
        assert!(Rule::ALL[..index].iter().all(|before| before.as_str() != rule.as_str()), "{rule}");
    }
}

#[test]
fn the_guide_lists_each_rule_with_its_weight_and_meaning() {
    for rule in Rule::ALL {
        let row = format!("| `{rule}` | {} | {} |\n", rule.severity(), rule.meaning());
        assert!(GUIDE.contains(&row), "{row}");
    }
    let rows = GUIDE.lines().filter(|line| ["| error |", "| warning |", "| hint |"].iter().any(|w| line.contains(w)));
    assert_eq!(rows.count(), Rule::ALL.len());
    assert!(prompt().ends_with(GUIDE) && prompt().len() > GUIDE.len());
}

#[test]
fn the_heaviest_comes_first() {
    let mut spoilt = manifest();
    spoilt.port.tags.clear();
    find(&mut spoilt).label = "find notes".to_owned();
    add(&mut spoilt).approval = ApprovalMode::Automatic;
    let severities: Vec<Severity> = lint(&spoilt).iter().map(|finding| finding.severity).collect();
    assert_eq!(severities, [Severity::Error, Severity::Warning, Severity::Hint]);
}

/// What the walk over a schema must leave alone.
#[test]
fn what_only_constrains_a_shape_that_stands_elsewhere_is_no_finding() {
    let text = json!({"type": "string", "maxLength": 9});
    for change in [
        json!({"oneOf": [{"required": ["words"]}, {"required": ["limit"]}]}),
        json!({"not": {"required": ["words", "limit"]}}),
        json!({"if": {"required": ["words"]}, "then": {"required": ["limit"]}}),
        json!({"allOf": [{"properties": {"words": {"pattern": "a"}}}]}),
        json!({"dependentRequired": {"words": ["limit"]}}),
    ] {
        let mut spoilt = manifest();
        schema(&mut spoilt, |whole| whole.as_object_mut().unwrap().extend(change.as_object().unwrap().clone()));
        let heavy: Vec<Finding> =
            lint(&spoilt).into_iter().filter(|finding| finding.severity != Severity::Hint).collect();
        assert_eq!(heavy, [], "{change}");
    }
    for fine in [
        json!({"$ref": "#/$defs/words"}),
        json!({"description": "Words.", "type": "string", "format": "uuid"}),
        json!({"description": "Words.", "type": "string", "pattern": "^[a-z]{1,8}$"}),
        json!({"description": "Words.", "const": "all"}),
        json!({"description": "Words.", "type": "object", "maxProperties": 3, "additionalProperties": text}),
        json!({"description": "Words.", "type": "object", "unevaluatedProperties": false, "properties": {}}),
        json!({"description": "Words.", "type": "object", "properties": {}, "allOf": [
            {"if": {"properties": {"kind": {"const": "a"}}}, "then": {"$ref": "#/$defs/closed"}},
            {"if": {"properties": {"kind": {"const": "b"}}}, "then": {"$ref": "#/$defs/closed"}},
        ]}),
        json!({"description": "Words.", "type": "object", "properties": {}, "if": {"required": ["a"]},
            "then": {"$ref": "#/$defs/closed"}, "else": {"$ref": "#/$defs/closed"}}),
    ] {
        let mut spoilt = manifest();
        schema(&mut spoilt, |whole| {
            whole["properties"]["words"] = fine.clone();
            whole["$defs"] = json!({
                "words": {"type": "string", "maxLength": 9, "description": "Words."},
                "closed": {"type": "object", "additionalProperties": false, "properties": {"kind": {"const": "a"}}},
            });
        });
        let found = lint(&spoilt);
        assert_eq!(found, [], "{fine}");
    }
}

#[test]
fn a_form_that_an_example_takes_is_shown_even_inside_another() {
    let wrapped = json!({
        "description": "Words to look for.",
        "oneOf": [
            {"type": "object", "additionalProperties": false, "required": ["kind"],
             "properties": {"kind": {"const": "exact", "description": "How."}}},
            {"type": "object", "additionalProperties": false, "required": ["kind", "text"],
             "properties": {"kind": {"const": "like", "description": "How."},
                            "text": {"type": "string", "maxLength": 9, "description": "What."}}},
        ],
    });
    let mut spoilt = manifest();
    member(&mut spoilt, "words", wrapped);
    find(&mut spoilt).examples[1].input =
        r#"{"notebook":"work","words":{"kind":"like","text":"a"},"limit":1}"#.to_owned();
    let places: Vec<String> = lint(&spoilt).into_iter().map(|finding| finding.at).collect();
    assert_eq!(places, ["find-notes: input-schema/properties/words/oneOf/0"]);
}

#[test]
fn names_of_a_stranger_cannot_act_on_a_terminal() {
    let mut spoilt = manifest();
    member(&mut spoilt, "wo\u{1b}[2Jrds", json!({"type": "string"}));
    let found = lint(&spoilt);
    assert!(!found.is_empty());
    for Finding { at, what, fix, .. } in found {
        assert!(![at, what, fix].iter().any(|text| text.contains('\u{1b}')));
    }
}
