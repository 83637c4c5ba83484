//! The service around the actions: its origin, its credential, its answers, its names.

use serde_json::{Value, json};

use super::{description, operation, text, value, wishes, with};
use crate::openapi::tests::Registry;
use crate::openapi::{Imported, Only, Wishes, import};

fn secured(schemes: Value, root: Value, operations: &[Value]) -> Imported {
    let mut paths = json!({});
    for (n, security) in operations.iter().enumerate() {
        let members = if security.is_null() { json!({}) } else { json!({"security": security}) };
        paths[format!("/p{n}")] = json!({"get": operation(members)});
    }
    let all = with(description("3.1.0", paths), json!({"components": {"securitySchemes": schemes}}));
    value(&if root.is_null() { all } else { with(all, json!({"security": root})) }).unwrap()
}

fn header(imported: &Imported) -> (String, Option<String>, Option<String>) {
    let port = imported.document.port_templates[0].clone();
    (port.auth_mode, port.auth_header_name, port.auth_token_prefix)
}

#[test]
fn the_credential_is_one_that_fits_into_one_header() {
    let bearer = json!({"type": "http", "scheme": "Bearer", "bearerFormat": "JWT"});
    let key = json!({"type": "apiKey", "in": "header", "name": "X-Api-Key"});
    let oauth = json!({"type": "oauth2", "flows": {}, "description": "Made at the console."});
    let token = |name: &str, prefix: Option<&str>| {
        ("header_token".to_owned(), Some(name.to_owned()), prefix.map(str::to_owned))
    };
    let one = |scheme: &Value| secured(json!({"s": scheme}), json!([{"s": []}]), &[Value::Null]);
    assert_eq!(header(&one(&bearer)), token("Authorization", Some("Bearer")));
    assert_eq!(header(&one(&key)), token("x-api-key", None));
    let by_oauth = one(&oauth);
    assert_eq!(header(&by_oauth), token("Authorization", Some("Bearer")));
    assert!(by_oauth.all_notes().contains("oauth2: a token is sent as it is stored"));
    assert_eq!(by_oauth.document.help_text.as_deref(), Some("Made at the console."));
    assert_eq!(
        header(&one(&json!({"type": "openIdConnect", "openIdConnectUrl": "x"}))),
        token("Authorization", Some("Bearer"))
    );
    let own = one(&json!({"type": "apiKey", "in": "header", "name": "Authorization"}));
    assert_eq!(header(&own), token("Authorization", None));
    assert!(own.all_notes().contains("store it with the word"));
    assert_eq!(header(&secured(json!({}), Value::Null, &[Value::Null])).0, "none");
    assert_eq!(header(&secured(json!({"s": bearer}), json!([{"s": []}]), &[json!([])])).0, "none");
}

#[test]
fn a_credential_that_cannot_be_said_leaves_out_the_operation() {
    let bearer = json!({"type": "http", "scheme": "bearer"});
    for (scheme, why) in [
        (json!({"type": "http", "scheme": "basic"}), "http `basic`"),
        (json!({"type": "http", "scheme": "digest"}), "http `digest`"),
        (json!({"type": "apiKey", "in": "query", "name": "key"}), "a key in the query"),
        (json!({"type": "apiKey", "in": "cookie", "name": "sid"}), "a key in the cookie"),
        (json!({"type": "apiKey", "in": "header", "name": "Host"}), "routes, frames or authenticates"),
        (json!({"type": "mutualTLS"}), "mutualTLS"),
        (Value::Null, "not described"),
        (json!({"$ref": "other.yaml#/x"}), "not described"),
    ] {
        let schemes = json!({"bad": scheme, "good": bearer});
        let imported = secured(
            schemes,
            json!([{"good": []}]),
            &[Value::Null, json!([{"bad": []}]), json!([{"bad": []}, {"good": []}])],
        );
        assert_eq!(imported.document.action_templates.len(), 2, "{scheme}");
        let told = imported.out();
        assert!(told.len() == 1 && told[0].starts_with("GET /p1: it asks for") && told[0].contains(why), "{told:?}");
    }
    let both = secured(
        json!({"a": bearer, "b": {"type": "apiKey", "in": "header", "name": "x-b"}}),
        Value::Null,
        &[json!([{"a": []}]), json!([{"a": [], "b": []}])],
    );
    assert_eq!(both.out(), ["GET /p1: it asks for 2 credentials at once"]);
}

