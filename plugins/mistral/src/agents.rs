//! Agents: which there are, their versions and aliases. A beta API.

use portcullis_plugin::{Action, Request, Route};

use crate::capability::Capability;

/// The agent that the worked examples speak of.
const EXAMPLE_ID: &str = "ag_019a2f6e5c4e7d3b8f10";

pub(crate) const ALL: &[Capability] = &[
    Capability {
        slug: "list-agents",
        route: Route::get("/v1/agents").query(&[
            "page",
            "page_size",
            "deployment_chat",
            "sources",
            "name",
            "search",
            "id",
            "metadata",
        ]),
        schema: include_str!("../schemas/list-agents.json"),
        declare: list_agents,
    },
    Capability {
        slug: "get-agent",
        route: Route::get("/v1/agents/{agent_id}").query(&["agent_version"]),
        schema: include_str!("../schemas/get-agent.json"),
        declare: get_agent,
    },
    Capability {
        slug: "list-agent-versions",
        route: Route::get("/v1/agents/{agent_id}/versions").query(&["page", "page_size"]),
        schema: include_str!("../schemas/list-agent-versions.json"),
        declare: list_versions,
    },
    Capability {
        slug: "list-agent-aliases",
        route: Route::get("/v1/agents/{agent_id}/aliases"),
        schema: include_str!("../schemas/list-agent-aliases.json"),
        declare: list_aliases,
    },
];

fn list_agents(action: Action) -> Action {
    action
        .label("List agents")
        .description(
            "The workspace's agents: model, instructions, tools and guardrails, a page at a time. Agents shared with \
             the caller by others are not listed.",
        )
        .automatic()
        .example("The first page", "{}", Request::get(["v1", "agents"]))
        .example(
            "Every filter",
            r#"{
                "page": 1,
                "page_size": 50,
                "deployment_chat": true,
                "sources": "api",
                "name": "Support",
                "search": "supp",
                "id": "ag_019a2f6e5c4e7d3b8f10",
                "metadata": {"team": "care"}
            }"#,
            Request::get(["v1", "agents"])
                .query("page", 1)
                .query("page_size", 50)
                .query("deployment_chat", true)
                .query("sources", "api")
                .query("name", "Support")
                .query("search", "supp")
                .query("id", EXAMPLE_ID)
                .query("metadata", r#"{"team":"care"}"#),
        )
}

fn get_agent(action: Action) -> Action {
    action
        .label("Get an agent")
        .description("One agent: model, instructions, tools and guardrails, in its latest or a given version.")
        .automatic()
        .example(
            "The latest version",
            r#"{"agent_id": "ag_019a2f6e5c4e7d3b8f10"}"#,
            Request::get(["v1", "agents", EXAMPLE_ID]),
        )
        .example(
            "A version by number",
            r#"{"agent_id": "ag_019a2f6e5c4e7d3b8f10", "agent_version": 3}"#,
            Request::get(["v1", "agents", EXAMPLE_ID]).query("agent_version", 3),
        )
        .example(
            "A version by alias",
            r#"{"agent_id": "ag_019a2f6e5c4e7d3b8f10", "agent_version": "production"}"#,
            Request::get(["v1", "agents", EXAMPLE_ID]).query("agent_version", "production"),
        )
}

fn list_versions(action: Action) -> Action {
    action
        .label("List an agent's versions")
        .description("Every version of one agent, each in full, a page at a time.")
        .automatic()
        .example(
            "The first page",
            r#"{"agent_id": "ag_019a2f6e5c4e7d3b8f10"}"#,
            Request::get(["v1", "agents", EXAMPLE_ID, "versions"]),
        )
        .example(
            "The second page of five",
            r#"{"agent_id": "ag_019a2f6e5c4e7d3b8f10", "page": 1, "page_size": 5}"#,
            Request::get(["v1", "agents", EXAMPLE_ID, "versions"]).query("page", 1).query("page_size", 5),
        )
}

fn list_aliases(action: Action) -> Action {
    action
        .label("List an agent's aliases")
        .description("Which version each alias of one agent, such as `production`, stands for.")
        .automatic()
        .example(
            "All of them",
            r#"{"agent_id": "ag_019a2f6e5c4e7d3b8f10"}"#,
            Request::get(["v1", "agents", EXAMPLE_ID, "aliases"]),
        )
}
