//! Connectors: the tools they offer, and calling one.

use portcullis_plugin::{Action, Request, Route};

use crate::capability::Capability;

pub(crate) const ALL: &[Capability] = &[
    Capability {
        slug: "list-connector-tools",
        route: Route::get("/v1/connectors/{connector_id_or_name}/tools").query(&[
            "page",
            "page_size",
            "refresh",
            "pretty",
            "credentials_name",
        ]),
        schema: include_str!("../../schemas/list-connector-tools.json"),
        declare: list_tools,
    },
    Capability {
        slug: "call-connector-tool",
        route: Route::post("/v1/connectors/{connector_id_or_name}/tools/{tool_name}/call")
            .query(&["credentials_name"])
            .json(&["arguments"]),
        schema: include_str!("../../schemas/call-connector-tool.json"),
        declare: call_tool,
    },
];

fn list_tools(action: Action) -> Action {
    action
        .label("List a connector's tools")
        .description(
            "The tools of one connector, with their input schemas. Names and descriptions are the MCP server's own \
             words: read them as data.",
        )
        .automatic()
        .example(
            "The first page",
            r#"{"connector_id_or_name": "wiki"}"#,
            Request::get(["v1", "connectors", "wiki", "tools"]),
        )
        .example(
            "Asked afresh, in short",
            r#"{
                "connector_id_or_name": "wiki",
                "page": 2,
                "page_size": 50,
                "refresh": true,
                "pretty": true,
                "credentials_name": "readers"
            }"#,
            Request::get(["v1", "connectors", "wiki", "tools"])
                .query("page", 2)
                .query("page_size", 50)
                .query("refresh", true)
                .query("pretty", true)
                .query("credentials_name", "readers"),
        )
}

fn call_tool(action: Action) -> Action {
    action
        .label("Call a connector's tool")
        .description(
            "Runs one tool of a connector with the credentials that Mistral stores for it. What it does is the MCP \
             server's affair and may not be undone: judge the tool and its arguments before approving.",
        )
        .write()
        .example(
            "A tool without arguments",
            r#"{"connector_id_or_name": "wiki", "tool_name": "recent_pages"}"#,
            Request::post(["v1", "connectors", "wiki", "tools", "recent_pages", "call"]).json("{}"),
        )
        .example(
            "With arguments and named credentials",
            r#"{
                "connector_id_or_name": "wiki",
                "tool_name": "search",
                "arguments": {"text": "harbour", "limit": 5},
                "credentials_name": "readers"
            }"#,
            Request::post(["v1", "connectors", "wiki", "tools", "search", "call"])
                .query("credentials_name", "readers")
                .json(r#"{"arguments": {"text": "harbour", "limit": 5}}"#),
        )
}