#[test]
fn of_several_credentials_the_most_common_is_the_ports_and_the_others_are_said() {
    let schemes = json!({"user": {"type": "http", "scheme": "bearer"}, "admin": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "x-key"}});
    let imported = secured(
        schemes,
        json!([{"user": []}]),
        &[json!([{"admin": []}]), Value::Null, json!([{"key": []}]), Value::Null, json!([{}, {"key": []}])],
    );
    assert_eq!(header(&imported).1.as_deref(), Some("Authorization"));
    assert_eq!(
        imported.noted(),
        [
            "it asks for the credential `admin`, and the port has `user`",
            "it asks for the credential `key` in the header `x-key`, and the port has `user`"
        ]
    );
    let told = imported.told();
    assert_eq!(told.iter().filter(|t| t.operations.len() == 1).count(), 2);
}

fn answering(responses: Value) -> Result<String, String> {
    let paths = json!({"/a": {"get": {"responses": responses}}, "/b": {"get": operation(json!({}))}});
    let imported = value(&description("3.1.0", paths)).unwrap();
    match imported.out().first() {
        Some(out) => Err(out.clone()),
        None => Ok(imported.document.action_templates[0].result_mode.clone()),
    }
}

#[test]
fn an_answer_is_json_or_text_or_there_is_no_action() {
    let content = |types: &[&str]| json!({"200": {"content": types.iter().map(|t| ((*t).to_owned(), json!({}))).collect::<serde_json::Map<_, _>>()}});
    for (types, mode) in [
        (&["application/json"][..], "json_summary"),
        (&["application/json;charset=UTF-8"], "json_summary"),
        (&["application/problem+json"], "json_summary"),
        (&["image/png", "application/json"], "json_summary"),
        (&["*/*"], "json_summary"),
        (&["text/plain"], "text"),
        (&["application/xml", "image/png"], "text"),
        (&["text/csv", "text/event-stream"], "text"),
    ] {
        assert_eq!(answering(content(types)).as_deref(), Ok(mode), "{types:?}");
    }
    for (types, why) in [
        (&["text/event-stream"][..], "is a stream (`text/event-stream`)"),
        (&["application/x-ndjson"], "is a stream"),
        (&["application/octet-stream"], "neither JSON nor text"),
        (&["image/png", "text/event-stream"], "neither JSON nor text"),
    ] {
        assert!(answering(content(types)).unwrap_err().contains(why), "{types:?}");
    }
    assert_eq!(answering(json!({"204": {"description": "gone"}})).as_deref(), Ok("json_summary"));
    assert_eq!(answering(json!({"default": {"content": {"text/html": {}}}})).as_deref(), Ok("text"));
    assert_eq!(answering(json!({"400": {"content": {"image/png": {}}}})).as_deref(), Ok("json_summary"));
    assert_eq!(answering(json!({"2XX": {"content": {"text/html": {}}}})).as_deref(), Ok("text"));
    assert_eq!(answering(json!(null)).as_deref(), Ok("json_summary"));
    assert!(answering(json!({"200": {"$ref": "x.json"}})).unwrap_err().contains("leads out"));
}

