//! The document around the actions: what the description says of the service, as claims.

use portcullis_model::{FixedOrigin, PortSlug};
use serde_json::{Map, Value};

use super::names;
use super::remark::Remark;
use super::report::shown;
use super::security::Way;
use super::server::Server;
use super::words;
use crate::{ActionTemplate, Document, PortTemplate, Publisher};

/// What imported documents are filed under.
const CATEGORY: &str = "API";

/// Most tags of a document.
const MAX_TAGS: usize = 16;

/// What is known of the service.
pub(super) struct Service<'a> {
    /// The whole description.
    pub(super) root: &'a Value,
    pub(super) port: &'a PortSlug,
    pub(super) server: &'a Server,
    /// The credential, where there is one.
    pub(super) way: Option<&'a Way>,
    /// Tags of the operations, the most common first.
    pub(super) tags: Vec<String>,
}

/// Makes the document.
pub(super) fn document(
    service: Service<'_>,
    actions: Vec<ActionTemplate>,
    defs: Map<String, Value>,
    remarks: &mut Vec<Remark>,
) -> Document {
    let Service { root, port, server, way, tags } = service;
    let nothing = Value::Null;
    let info = root.get("info").unwrap_or(&nothing);
    let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let title = words::line(&text(info, "title"), 80).unwrap_or_else(|| port.to_string());
    let said = text(info, "description");
    let description = words::block(&said, 2_000);
    let summary = words::line(&text(info, "summary"), 200);
    let summary = summary.or_else(|| words::line(said.split("\n\n").next().unwrap_or_default(), 200));
    let contact = info.get("contact").unwrap_or(&nothing);
    Document {
        format_version: 1,
        kind: "dock_integration".to_owned(),
        slug: port.to_string(),
        summary: summary.unwrap_or_else(|| title.clone()),
        description: description.clone().unwrap_or_else(|| title.clone()),
        version: version(info.get("version"), remarks),
        publisher: publisher(contact, &title, port),
        category: CATEGORY.to_owned(),
        tags: tags.into_iter().take(MAX_TAGS).collect(),
        compatibility: None,
        required_plan: None,
        port_templates: vec![PortTemplate {
            kind: "http_api".to_owned(),
            label: title.clone(),
            description: words::block(&said, 1_000).unwrap_or_else(|| title.clone()),
            base_url: server.origin.clone(),
            auth_mode: if way.is_some() { "header_token" } else { "none" }.to_owned(),
            auth_header_name: way.map(|way| match way.carrier.header.as_str() {
                "authorization" => "Authorization".to_owned(),
                header => header.to_owned(),
            }),
            auth_token_prefix: way.and_then(|way| way.carrier.prefix).map(str::to_owned),
        }],
        title,
        action_templates: actions,
        help_text: way.and_then(|way| words::block(way.words.as_deref()?, 4_000)),
        component: None,
        defs,
    }
}

fn publisher(contact: &Value, title: &str, port: &PortSlug) -> Publisher {
    let text = |key: &str| contact.get(key).and_then(Value::as_str);
    let name = text("name").and_then(|name| words::line(name, 80)).unwrap_or_else(|| title.to_owned());
    let mut slug = names::words(&name).join("-");
    slug.truncate(63);
    let slug = slug.trim_end_matches('-').parse::<PortSlug>().unwrap_or_else(|_| port.clone());
    let website_url = text("url").filter(|url| is_plain_address(url)).map(str::to_owned);
    Publisher { slug: slug.to_string(), name, website_url }
}

/// An https address that has one spelling: a host, and a path of plain segments.
fn is_plain_address(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    let canonical =
        FixedOrigin::declared(&format!("https://{host}")).is_ok_and(|o| o.to_string() == format!("https://{host}"));
    url.len() <= 200 && canonical && path.bytes().all(plain) && !path.contains("/.")
}

/// Semantic Versioning 2.0.0 where the description's version is that, or a number or date that can be read so
/// (`v2`, `1.4`, `2022-11-28` as `2022.11.28`).
fn version(described: Option<&Value>, remarks: &mut Vec<Remark>) -> String {
    let text = match described {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let plain = text.trim().trim_start_matches(['v', 'V']);
    if is_version(plain) {
        return plain.to_owned();
    }
    let numbers: Option<Vec<u64>> = plain.split(['.', '-']).map(|part| part.parse().ok()).collect();
    let read = match numbers.as_deref() {
        Some([major]) => format!("{major}.0.0"),
        Some([major, minor]) => format!("{major}.{minor}.0"),
        Some([major, minor, patch]) => format!("{major}.{minor}.{patch}"),
        _ => "1.0.0".to_owned(),
    };
    remarks.push(Remark::Whole(format!("the version `{}` is written as `{read}`", shown(&text))));
    read
}

fn is_version(text: &str) -> bool {
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = core.split('.').collect();
    let number = |n: &&str| n.parse::<u64>().is_ok() && (*n == "0" || !n.starts_with('0')) && !n.starts_with('+');
    text.len() <= 64
        && numbers.len() == 3
        && numbers.iter().all(number)
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.+".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn versions_are_read_as_far_as_they_are_numbers() {
        for (described, expected, noted) in [
            (json!("1.2.3"), "1.2.3", false),
            (json!("v1.2.3-beta.1"), "1.2.3-beta.1", false),
            (json!("2022-11-28"), "2022.11.28", true),
            (json!("v2"), "2.0.0", true),
            (json!(1.1), "1.1.0", true),
            (json!("01.2.3"), "1.2.3", true),
            (json!("latest\u{202e}"), "1.0.0", true),
            (json!(null), "1.0.0", true),
        ] {
            let mut remarks = Vec::new();
            assert_eq!(version(Some(&described), &mut remarks), expected, "{described}");
            assert_eq!(!remarks.is_empty(), noted, "{described}");
        }
    }

    #[test]
    fn a_publisher_is_who_the_contact_names() {
        let port: PortSlug = "port".parse().unwrap();
        let made = publisher(&json!({"name": "ACME Inc.", "url": "https://acme.example/about"}), "T", &port);
        assert_eq!((made.slug.as_str(), made.name.as_str()), ("acme-inc", "ACME Inc."));
        assert_eq!(made.website_url.as_deref(), Some("https://acme.example/about"));
        assert_eq!(publisher(&json!(null), "42", &port).slug, "port");
        for url in [
            "http://acme.example",
            "https://a@b.example",
            "https://acme.example/../x",
            "https://acme.example/\u{202e}",
            "https://acme.example/a/./b",
            "https://ACME.example",
            "javascript:alert(1)",
        ] {
            assert_eq!(publisher(&json!({"url": url}), "T", &port).website_url, None, "{url}");
        }
    }
}
