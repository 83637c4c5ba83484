//! HTTP methods an action may use.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A request method (RFC 9110, section 9; `PATCH` is RFC 5789). The ones missing cannot be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Read.
    Get,
    /// Read the headers only.
    Head,
    /// Process.
    Post,
    /// Replace.
    Put,
    /// Change.
    Patch,
    /// Remove.
    Delete,
}

impl Method {
    /// The method's name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a body may go with it. A body on GET or HEAD has no defined meaning (RFC 9110, section 9.3.1).
    #[must_use]
    pub fn may_carry_body(self) -> bool {
        !matches!(self, Self::Get | Self::Head)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether frameworks take the method from a query key, form field, JSON member or header of this name: `_method`
/// (Rails, Laravel, Symfony), `_HttpMethod` (Salesforce), `$httpMethod` (Google), `x-http-method-override`. A plain
/// `method` is the name of a procedure in too many services to be refused.
pub(crate) fn overrides_method(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let marked = name.starts_with(|c: char| !c.is_ascii_alphanumeric());
    match plain.strip_prefix('x').unwrap_or(&plain) {
        "method" | "verb" => marked,
        "httpmethod" | "httpverb" | "methodoverride" | "httpmethodoverride" | "overridemethod" => true,
        _ => false,
    }
}