#[test]
fn effects_follow_methods_and_only_reads_run_unattended() {
    let each: serde_json::Map<String, Value> = ["get", "head", "post", "put", "patch", "delete", "options", "trace"]
        .iter()
        .map(|method| ((*method).to_owned(), operation(json!({}))))
        .collect();
    let imported = value(&description("3.1.0", json!({"/a": each}))).unwrap();
    let manifest = imported.document.manifest().unwrap();
    let told: Vec<String> =
        manifest.actions.iter().map(|a| format!("{} {} {}", a.method, a.effect, a.approval)).collect();
    assert_eq!(
        told,
        [
            "GET read automatic",
            "PUT write require_approval",
            "POST write require_approval",
            "DELETE destructive require_approval",
            "HEAD read automatic",
            "PATCH write require_approval"
        ]
    );
    assert_eq!(
        imported.out(),
        ["OPTIONS /a: an action has no method OPTIONS", "TRACE /a: an action has no method TRACE"]
    );
    assert!(imported.all_notes().contains("promptBearing"));
}

#[test]
fn operations_at_another_origin_are_left_out() {
    let at = |url: &str| json!([{"url": url}]);
    let paths = json!({
        "/a": {"get": operation(json!({"servers": at("https://files.shop.example")}))},
        "/b": {"servers": at("https://files.shop.example"), "get": operation(json!({}))},
        "/c": {"servers": at("https://files.shop.example"), "get": operation(json!({"servers": at("https://api.shop.example/v2")}))},
        "/d": {"get": operation(json!({}))}});
    let servers = json!({"servers": [{"url": "https://api.shop.example/v1/"}]});
    let imported = value(&with(description("3.1.0", paths), servers)).unwrap();
    let paths: Vec<&str> = imported.document.action_templates.iter().map(|a| a.path.as_str()).collect();
    assert_eq!(paths, ["/v2/c", "/v1/d"]);
    assert_eq!(
        imported.out(),
        [
            "GET /a: it is at another origin: `https://files.shop.example`",
            "GET /b: it is at another origin: `https://files.shop.example`"
        ]
    );
}

#[test]
fn the_operator_may_name_the_server() {
    let paths = json!({"/a": {"get": operation(json!({}))}});
    let local = with(description("3.1.0", paths), json!({"servers": [{"url": "/api"}]})).to_string();
    let refusal = text(&local).unwrap_err();
    assert!(refusal.way_out().unwrap().contains("--server"));
    let named = Wishes { server: Some("https://api.shop.example/api".to_owned()), ..wishes() };
    let imported = import(&local, &named, &Registry).unwrap();
    assert_eq!(imported.document.port_templates[0].base_url, "https://api.shop.example");
    assert_eq!(imported.document.action_templates[0].path, "/api/a");
}

#[test]
fn only_what_is_wished_for_is_looked_at_and_keeps_its_name() {
    let bad = json!({"responses": {"200": {"content": {"image/png": {}}}}});
    let paths = json!({
        "/v1/a": {"get": operation(json!({"operationId": "list"})), "post": bad},
        "/v1/b": {"get": operation(json!({"operationId": "list"}))},
        "/v2/c": {"get": bad}});
    let all = description("3.1.0", paths).to_string();
    let only = |pattern: &str| import(&all, &Wishes { only: Some(Only::new(pattern)), ..wishes() }, &Registry);
    let names =
        |imported: &Imported| imported.document.action_templates.iter().map(|a| a.slug.clone()).collect::<Vec<_>>();
    let b = only("/v1/b").unwrap();
    assert_eq!((names(&b), b.operations, b.not_chosen, b.left_out.len()), (vec!["get-v1-b".to_owned()], 4, 3, 0));
    let by_name = only("list, get-*").unwrap();
    assert_eq!(names(&by_name), ["list", "get-v1-b"]);
    assert_eq!((by_name.not_chosen, by_name.left_out.len()), (1, 1));
    assert!(only("/v3/*").unwrap_err().way_out().unwrap().contains("--only"));
}

