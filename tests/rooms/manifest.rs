//! What a plugin may declare: each broken manifest is refused with the place that is broken, and with that place only.
//!
//! Query keys, header names and path templates have their own lists in `route/declarations.toml`, origins theirs in
//! `origin.rs`. Whether a schema is a schema is the registry's matter.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use portcullis_model::{
    ActionDraft, ActionId, ActionSlug, AgentName, AuthDraft, BodyMode, DeclaredHeader, Digest, Effect, Manifest,
    ManifestDraft, Method, PortSlug,
};

use crate::route::world::{manifest_draft, text};

/// A name, what breaks the manifest, the place, and part of the reason.
type Rule = (&'static str, fn(&mut ManifestDraft), &'static str, &'static str);

/// The first action of the draft; it is a GET.
fn action(draft: &mut ManifestDraft) -> &mut ActionDraft {
    &mut draft.actions[0]
}

fn auth(draft: &mut ManifestDraft, name: &str, prefix: &str) {
    draft.port.auth = AuthDraft::Header { name: text(name), prefix: text(prefix) };
}

fn home(draft: &mut ManifestDraft, page: &str) {
    draft.port.publisher.website_url = Some(text(page));
}

fn input(draft: &mut ManifestDraft, schema: &str) {
    action(draft).input_schema = text(schema);
}

const HOME: &str = "port.publisher.website-url";
const INPUT: &str = "actions[0].input-schema";

// One rule a line, where it can be.
#[rustfmt::skip]
const RULES: &[Rule] = &[
    ("no version", |m| m.version.clear(), "version", "is not a version"),
    ("two numbers", |m| m.version = text("1.0"), "version", "is not a version"),
    ("a leading v", |m| m.version = text("v1.0.0"), "version", "is not a version"),
    ("a leading zero", |m| m.version = text("1.02.0"), "version", "is not a version"),
    ("a version with a line feed", |m| m.version = text("1.0.0-a\nb"), "version", "is not a version"),
    ("a version of 65 bytes", |m| m.version = format!("1.0.0-{}", "a".repeat(59)), "version", "is not a version"),
    ("no actions", |m| m.actions.clear(), "actions", "expected 1 to 512"),
    ("513 actions", |m| *m = many(513), "actions", "expected 1 to 512"),
    ("an action twice", |m| m.actions.push(m.actions[0].clone()), "actions[17].slug", "occurs twice"),
    ("a port slug in capitals", |m| m.port.slug = text("Things"), "port.slug", "is not a name"),
    ("a port slug with a slash", |m| m.port.slug = text("a/b"), "port.slug", "is not a name"),
    ("a port with the host's name", |m| m.port.slug = text("portcullis"), "port.slug", "the host's own name"),
    ("a port slug that climbs", |m| m.port.slug = text(".."), "port.slug", "is not a name"),
    ("no label", |m| m.port.label.clear(), "port.label", "expected 1 to 80"),
    ("a label of white space", |m| m.port.label = text(" \u{a0}"), "port.label", "expected 1 to 80"),
    ("a label of 81 characters", |m| m.port.label = "é".repeat(81), "port.label", "expected 1 to 80"),
    ("a label of two lines", |m| m.port.label = text("A\norigin: b"), "port.label", "one line"),
    ("a label that reorders", |m| m.port.label = text("a\u{202e}b"), "port.label", "U+202E"),
    ("a label that acts on a terminal", |m| m.port.label = text("a\u{1b}[2Kb"), "port.label", "U+001B"),
    ("a label with CR", |m| m.port.label = text("a\rb"), "port.label", "U+000D"),
    ("a label with a tag", |m| m.port.label = text("a\u{e0041}"), "port.label", "U+E0041"),
    ("no description", |m| m.port.description.clear(), "port.description", "expected 1 to 1000"),
    ("a description of 1001 characters", |m| m.port.description = "a".repeat(1001), "port.description", "expected 1 to 1000"),
    ("a description that hides", |m| m.port.description = text("a\u{200b}b"), "port.description", "U+200B"),
    ("an http origin", |m| m.port.origin = text("http://api.example.com"), "port.origin", "expected `https://`"),
    ("an origin of this machine", |m| m.port.origin = text("https://localhost"), "port.origin", "this machine"),
    ("an origin with a path", |m| m.port.origin = text("https://api.example.com/v1"), "port.origin", "without a path"),
    ("auth by cookie", |m| auth(m, "cookie", ""), "port.auth", "only the host writes it"),
    ("auth by host", |m| auth(m, "host", ""), "port.auth", "only the host writes it"),
    ("auth by accept", |m| auth(m, "accept", ""), "port.auth", "only the host writes it"),
    ("auth by user-agent", |m| auth(m, "user-agent", ""), "port.auth", "only the host writes it"),
    ("auth by content-type", |m| auth(m, "content-type", ""), "port.auth", "only the host writes it"),
    ("auth by proxy-authorization", |m| auth(m, "proxy-authorization", ""), "port.auth", "only the host writes it"),
    ("auth by a disguised proxy-authorization", |m| auth(m, "proxy_authorization", ""), "port.auth", "only the host writes it"),
    ("auth by x-forwarded-for", |m| auth(m, "x-forwarded-for", ""), "port.auth", "only the host writes it"),
    ("auth by a header in capitals", |m| auth(m, "X-Api-Key", ""), "port.auth", "is not a header name"),
    ("auth by two header lines", |m| auth(m, "x-a: b\r\nx-b", ""), "port.auth", "is not a header name"),
    ("auth by no header", |m| auth(m, "", ""), "port.auth", "is not a header name"),
    ("a prefix with CR LF", |m| auth(m, "x-api-key", "a\r\nb: "), "port.auth", "value of header"),
    ("a prefix with a leading space", |m| auth(m, "x-api-key", " a"), "port.auth", "value of header"),
    ("a prefix that is not ASCII", |m| auth(m, "x-api-key", "é"), "port.auth", "value of header"),
    ("a prefix of 65 bytes", |m| auth(m, "x-api-key", &"a".repeat(65)), "port.auth", "value of header"),
    ("a header of the plugin's that carries the credential", |m| {
        auth(m, "x-team", "");
        action(m).headers = vec![text("x-team")];
    }, "actions[0].headers", "`x-team` carries the credential"),
    ("such a header, disguised", |m| {
        auth(m, "x_team", "");
        action(m).headers = vec![text("x-team")];
    }, "actions[0].headers", "`x_team` carries the credential"),
    ("no category", |m| m.port.category.clear(), "port.category", "expected 1 to 40"),
    ("a category of two lines", |m| m.port.category = text("a\nb"), "port.category", "one line"),
    ("17 tags", |m| m.port.tags = vec![text("a"); 17], "port.tags", "at most 16"),
    ("an empty tag", |m| m.port.tags.push(text("")), "port.tags[1]", "expected 1 to 40"),
    ("a tag of two lines", |m| m.port.tags.push(text("a\nb")), "port.tags[1]", "one line"),
    ("a publisher in capitals", |m| m.port.publisher.slug = text("Example"), "port.publisher.slug", "is not a name"),
    ("a publisher without a name", |m| m.port.publisher.name.clear(), "port.publisher.name", "expected 1 to 80"),
    ("a publisher of two lines", |m| m.port.publisher.name = text("a\nb"), "port.publisher.name", "one line"),
    ("a home page over http", |m| home(m, "http://a.example"), HOME, "https address"),
    ("a script for a home page", |m| home(m, "javascript:alert(1)"), HOME, "https address"),
    ("a home page that acts on a terminal", |m| home(m, "https://a.example/\u{1b}[2J"), HOME, "https address"),
    ("a home page of two lines", |m| home(m, "https://a.example/\nb"), HOME, "https address"),
    ("a home page with a user", |m| home(m, "https://bank.example@a.example"), HOME, "https address"),
    ("a home page in other letters", |m| home(m, "https://аpple.example"), HOME, "https address"),
    ("an action slug with a slash", |m| action(m).slug = text("a/b"), "actions[0].slug", "is not a name"),
    ("an action without a label", |m| action(m).label.clear(), "actions[0].label", "expected 1 to 80"),
    ("an action label of two lines", |m| action(m).label = text("a\nb"), "actions[0].label", "one line"),
    ("an action without a description", |m| action(m).description.clear(), "actions[0].description", "expected 1 to 2000"),
    ("an action description of 2001 characters", |m| action(m).description = "a".repeat(2001), "actions[0].description", "expected 1 to 2000"),
    ("an action description that reorders", |m| action(m).description = text("a\u{2066}b"), "actions[0].description", "U+2066"),
    ("a path without a slash", |m| action(m).path = text("v1"), "actions[0].path", "must start with `/`"),
    ("a path that climbs", |m| action(m).path = text("/v1/.."), "actions[0].path", "are no segments"),
    ("a credential for a query key", |m| action(m).query = vec![text("q"), text("api_key")], "actions[0].query[1]", "carries a credential"),
    ("a method for a query key", |m| action(m).query = vec![text("_method")], "actions[0].query[0]", "another method"),
    ("a query key twice", |m| action(m).query = vec![text("q"), text("q")], "actions[0].query[1]", "occurs twice"),
    ("129 query keys", |m| action(m).query = (0..129).map(|n| format!("k{n}")).collect(), "actions[0].query", "at most 128"),
    ("a reserved header", |m| action(m).headers = vec![text("host")], "actions[0].headers[0]", "only the host writes it"),
    ("a header twice", |m| action(m).headers = vec![text("x-a"), text("x-a")], "actions[0].headers[1]", "occurs twice"),
    ("129 headers", |m| action(m).headers = (0..129).map(|n| format!("x-{n}")).collect(), "actions[0].headers", "at most 128"),
    ("a GET with a body", |m| action(m).body = BodyMode::Json, "actions[0].body", "a GET carries no body"),
    ("a HEAD with a body", |m| {
        action(m).method = Method::Head;
        action(m).body = BodyMode::Text;
    }, "actions[0].body", "a HEAD carries no body"),
    ("a DELETE that says it reads", |m| action(m).method = Method::Delete, "actions[0].effect", "a DELETE changes something"),
    ("a PUT that says it reads", |m| action(m).method = Method::Put, "actions[0].effect", "a PUT changes something"),
    ("a PATCH that says it reads", |m| action(m).method = Method::Patch, "actions[0].effect", "a PATCH changes something"),
    ("a schema that is no JSON", |m| input(m, "{"), INPUT, "not strict JSON"),
    ("a schema with a key twice", |m| input(m, r#"{"type":"object","type":"array"}"#), INPUT, "occurs twice"),
    ("a schema that lets all pass", |m| input(m, "true"), INPUT, "expected a JSON object"),
    ("a schema from elsewhere", |m| {
        input(m, r#"{"properties":{"a":[{"$ref":"https://evil.example/s"}]}}"#);
    }, INPUT, "leaves the schema"),
    ("a schema from a file", |m| {
        input(m, r#"{"$dynamicRef":"file:///etc/passwd"}"#);
    }, INPUT, "leaves the schema"),
    ("an output schema that is no JSON", |m| action(m).output_schema = Some(text("x")), "actions[0].output-schema", "not strict JSON"),
    ("no examples", |m| action(m).examples.clear(), "actions[0].examples", "1 to 128 worked examples"),
    ("129 examples", |m| action(m).examples = vec![action(m).examples[0].clone(); 129], "actions[0].examples", "1 to 128 worked examples"),
    ("an example without a title", |m| action(m).examples[0].title.clear(), "actions[0].examples[0].title", "expected 1 to 200"),
    ("an example title of two lines", |m| action(m).examples[0].title = text("a\nb"), "actions[0].examples[0].title", "one line"),
];

fn many(actions: usize) -> ManifestDraft {
    let mut draft = manifest_draft();
    let first = draft.actions[0].clone();
    draft.actions = (0..actions).map(|n| ActionDraft { slug: format!("a{n}"), ..first.clone() }).collect();
    draft
}

#[test]
fn a_broken_manifest_is_refused_at_the_place_that_is_broken() {
    for (name, break_it, at, why) in RULES {
        let mut draft = manifest_draft();
        break_it(&mut draft);
        let problems = Manifest::check(draft).err().unwrap_or_else(|| panic!("{name}: passed"));
        let places: Vec<&str> = problems.iter().map(|p| p.at.as_str()).collect();
        assert_eq!(places, [*at], "{name}: {problems:?}");
        assert!(problems[0].what.contains(why), "{name}: {}", problems[0]);
        assert!(!problems[0].to_string().contains(char::is_control), "{name}: {:?}", problems[0]);
    }
}

#[test]
fn every_problem_is_named_at_once() {
    let mut draft = manifest_draft();
    draft.version = text("1");
    draft.port.label.clear();
    draft.actions[2].path = text("x");
    draft.actions[4].effect = Effect::Read;
    draft.actions[4].method = Method::Put;
    let problems = Manifest::check(draft).unwrap_err();
    let places: Vec<&str> = problems.iter().map(|p| p.at.as_str()).collect();
    assert_eq!(places, ["version", "port.label", "actions[2].path", "actions[4].effect"]);
}

#[test]
fn what_stays_within_the_rules_passes() {
    const FINE: &[fn(&mut ManifestDraft)] = &[
        |_| {},
        |m| m.version = text("0.0.0"),
        |m| m.version = text("1.20.3-rc.1+build.5"),
        |m| *m = many(512),
        |m| m.port.label = "é".repeat(80),
        |m| m.port.label = text("نماذج 模型 🦀"),
        |m| m.port.description = text("two\nlines"),
        |m| m.port.publisher.website_url = None,
        |m| m.port.publisher.website_url = Some(text("https://a.example/b?c=d#e")),
        |m| m.port.tags = vec![text("a"); 16],
        |m| m.port.tags.clear(),
        |m| m.port.auth = AuthDraft::None,
        |m| auth(m, "authorization", "Token "),
        |m| auth(m, "x-api-key", ""),
        |m| auth(m, "api_key", "key="),
        |m| action(m).description = text("two\nlines"),
        |m| action(m).query = (0..128).map(|n| format!("k{n}")).collect(),
        |m| action(m).method = Method::Post,
        |m| {
            action(m).input_schema =
                text(r##"{"$defs":{"a":{"type":"string"}},"properties":{"a":{"$ref":"#/$defs/a"}}}"##)
        },
        |m| action(m).output_schema = Some(text("{}")),
    ];
    for (index, change) in FINE.iter().enumerate() {
        let mut draft = manifest_draft();
        change(&mut draft);
        assert_eq!(Manifest::check(draft).err(), None, "{index}");
    }
}

#[test]
fn a_checked_manifest_says_what_the_draft_said() {
    let draft = manifest_draft();
    let manifest = Manifest::check(draft.clone()).unwrap();
    assert_eq!(manifest.version(), draft.version);
    assert_eq!(manifest.port().origin.to_string(), draft.port.origin);
    for (action, drafted) in manifest.actions().iter().zip(&draft.actions) {
        assert_eq!(
            (action.slug.as_str(), action.path.to_string(), action.method),
            (drafted.slug.as_str(), drafted.path.clone(), drafted.method)
        );
        let keys: Vec<&str> = action.query.iter().map(|k| k.as_str()).collect();
        let headers: Vec<&str> = action.headers.iter().map(DeclaredHeader::as_str).collect();
        assert_eq!(
            (keys, headers),
            (drafted.query.iter().map(String::as_str).collect(), drafted.headers.iter().map(String::as_str).collect())
        );
    }
    assert!(manifest.action(&"no-such".parse().unwrap()).is_none());
}

#[test]
fn a_name_is_a_slug_or_no_name() {
    let long = "a".repeat(63);
    for good in ["a", "mistral", "list-models", "v1", "a1-b2-c3", &long] {
        assert!(
            good.parse::<PortSlug>().is_ok() && good.parse::<ActionSlug>().is_ok() && good.parse::<AgentName>().is_ok(),
            "{good}"
        );
    }
    let longer = "a".repeat(64);
    for bad in [
        "",
        " ",
        "-",
        "1a",
        "-a",
        "a-",
        "a--b",
        "A",
        "aB",
        "a_b",
        "a.b",
        ".",
        "..",
        "a/b",
        "a\\b",
        "a b",
        " a",
        "a ",
        "a\n",
        "a\0",
        "é",
        "а",
        "a\u{200b}",
        "a:b",
        "a%20",
        &longer,
    ] {
        assert!(
            bad.parse::<PortSlug>().is_err() && bad.parse::<ActionSlug>().is_err() && bad.parse::<AgentName>().is_err(),
            "{bad:?}"
        );
        assert!(serde_json::from_value::<PortSlug>(bad.into()).is_err(), "{bad:?} read from a file");
        assert!(serde_json::from_value::<AgentName>(bad.into()).is_err(), "{bad:?} read from a file");
    }
}

#[test]
fn an_action_has_a_port_and_one_slash() {
    let id: ActionId = "things/list-things".parse().unwrap();
    assert_eq!(
        (id.port.as_str(), id.action.as_str(), id.to_string().as_str()),
        ("things", "list-things", "things/list-things")
    );
    for bad in ["", "things", "/", "things/", "/list", "a/b/c", "a//b", "things/../x", "Things/list", "things/list\n"] {
        assert!(bad.parse::<ActionId>().is_err() && serde_json::from_value::<ActionId>(bad.into()).is_err(), "{bad:?}");
    }
}

#[test]
fn a_digest_reads_back_or_is_no_digest() {
    let digest = Digest::of(b"");
    assert_eq!(digest.to_string(), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
    for bad in [
        "",
        "sha256:",
        "e3b0",
        "sha1:e3b0",
        &digest.to_string()[..70],
        &format!("{digest}0"),
        &digest.to_string().replace("sha256", "SHA256"),
    ] {
        assert!(bad.parse::<Digest>().is_err(), "{bad}");
    }
}
