//! Every kind of change has its weight, both ways.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use super::*;
use crate::{ActionDraft, AuthDraft, Description, Example, ManifestDraft, Method, PortDraft, Publisher, ResultMode};

fn draft() -> ManifestDraft {
    ManifestDraft {
        version: "1.0.0".to_owned(),
        port: PortDraft {
            slug: "things".to_owned(),
            label: "Things".to_owned(),
            description: "Things.".to_owned(),
            origin: "https://api.things.example".to_owned(),
            auth: AuthDraft::Bearer,
            category: "Tests".to_owned(),
            tags: vec!["a".to_owned()],
            publisher: Publisher { slug: "acme".to_owned(), name: "Acme".to_owned(), website_url: None },
        },
        actions: vec![action("get-thing", "/things/{id}"), action("list-things", "/things")],
    }
}

fn action(slug: &str, path: &str) -> ActionDraft {
    ActionDraft {
        slug: slug.to_owned(),
        label: "A thing".to_owned(),
        description: "Does a thing.".to_owned(),
        method: Method::Get,
        path: path.to_owned(),
        query: vec!["page".to_owned()],
        headers: vec!["x-view".to_owned()],
        body: BodyMode::None,
        input_schema: r#"{"type":"object","additionalProperties":false,"properties":{"id":{"type":"string"}}}"#
            .to_owned(),
        output_schema: None,
        approval: ApprovalMode::RequireApproval,
        effect: Effect::Write,
        result: ResultMode::Json,
        traits: Traits { prompt_bearing: true, billable: false },
        examples: vec![Example {
            title: "one".to_owned(),
            input: "{}".to_owned(),
            expected: Description {
                method: Method::Get,
                path: vec!["things".to_owned()],
                query: Vec::new(),
                headers: Vec::new(),
                body: None,
            },
        }],
    }
}

fn weights(change: impl Fn(&mut ManifestDraft)) -> (Vec<Weight>, Vec<Weight>) {
    let mut other = draft();
    change(&mut other);
    let (old, new) = (Manifest::check(draft()).unwrap(), Manifest::check(other).unwrap());
    let of = |list: Vec<Change>| list.into_iter().map(|change| change.weight).collect();
    (of(Change::between(&old, &new)), of(Change::between(&new, &old)))
}

#[test]
fn nothing_changed_is_no_change_and_names_and_versions_are_none() {
    assert_eq!(weights(|_| ()), (vec![], vec![]));
    assert_eq!(weights(|m| m.version = "2.0.0".to_owned()), (vec![], vec![]));
    assert_eq!(weights(|m| m.port.slug = "things-of-work".to_owned()), (vec![], vec![]));
}

#[test]
fn what_lets_more_through_widens_and_its_reverse_narrows() {
    use Weight::{Narrowed, Widened};
    let wider: &[fn(&mut ManifestDraft)] = &[
        |m| m.actions.push(action("new-thing", "/new")),
        |m| m.actions[0].query.push("limit".to_owned()),
        |m| m.actions[0].headers.push("x-more".to_owned()),
        |m| m.actions[0].approval = ApprovalMode::Automatic,
        |m| m.actions[0].effect = Effect::Read,
        |m| m.actions[0].traits.prompt_bearing = false,
        |m| {
            m.actions[0].input_schema =
                m.actions[0].input_schema.replace(r#"{"type":"string"}"#, r#"{"type":["string","null"]}"#);
        },
    ];
    for (index, change) in wider.iter().enumerate() {
        assert_eq!(weights(change), (vec![Widened], vec![Narrowed]), "{index}");
    }
}

#[test]
fn what_goes_elsewhere_widens_both_ways() {
    let other: &[fn(&mut ManifestDraft)] = &[
        |m| m.port.origin = "https://api.other.example".to_owned(),
        |m| m.port.auth = AuthDraft::None,
        |m| m.port.publisher.slug = "other".to_owned(),
        |m| m.port.category = "Other".to_owned(),
        |m| m.actions[1].path = "/other".to_owned(),
        |m| m.actions[1].method = Method::Head,
        |m| m.actions[1].input_schema = r#"{"type":"object","anyOf":[{}]}"#.to_owned(),
    ];
    for (index, change) in other.iter().enumerate() {
        let (there, back) = weights(change);
        assert!(there.contains(&Weight::Widened) && back.contains(&Weight::Widened), "{index}");
    }
}

#[test]
fn words_are_words() {
    let words: &[fn(&mut ManifestDraft)] = &[
        |m| m.port.label = "Others".to_owned(),
        |m| m.port.description = "Others.".to_owned(),
        |m| m.port.tags = vec![],
        |m| m.port.publisher.name = "Acme Limited".to_owned(),
        |m| m.actions[0].label = "Another".to_owned(),
        |m| m.actions[0].description = "Another.".to_owned(),
        |m| m.actions[0].output_schema = Some("{}".to_owned()),
        |m| m.actions[0].result = ResultMode::JsonSummary,
        |m| m.actions[0].examples[0].title = "two".to_owned(),
    ];
    for (index, change) in words.iter().enumerate() {
        assert_eq!(weights(change), (vec![Weight::Wording], vec![Weight::Wording]), "{index}");
    }
}

#[test]
fn a_body_that_is_gone_narrows_and_the_heaviest_change_comes_first() {
    let with_body = |mode| {
        let mut manifest = draft();
        manifest.actions[0].method = Method::Post;
        manifest.actions[0].body = mode;
        Manifest::check(manifest).unwrap()
    };
    let between = |a, b| Change::between(&with_body(a), &with_body(b)).remove(0).weight;
    assert_eq!(between(BodyMode::Json, BodyMode::None), Weight::Narrowed);
    assert_eq!(between(BodyMode::None, BodyMode::Json), Weight::Widened);
    assert_eq!(between(BodyMode::Json, BodyMode::Form), Weight::Widened);
    let mut many = draft();
    many.actions[0].label = "Another".to_owned();
    many.actions.remove(1);
    many.actions.push(action("new-thing", "/new"));
    let (old, new) = (Manifest::check(draft()).unwrap(), Manifest::check(many).unwrap());
    let list: Vec<_> = Change::between(&old, &new).into_iter().map(|change| (change.weight, change.at)).collect();
    let expected = [(Weight::Widened, "new-thing"), (Weight::Narrowed, "list-things"), (Weight::Wording, "get-thing")];
    assert_eq!(list, expected.map(|(weight, at)| (weight, at.to_owned())));
}
