//! Connectors: made, changed, removed.
//!
//! Client secrets, header values and connection secrets are not declared. They would pass through an agent and lie in
//! the approval and audit records, so they are given to Mistral directly.

use portcullis_plugin::{Action, Request, Route};

use super::EXAMPLE_ID;
use crate::capability::Capability;

pub(crate) const ALL: &[Capability] = &[
    Capability {
        slug: "create-connector",
        route: Route::post("/v1/connectors").json(&[
            "name",
            "title",
            "description",
            "icon_url",
            "visibility",
            "server",
            "auth_data",
            "oauth2_server_metadata_url",
            "system_prompt",
        ]),
        schema: include_str!("../../schemas/create-connector.json"),
        declare: create_connector,
    },
    Capability {
        slug: "update-connector",
        route: Route::patch("/v1/connectors/{connector_id}").json(&[
            "title",
            "name",
            "description",
            "icon_url",
            "system_prompt",
            "server",
            "auth_methods",
        ]),
        schema: include_str!("../../schemas/update-connector.json"),
        declare: update_connector,
    },
    Capability {
        slug: "delete-connector",
        route: Route::delete("/v1/connectors/{connector_id}"),
        schema: include_str!("../../schemas/delete-connector.json"),
        declare: delete_connector,
    },
];

fn create_connector(action: Action) -> Action {
    action
        .label("Create a connector")
        .description(
            "Adds an MCP server that models of the workspace may then call. Its description and system prompt are read \
             by models. Takes no secrets: those are given to Mistral directly.",
        )
        .write()
        .prompt_bearing()
        .example("A private one", PRIVATE, Request::post(["v1", "connectors"]).json(PRIVATE))
        .example("A shared one, every setting", SHARED, Request::post(["v1", "connectors"]).json(SHARED))
}

// Everything is in the body, and these are written in the route's order: each input is its own expected body.

const PRIVATE: &str = r#"{
  "name": "wiki",
  "description": "Searches the team wiki.",
  "server": "https://mcp.example.com/wiki"
}"#;

const SHARED: &str = r#"{
  "name": "wiki",
  "title": "Team wiki",
  "description": "Searches the team wiki.",
  "icon_url": "https://example.com/wiki.png",
  "visibility": "shared_workspace",
  "server": "https://mcp.example.com/wiki",
  "auth_data": {"client_id": "portcullis"},
  "oauth2_server_metadata_url": "https://login.example.com/.well-known/oauth-authorization-server",
  "system_prompt": "Prefer pages changed this year."
}"#;

fn update_connector(action: Action) -> Action {
    action
        .label("Update a connector")
        .description(
            "Changes what is given and leaves the rest. A new `server` gets every later tool call, with the credentials \
             stored for the connector: check it before approving. Takes no secrets.",
        )
        .write()
        .prompt_bearing()
        .example(
            "A new description",
            r#"{"connector_id": "5c3269fe-6a18-4216-b1fb-b093005874cd", "description": "Searches every wiki."}"#,
            Request::patch(["v1", "connectors", EXAMPLE_ID]).json(r#"{"description": "Searches every wiki."}"#),
        )
        .example("Every setting", CHANGES, Request::patch(["v1", "connectors", EXAMPLE_ID]).json(CHANGED))
}

const CHANGES: &str = r#"{
  "name": "all-wikis",
  "title": "All wikis",
  "description": "Searches every wiki.",
  "icon_url": "https://example.com/wikis.png",
  "server": "https://mcp.example.com/wikis",
  "system_prompt": "Say which team a page is from.",
  "auth_methods": [{"method_type": "bearer", "headers": [{"name": "X-Team", "is_required": true, "is_secret": false}]}],
  "connector_id": "5c3269fe-6a18-4216-b1fb-b093005874cd"
}"#;

const CHANGED: &str = r#"{
  "title": "All wikis",
  "name": "all-wikis",
  "description": "Searches every wiki.",
  "icon_url": "https://example.com/wikis.png",
  "system_prompt": "Say which team a page is from.",
  "server": "https://mcp.example.com/wikis",
  "auth_methods": [{"method_type": "bearer", "headers": [{"name": "X-Team", "is_required": true, "is_secret": false}]}]
}"#;

fn delete_connector(action: Action) -> Action {
    action
        .label("Delete a connector")
        .description("Removes a connector for everyone who uses it. Cannot be undone.")
        .destructive()
        .example(
            "By UUID",
            r#"{"connector_id": "5c3269fe-6a18-4216-b1fb-b093005874cd"}"#,
            Request::delete(["v1", "connectors", EXAMPLE_ID]),
        )
}
