//! A connection to one service: as declared, and as checked.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::manifest::{Problems, line, prose};
use crate::{AuthHeader, FixedOrigin, PortSlug, Shown};

/// How the credential is attached, as declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthDraft {
    /// `authorization: Bearer …`.
    Bearer,
    /// Another header or prefix.
    Header {
        /// Header name.
        name: String,
        /// What stands before the credential.
        prefix: String,
    },
    /// No credential.
    None,
}

/// How the credential is attached, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auth {
    /// In this header.
    Header(AuthHeader),
    /// Not at all.
    None,
}

impl fmt::Display for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(header) => fmt::Display::fmt(header, f),
            Self::None => f.write_str("none"),
        }
    }
}

impl Serialize for Auth {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Who stands behind a plugin, by its own word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publisher {
    /// Short name.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// Home page.
    pub website_url: Option<String>,
}

/// A port as the plugin declares it, before any check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is documented in wit/portcullis.wit")]
pub struct PortDraft {
    pub slug: String,
    pub label: String,
    pub description: String,
    pub origin: String,
    pub auth: AuthDraft,
    pub category: String,
    pub tags: Vec<String>,
    pub publisher: Publisher,
}

/// A checked port.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "each field is documented in wit/portcullis.wit")]
pub struct Port {
    pub slug: PortSlug,
    pub label: String,
    pub description: String,
    pub origin: FixedOrigin,
    pub auth: Auth,
    pub category: String,
    pub tags: Vec<String>,
    pub publisher: Publisher,
}

/// The port under which the host's own tools stand, such as `portcullis__result`.
const RESERVED: &str = "portcullis";

impl Port {
    /// Checks a draft, collecting every problem.
    pub(crate) fn check(draft: PortDraft, problems: &mut Problems) -> Option<Self> {
        let before = problems.len();
        let slug = problems.keep("port.slug", draft.slug.parse::<PortSlug>());
        if draft.slug == RESERVED {
            problems.add("port.slug", format!("`{RESERVED}` is the host's own name"));
        }
        let origin = problems.keep("port.origin", FixedOrigin::declared(&draft.origin));
        let auth = match &draft.auth {
            AuthDraft::Bearer => Some(Auth::Header(AuthHeader::bearer())),
            AuthDraft::Header { name, prefix } => {
                problems.keep("port.auth", AuthHeader::parse(name, prefix)).map(Auth::Header)
            }
            AuthDraft::None => Some(Auth::None),
        };
        line(problems, "port.label", &draft.label, 80);
        prose(problems, "port.description", &draft.description, 1000);
        line(problems, "port.category", &draft.category, 40);
        line(problems, "port.publisher.name", &draft.publisher.name, 80);
        problems.keep("port.publisher.slug", draft.publisher.slug.parse::<PortSlug>());
        if let Some(url) = &draft.publisher.website_url
            && !home_page(url)
        {
            problems.add("port.publisher.website-url", format!("`{}` is not an https address", Shown::new(url)));
        }
        if draft.tags.len() > 16 {
            problems.add("port.tags", "expected at most 16 tags".to_owned());
        }
        for (index, tag) in draft.tags.iter().enumerate().take(17) {
            line(problems, &format!("port.tags[{index}]"), tag, 40);
        }
        if problems.len() > before {
            return None;
        }
        Some(Self {
            slug: slug?,
            label: draft.label,
            description: draft.description,
            origin: origin?,
            auth: auth?,
            category: draft.category,
            tags: draft.tags,
            publisher: draft.publisher,
        })
    }
}

/// The parser forgives controls, tabs and line feeds, which would act on a reviewer's terminal, and `https://good@evil`,
/// which would mislead: only the text it would have written itself is taken, give or take the last slash.
fn home_page(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else { return false };
    let as_written = url.as_str() == text || url.as_str().strip_suffix('/') == Some(text);
    as_written && url.scheme() == "https" && url.username().is_empty() && url.password().is_none() && text.len() <= 200
}
