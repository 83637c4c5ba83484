//! Conversations: which there are. A beta API. What was said in them is not offered.

use portcullis_plugin::{Action, Request, Route};

use crate::capability::Capability;

pub(crate) const ALL: &[Capability] = &[Capability {
    slug: "list-conversations",
    route: Route::get("/v1/conversations").query(&["page", "page_size", "metadata"]),
    schema: include_str!("../schemas/list-conversations.json"),
    declare: list_conversations,
}];

fn list_conversations(action: Action) -> Action {
    action
        .label("List conversations")
        .description(
            "Conversations with models and agents, by time of creation, a page at a time: settings, not messages.",
        )
        .automatic()
        .example("The first page", "{}", Request::get(["v1", "conversations"]))
        .example(
            "The second page of one team's",
            r#"{"metadata": {"team": "care"}, "page": 1, "page_size": 10}"#,
            Request::get(["v1", "conversations"])
                .query("page", 1)
                .query("page_size", 10)
                .query("metadata", r#"{"team":"care"}"#),
        )
}
