//! What is refused, and what must pass.

use serde_json::{Value, json};

use super::scan;

fn places(value: &Value) -> Vec<String> {
    scan(value).into_problems().into_iter().map(|problem| problem.at).collect()
}

/// Credentials are put together here, so that no scanner of this repository takes them for real ones.
fn made(parts: &[&str]) -> String {
    parts.concat()
}

#[test]
fn a_value_that_looks_like_a_credential_is_found_wherever_it_stands() {
    let alnum = "a8Fk2Lm9Qx4Zt7Bv1Nc6Wd3Rs5Yh0Pj8Ge2Ui";
    for value in [
        made(&["sk", "-proj-", alnum]),
        made(&["sk", "-ant-api03-", alnum]),
        made(&["sk", "_live_", "51HxYzAbCdEfGh"]),
        made(&["rk", "_test_", "51HxYzAbCdEfGh"]),
        made(&["wh", "sec_", &alnum[..24]]),
        made(&["gh", "p_", &alnum[..36]]),
        made(&["github", "_pat_", "11AAAAAAA0abcdefghijklmnop"]),
        made(&["glp", "at-", "x1y2z3x1y2z3x1y2z3"]),
        made(&["xo", "xb-", "1234567890-abcdefghij"]),
        made(&["xap", "p-1-", "A012345678-abc"]),
        made(&["AK", "IA", "IOSFODNN7EXAMPL1"]),
        made(&["AI", "za", "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6"]),
        made(&["pc", "a_", &alnum[..32]]),
        made(&["use it as `gh", "p_", &alnum[..36], "` here"]),
        made(&["Bear", "er ", "abc123abc123abc123abc"]),
        made(&["authorization: bear", "er ", "abc123abc123abc123abc"]),
        made(&["Bas", "ic ", "dXNlcjpwYXNzd29yZDE="]),
        made(&["ey", "JhbGciOiJIUzI1NiJ9.", "eyJzdWIiOiIxMjM0In0.", "c2lnbmF0dXJl"]),
        made(&["-----BEGIN RSA PRIV", "ATE KEY-----\nMIIE"]),
        made(&["-----BEGIN OPENSSH PRIV", "ATE KEY-----"]),
        made(&["https://user:pass", "@api.example.com/v1"]),
        made(&["https://abc", "@api.example.com"]),
        made(&["https://api.example.com/v1?api_key=", "abc12345"]),
        made(&["https://hooks.sl", "ack.com/services/T00000000/B00000000/abc123abc123"]),
        alnum.to_owned(),
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c".to_owned(),
        "wJalrXUtnFEMI-K7MDENG-bPxRfiCYzExAmPlEkEy".to_owned(),
    ] {
        for document in [
            json!({"helpText": value}),
            json!({"actionTemplates": [{"example": {"body": {"text": value}}}]}),
            json!({"x-of-another-host": {"deep": [[value]]}}),
            json!({"$defs": {"a": {"default": value}}}),
        ] {
            assert_eq!(places(&document).len(), 1, "{document}");
        }
        let as_name = json!({"compatibility": {value.clone(): value}});
        let problems = scan(&as_name).into_problems();
        assert_eq!(problems.len(), 1, "{as_name}");
        assert_eq!(problems[0].at, "/compatibility", "the place does not say the name");
        assert!(!problems[0].what.contains(&value) && !problems[0].what.contains(&value[4..]));
    }
}

#[test]
fn a_value_under_a_name_of_credentials_is_found() {
    for (document, place) in [
        (json!({"portTemplates": [{"authToken": "x"}]}), "/portTemplates/0/authToken"),
        (json!({"apiKey": "x"}), "/apiKey"),
        (json!({"api_key": "x"}), "/api_key"),
        (json!({"x-goog-api-key": "x"}), "/x-goog-api-key"),
        (json!({"headers": {"Authorization": "x"}}), "/headers/Authorization"),
        (json!({"local": {"slackBotToken": "x"}}), "/local/slackBotToken"),
        (json!({"password": ["x"]}), "/password"),
        (json!({"clientSecret": "x"}), "/clientSecret"),
        (json!({"privateKey": "x"}), "/privateKey"),
        (json!({"example": {"body": {"token": "x"}}}), "/example/body/token"),
        (json!({"headers": [{"name": "X-Api-Key", "value": "x"}]}), "/headers/0/value"),
        (json!({"parameters": [{"name": "token", "default": "x"}]}), "/parameters/0/default"),
        (json!({"parameters": [{"name": "token", "schema": {"const": "x"}}]}), "/parameters/0/schema/const"),
        (json!({"properties": {"password": {"example": "x"}}}), "/properties/password/example"),
        (json!({"properties": {"password": {"anyOf": [{"default": "x"}]}}}), "/properties/password/anyOf/0/default"),
        (json!({"properties": {"password": "x"}}), "/properties/password"),
    ] {
        assert_eq!(places(&document), [place], "{document}");
    }
}

