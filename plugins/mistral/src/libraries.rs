//! Document libraries: which there are, and what is in them. A beta API.

use portcullis_plugin::{Action, Request, Route};

use crate::capability::Capability;

/// The library that the worked examples speak of.
const EXAMPLE_ID: &str = "0d5b4c1e-93a7-4f0e-9c55-2f6a7c0e8b11";

pub(crate) const ALL: &[Capability] = &[
    Capability {
        slug: "list-libraries",
        route: Route::get("/v1/libraries").query(&["page_size", "page_token", "search"]),
        schema: include_str!("../schemas/list-libraries.json"),
        declare: list_libraries,
    },
    Capability {
        slug: "list-library-documents",
        route: Route::get("/v1/libraries/{library_id}/documents").query(&[
            "search",
            "page_size",
            "page",
            "sort_by",
            "sort_order",
        ]),
        schema: include_str!("../schemas/list-library-documents.json"),
        declare: list_documents,
    },
];

fn list_libraries(action: Action) -> Action {
    action
        .label("List libraries")
        .description("Document libraries the account made or was given access to, a page at a time.")
        .automatic()
        .example("The first page", "{}", Request::get(["v1", "libraries"]))
        .example(
            "The next page of a search",
            r#"{"page_size": 10, "page_token": "eyJvIjoxMH0", "search": "handbook"}"#,
            Request::get(["v1", "libraries"])
                .query("page_size", 10)
                .query("page_token", "eyJvIjoxMH0")
                .query("search", "handbook"),
        )
}

fn list_documents(action: Action) -> Action {
    action
        .label("List a library's documents")
        .description("Names, sizes, summaries and processing states of one library's documents, a page at a time.")
        .automatic()
        .example(
            "The first page",
            r#"{"library_id": "0d5b4c1e-93a7-4f0e-9c55-2f6a7c0e8b11"}"#,
            Request::get(["v1", "libraries", EXAMPLE_ID, "documents"]),
        )
        .example(
            "A search, oldest first",
            r#"{
                "library_id": "0d5b4c1e-93a7-4f0e-9c55-2f6a7c0e8b11",
                "page": 1,
                "page_size": 10,
                "search": "leave",
                "sort_by": "created_at",
                "sort_order": "asc"
            }"#,
            Request::get(["v1", "libraries", EXAMPLE_ID, "documents"])
                .query("search", "leave")
                .query("page_size", 10)
                .query("page", 1)
                .query("sort_by", "created_at")
                .query("sort_order", "asc"),
        )
}
