//! Connectors: what there is, and how each is authorized.
//!
//! `fetch_user_data`, `fetch_customer_data` and `fetch_connection_secrets` are not declared, so the host lets no caller
//! use them: they put stored credentials into the answer.

use portcullis_plugin::{Action, Request, Route};

use super::EXAMPLE_ID;
use crate::capability::Capability;

pub(crate) const ALL: &[Capability] = &[
    Capability {
        slug: "list-connectors",
        // `active` is the one member of the API's `query_filters` object, which is spread over the query.
        route: Route::get("/v1/connectors").query(&["active", "cursor", "page_size"]),
        schema: include_str!("../../schemas/list-connectors.json"),
        declare: list_connectors,
    },
    Capability {
        slug: "get-connector",
        route: Route::get("/v1/connectors/{connector_id_or_name}"),
        schema: include_str!("../../schemas/get-connector.json"),
        declare: get_connector,
    },
    Capability {
        slug: "get-connector-authentication-methods",
        route: Route::get("/v1/connectors/{connector_id_or_name}/authentication_methods"),
        schema: include_str!("../../schemas/get-connector-authentication-methods.json"),
        declare: get_authentication_methods,
    },
    Capability {
        slug: "get-connector-auth-url",
        route: Route::get("/v1/connectors/{connector_id_or_name}/auth_url").query(&[
            "app_return_url",
            "method_type",
            "credentials_name",
            "credentials_title",
            "github_installation_link",
        ]),
        schema: include_str!("../../schemas/get-connector-auth-url.json"),
        declare: get_auth_url,
    },
];

fn list_connectors(action: Action) -> Action {
    action
        .label("List connectors")
        .description("The workspace's connectors, a page at a time. Never includes stored credentials.")
        .automatic()
        .example("The first page", "{}", Request::get(["v1", "connectors"]))
        .example(
            "The next page of active ones",
            r#"{"page_size": 20, "cursor": "b2Zmc2V0OjIw", "active": true}"#,
            Request::get(["v1", "connectors"])
                .query("active", true)
                .query("cursor", "b2Zmc2V0OjIw")
                .query("page_size", 20),
        )
}

fn get_connector(action: Action) -> Action {
    action
        .label("Get a connector")
        .description("One connector by UUID or name. Never includes stored credentials.")
        .automatic()
        .example("By name", r#"{"connector_id_or_name": "wiki"}"#, Request::get(["v1", "connectors", "wiki"]))
        .example(
            "By UUID",
            r#"{"connector_id_or_name": "5c3269fe-6a18-4216-b1fb-b093005874cd"}"#,
            Request::get(["v1", "connectors", EXAMPLE_ID]),
        )
}

fn get_authentication_methods(action: Action) -> Action {
    action
        .label("Get a connector's authentication methods")
        .description("How a connector can be authorized, and which headers that takes. Names only, no values.")
        .automatic()
        .example(
            "By name",
            r#"{"connector_id_or_name": "wiki"}"#,
            Request::get(["v1", "connectors", "wiki", "authentication_methods"]),
        )
}

/// Declared a write that a person approves, although it is a GET: it starts an authorization, and whoever holds the
/// answer chooses who is asked to consent and where the browser goes next.
fn get_auth_url(action: Action) -> Action {
    action
        .label("Get a connector's authorization URL")
        .description(
            "Starts an OAuth2 authorization of a connector and returns the address where a person consents. The \
             address is short-lived and is for that person only. Check `app_return_url` before approving.",
        )
        .write()
        .example(
            "The only method",
            r#"{"connector_id_or_name": "wiki"}"#,
            Request::get(["v1", "connectors", "wiki", "auth_url"]),
        )
        .example(
            "A GitHub App, named",
            r#"{
                "connector_id_or_name": "code",
                "app_return_url": "https://app.example.com/connected?from=mistral",
                "method_type": "oauth2",
                "credentials_name": "code-review",
                "credentials_title": "Code review",
                "github_installation_link": true
            }"#,
            Request::get(["v1", "connectors", "code", "auth_url"])
                .query("app_return_url", "https://app.example.com/connected?from=mistral")
                .query("method_type", "oauth2")
                .query("credentials_name", "code-review")
                .query("credentials_title", "Code review")
                .query("github_installation_link", true),
        )
}