#[test]
fn ordinary_names_and_values_pass() {
    for document in [
        json!({"authHeaderName": "Authorization", "authTokenPrefix": "Bearer", "authMode": "header_token"}),
        json!({"parameters": [{"name": "token", "schema": {"type": "string"}, "description": "what it is"}]}),
        json!({"parameters": [{"name": "page_token", "default": "first"}]}),
        json!({"properties": {"token": {"type": "string", "title": "Token", "description": "a token"}}}),
        json!({"properties": {"auth": {"enum": ["none", "oauth2"]}, "password": {"enum": ["a", "b"]}}}),
        json!({"properties": {"password": true, "secret": {"$ref": "#/$defs/Secret"}}, "required": ["password"]}),
        json!({"dependentRequired": {"password": ["user"]}}),
        json!({"password": "", "token": null, "secret": 5, "max_tokens": "12"}),
        json!({"example": {"body": {"key": "value", "sort": "token", "tokens": 5}}}),
        json!({"helpText": "Create a bearer token in the console. It begins with sk- or ghp_ or xoxb- and is secret."}),
        json!({"helpText": "Sent as `Authorization: Bearer YOUR_API_KEY_GOES_HERE`; never as Basic authentication."}),
        json!({"helpText": "sk-your-own-key-goes-here-and-nowhere-else"}),
        json!({"description": "See https://docs.example.com/a?topic=tokens&key=2 or write to me@example.com."}),
        json!({"description": "https://medium.com/@someone and https://example.com/v1/users/@me"}),
        json!({"id": "5c3269fe-6a18-4216-b1fb-b093005874cd", "other": "5c3269fe6a184216b1fbb093005874cd"}),
        json!({"id": "batch_5c3269fe-6a18-4216-b1fb-b093005874cd-2", "many":
            "5c3269fe-6a18-4216-b1fb-b093005874cd_019a2f6e-5c4e-7d3b-8f10-aabbccddeeff"}),
        json!({"sha": "6dcb09b5b57875f334f61aebed695e2e4193db5e",
            "digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}),
        json!({"slug": "list-the-deployments-of-a-repository-in-an-environment-v2-2024-07-18"}),
        json!({"model": "ft:open-mistral-7b:587a6b29:20240514:7e773925", "m": "gpt-4o-mini-2024-07-18-realtime-preview"}),
        json!({"operation": "ListIssuesForRepositoryWithLabelsV2AndMilestonesAndPullRequests"}),
        json!({"id": "price_1MoBy5LkdIwHu7ixZhnattbH", "agent": "ag_019a2f6e5c4e7d3b8f10"}),
        json!({"pattern": "^[A-Za-z0-9_-]{1,64}a8Fk2Lm9Qx4Zt7Bv1Nc6Wd3Rs5Yh0Pj8Ge2Ui$"}),
        json!({"time": "2025-10-07T20:56:01.974Z", "long": "1".repeat(80), "line": "-".repeat(80), "a": "a".repeat(90)}),
        json!({"picture": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"}),
    ] {
        assert_eq!(places(&document), Vec::<String>::new(), "{document}");
    }
}

#[test]
fn a_long_text_is_looked_through_in_one_pass() {
    for piece in ["sk-", "sk-sk-1", "bearer ", "://", "eyJ", "eyJ.", "?token=", "a8Fk", "AKIA", "5c3269fe-6a18-"] {
        let text = piece.repeat((4 << 20) / piece.len());
        let began = std::time::Instant::now();
        scan(&Value::String(text));
        assert!(began.elapsed().as_secs() < 5, "{piece}: {:?}", began.elapsed());
    }
}
