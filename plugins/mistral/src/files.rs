//! Uploaded files: which there are. Their contents are not offered.

use portcullis_plugin::{Action, Request, Route};

use crate::capability::Capability;

pub(crate) const ALL: &[Capability] = &[Capability {
    slug: "list-files",
    // The API takes lists for `sample_type`, `source` and `mimetypes` by repeating the key; a key may occur once here,
    // so each is a list of one.
    route: Route::get("/v1/files").query(&[
        "page",
        "page_size",
        "include_total",
        "sample_type",
        "source",
        "search",
        "purpose",
        "mimetypes",
    ]),
    schema: include_str!("../schemas/list-files.json"),
    declare: list_files,
}];

fn list_files(action: Action) -> Action {
    action
        .label("List files")
        .description("Names, sizes and purposes of the organization's files, a page at a time.")
        .automatic()
        .example("The first page", "{}", Request::get(["v1", "files"]))
        .example(
            "Every filter",
            r#"{
                "page": 1,
                "page_size": 50,
                "include_total": false,
                "sample_type": "batch_result",
                "source": "mistral",
                "search": "results",
                "purpose": "batch",
                "mimetypes": "application/jsonl"
            }"#,
            Request::get(["v1", "files"])
                .query("page", 1)
                .query("page_size", 50)
                .query("include_total", false)
                .query("sample_type", "batch_result")
                .query("source", "mistral")
                .query("search", "results")
                .query("purpose", "batch")
                .query("mimetypes", "application/jsonl"),
        )
}