#[test]
fn more_actions_than_a_port_may_have_are_refused_with_the_way_out() {
    let mut paths = json!({});
    for n in 0..513 {
        paths[format!("/p{n}")] = json!({"get": operation(json!({}))});
    }
    let refusal = value(&description("3.1.0", paths.clone())).unwrap_err();
    assert!(refusal.message().contains("513") && refusal.way_out().unwrap().contains("--only"), "{refusal}");
    paths.as_object_mut().unwrap().shift_remove("/p0");
    assert_eq!(value(&description("3.1.0", paths)).unwrap().document.action_templates.len(), 512);
}

#[test]
fn a_manifest_larger_than_a_host_takes_is_refused_with_the_way_out() {
    let members: serde_json::Map<String, Value> =
        (0..1_500).map(|n| (format!("member{n}"), json!({"type": "string", "description": "d".repeat(100)}))).collect();
    let body =
        json!({"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/s"}}}});
    let mut paths = json!({});
    for n in 0..40 {
        paths[format!("/p{n}")] = json!({"post": operation(json!({"requestBody": body}))});
    }
    let components = json!({"components": {"schemas": {"s": {"type": "object", "properties": members}}}});
    let refusal = value(&with(description("3.1.0", paths), components)).unwrap_err();
    assert!(refusal.message().contains("4 MiB") && refusal.way_out().unwrap().contains("--only"), "{refusal}");
}

#[test]
fn other_versions_and_other_things_are_refused() {
    let paths = json!({"/a": {"get": operation(json!({}))}});
    for (all, why) in [
        (json!({"swagger": "2.0", "paths": paths}), "Swagger 2.0"),
        (with(description("3.2.0", paths.clone()), json!({})), "OpenAPI 3.2.0"),
        (with(description("4.0", paths.clone()), json!({})), "OpenAPI 4.0"),
        (json!({"title": "x"}), "does not say"),
        (
            with(
                description("3.1.0", paths.clone()),
                json!({"jsonSchemaDialect": "http://json-schema.org/draft-07/schema#"}),
            ),
            "draft-07",
        ),
        (description("3.1.0", json!({})), "nothing of the description"),
    ] {
        let refusal = value(&all).unwrap_err();
        assert!(refusal.message().contains(why), "{refusal}");
        assert!(refusal.way_out().is_some());
    }
    let unquoted = "openapi: 3.1\ninfo: {title: Shop, version: 1}\nservers: [{url: 'https://a.example'}]\npaths: {/a: {get: {responses: {200: {description: x}}}}}\n";
    assert_eq!(text(unquoted).unwrap().document.version, "1.0.0");
    let twice = r#"{"openapi": "3.1.0", "openapi": "3.0.0"}"#;
    assert!(text(twice).unwrap_err().message().contains("twice"));
    assert!(text("openapi: 3.1.0\nopenapi: 3.0.0\n").unwrap_err().message().contains("cannot be read"));
}

#[test]
fn a_document_says_who_and_what_by_the_descriptions_word() {
    let paths = json!({"/a": {"get": operation(json!({"tags": ["b", "a"]}))}, "/b": {"get": operation(json!({"tags": ["a"]}))}});
    let info = json!({"info": {"title": "Shop API", "version": "2.1.0", "description": "Sells *things*.\n\nAnd more.",
        "contact": {"name": "Shop Inc.", "url": "https://shop.example/docs"}}});
    let document = value(&with(description("3.1.0", paths), info)).unwrap().document;
    assert_eq!(
        (document.slug.as_str(), document.title.as_str(), document.version.as_str()),
        ("shop", "Shop API", "2.1.0")
    );
    assert_eq!((document.summary.as_str(), document.category.as_str()), ("Sells *things*.", "API"));
    assert_eq!(document.tags, ["a", "b"]);
    assert_eq!((document.publisher.slug.as_str(), document.publisher.name.as_str()), ("shop-inc", "Shop Inc."));
    assert_eq!(document.publisher.website_url.as_deref(), Some("https://shop.example/docs"));
    assert_eq!(document.action_templates[0].label, "Get a");
    assert_eq!(document.action_templates[0].description, "GET /a");
}
