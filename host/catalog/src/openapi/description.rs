//! The description itself: text to data, in bounds, and what its references lead to.
//!
//! JSON and YAML are read by their parsers; of the data, only what an action needs is looked at. The typed readers of
//! whole descriptions (`openapiv3` for 3.0, `oas3` for 3.1) each know one version, and refuse a whole description for one
//! place that is not by the book, of which published ones have many. Here such a place costs its own operation.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use portcullis_model::{Code, Refusal, Shown, parse_strict};
use serde_json::Value;

use super::reason::Reason;
use super::report::shown;

/// Longest text, in bytes. The largest descriptions in public (GitHub's, Microsoft Graph's parts) have about 12 MB.
pub const MAX_BYTES: usize = 16 << 20;

/// Most values; each takes some hundred bytes of memory once it is read.
const MAX_NODES: usize = 2_000_000;

/// Most values that YAML aliases may repeat.
const MAX_REPEATED: usize = 100_000;

/// Deepest nesting, as in all JSON here.
const MAX_DEPTH: usize = 64;

/// Longest reference in bytes. A longer one counts as one that leads out.
const MAX_REFERENCE_BYTES: usize = 4_000;

/// References that may lead to one another before something that is none.
const MAX_HOPS: usize = 16;

/// The dialects of schemas (OpenAPI 3.1.1, section 4.8.24.7; JSON Schema 2020-12, section 8.1.1).
const DIALECTS: [&str; 2] =
    ["https://spec.openapis.org/oas/3.1/dialect/base", "https://json-schema.org/draft/2020-12/schema"];

/// How schemas are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// OpenAPI 3.0: a dialect of its own.
    V30,
    /// OpenAPI 3.1: JSON Schema 2020-12.
    V31,
}

/// A description that has been read.
pub(super) struct Description {
    root: Value,
    dialect: Dialect,
}

impl Description {
    /// Reads a text.
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        if text.len() > MAX_BYTES {
            let megabytes = text.len() >> 20;
            return Err(Refusal::new(Code::BadDocument, format!("the description has {megabytes} MiB"))
                .fix(format!("expected at most {} MiB: take parts of it out that you do not need", MAX_BYTES >> 20)));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let root = if text.trim_start().starts_with('{') { json(text) } else { yaml(text) };
        let root = root.map_err(|why| {
            let why = Shown::new(&why).limit_bytes(300).to_string();
            Refusal::new(Code::BadDocument, format!("the description cannot be read: {why}"))
                .fix("expected an OpenAPI description, 3.0 or 3.1, as JSON or YAML")
        })?;
        let dialect = version(&root)?;
        Ok(Self { root, dialect })
    }

    /// All of it.
    pub(super) fn root(&self) -> &Value {
        &self.root
    }

    /// How its schemas are written.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// What a reference points to. Only a JSON Pointer (RFC 6901, section 6) into the description itself is followed.
    pub(super) fn target(&self, reference: &str) -> Result<&Value, Reason> {
        let Some(fragment) = reference.strip_prefix('#').filter(|_| reference.len() <= MAX_REFERENCE_BYTES) else {
            return Err(Reason::Reference(format!(
                "the reference `{}` leads out of the description, and nothing is fetched",
                shown(reference)
            )));
        };
        let pointer: Option<Cow<'_, str>> = percent_decode_str(fragment).decode_utf8().ok();
        pointer
            .and_then(|pointer| self.root.pointer(&pointer))
            .ok_or_else(|| Reason::Reference(format!("the reference `{}` leads nowhere", shown(reference))))
    }

    /// The value itself, or what it refers to.
    pub(super) fn resolve<'d>(&'d self, value: &'d Value) -> Result<&'d Value, Reason> {
        let mut value = value;
        for _ in 0..MAX_HOPS {
            match value.get("$ref").and_then(Value::as_str) {
                Some(reference) => value = self.target(reference)?,
                None => return Ok(value),
            }
        }
        let reference = value.get("$ref").and_then(Value::as_str).unwrap_or_default();
        Err(Reason::Reference(format!("the reference `{}` leads back to itself or too far", shown(reference))))
    }
}

fn json(text: &str) -> Result<Value, String> {
    // Never fewer than half of the values.
    let places = text.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
    if places > MAX_NODES {
        return Err(format!("it has more than {MAX_NODES} values"));
    }
    parse_strict(text).map_err(|error| error.to_string())
}

fn yaml(text: &str) -> Result<Value, String> {
    use serde_saphyr::options::NonFiniteFloatPolicy;
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 3 * MAX_NODES,
            max_nodes: MAX_NODES,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_documents: 1,
            max_anchors: 1_000,
            max_aliases: 10_000,
            max_recorded_anchor_events: MAX_NODES,
            max_merge_keys: 1_000,
            // Some tools write one anchor for what a thousand places share. What that may cost is bounded below.
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPEATED },
        // As YAML 1.2 has it: the country `no` is a word, and so is the version `007`.
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

fn version(root: &Value) -> Result<Dialect, Refusal> {
    let bad = |what: String, fix: &str| Err(Refusal::new(Code::BadDocument, what).fix(fix));
    if root.get("swagger").is_some() {
        return bad("it is a Swagger 2.0 description".to_owned(), "convert it to OpenAPI 3 first");
    }
    let dialect = match root.get("openapi") {
        // `openapi: 3.1` without quotes is a number in YAML.
        Some(version @ (Value::String(_) | Value::Number(_))) => {
            let text = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
            let numbers: Vec<&str> = text.split('.').take(2).collect();
            match numbers[..] {
                ["3", "0"] => Dialect::V30,
                ["3", "1"] => Dialect::V31,
                _ => {
                    let what = format!("it is an OpenAPI {} description", shown(&text));
                    return bad(what, "expected a description in OpenAPI 3.0 or 3.1");
                }
            }
        }
        _ => return bad("it does not say `openapi: …`".to_owned(), "expected an OpenAPI description, 3.0 or 3.1"),
    };
    match root.get("jsonSchemaDialect").and_then(Value::as_str) {
        Some(named) if !is_known_dialect(named) => {
            bad(format!("its schemas are in the dialect `{}`", shown(named)), "expected JSON Schema 2020-12")
        }
        _ => Ok(dialect),
    }
}

/// Whether a schema's dialect is one that is read here.
pub(super) fn is_known_dialect(named: &str) -> bool {
    DIALECTS.contains(&named.trim_end_matches('#'))
}
