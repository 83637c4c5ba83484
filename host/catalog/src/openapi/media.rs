//! Media types, as far as they matter here.

/// What a media type means for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// JSON, or anything, which JSON is too.
    Json,
    /// Text to read.
    Text,
    /// Items one after another, without an end that could be waited for.
    Stream,
    /// Anything else.
    Binary,
}

/// Types of application data that are text, besides the ones that say so by `+xml`.
const TEXT: [&str; 6] = [
    "application/xml",
    "application/yaml",
    "application/x-yaml",
    "application/javascript",
    "application/toml",
    "application/graphql",
];

/// Types of which a service sends one item after another.
const STREAMS: [&str; 8] = [
    "text/event-stream",
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/stream+json",
    "application/json-seq",
    "application/vnd.amazon.eventstream",
];

/// The type without its parameters, such as `charset`.
pub(super) fn essence(name: &str) -> &str {
    name.split(';').next().unwrap_or_default().trim()
}

/// Sorts a media type.
pub(super) fn kind(name: &str) -> Kind {
    let name = essence(name).to_ascii_lowercase();
    if STREAMS.contains(&name.as_str()) {
        Kind::Stream
    } else if is_json(&name) || name.ends_with("+json") {
        Kind::Json
    } else if name.starts_with("text/") || TEXT.contains(&name.as_str()) || name.ends_with("+xml") {
        Kind::Text
    } else {
        Kind::Binary
    }
}

/// Whether a body of type `application/json`, the only JSON that the host sends, is of this type.
pub(super) fn is_json(name: &str) -> bool {
    ["application/json", "application/*", "*/*"].iter().any(|json| essence(name).eq_ignore_ascii_case(json))
}

/// Whether it is a form of fields.
pub(super) fn is_form(name: &str) -> bool {
    essence(name).eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Whether it is a form of parts, such as files.
pub(super) fn is_multipart(name: &str) -> bool {
    essence(name).to_ascii_lowercase().starts_with("multipart/")
}
