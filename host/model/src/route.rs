//! The route check: a description becomes a request only if the plugin declared it.
//!
//! Pure. Does not resolve names, read credentials or ask anybody.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderName, HeaderValue};
use percent_encoding::utf8_percent_encode;
use url::Url;

use crate::body::WireBody;
use crate::refusal::{Code, Refusal};
use crate::segment::ENCODED;
use crate::{Auth, Binding, Description, Method, Shown, TemplateProblem};

/// Longest URL in bytes; servers commonly stop at 8 KiB (RFC 9110, section 4.1 asks for 8,000).
const MAX_URL_BYTES: usize = 8_000;

/// What the host says it is.
const AGENT: &str = concat!("portcullis/", env!("CARGO_PKG_VERSION"));

/// A request that its action declares, ready to be decided about. It names every header line that will be sent, in
/// order; only the credential's value is missing.
#[derive(Debug)]
pub struct RoutedRequest {
    binding: Arc<Binding>,
    description: Description,
    url: Url,
    headers: Vec<WireHeader>,
    body: Option<WireBody>,
}

/// One header line of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireHeader {
    /// Name in lower case.
    pub name: HeaderName,
    /// What follows it.
    pub value: Line,
}

/// The value of a header line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Sent as it is.
    Sent(HeaderValue),
    /// The credential, behind this prefix.
    Credential {
        /// With any space it needs.
        prefix: String,
    },
}

impl RoutedRequest {
    /// Checks a description against the action it was made for.
    ///
    /// # Errors
    /// `undeclared-route`, `bad-segment`, `forbidden-header` or `bad-body`.
    pub fn check(description: Description, binding: Arc<Binding>) -> Result<Self, Refusal> {
        let action = binding.action();
        if description.method != action.method {
            return Err(Refusal::new(
                Code::UndeclaredRoute,
                format!(
                    "the plugin described a {}, but `{}` declares {}",
                    description.method,
                    binding.id(),
                    action.method
                ),
            ));
        }
        let path = action.path.fill(&description.path).map_err(|problem| match problem {
            TemplateProblem::Segment(problem) => Refusal::new(Code::BadSegment, problem.to_string()),
            other => Refusal::new(Code::UndeclaredRoute, other.to_string()),
        })?;
        let query = query(&description, &binding)?;
        let declared = declared_headers(&description, &binding)?;
        let body = WireBody::check(description.body.clone(), action.body)
            .map_err(|problem| Refusal::new(Code::BadBody, problem.to_string()))?;
        let url = build_url(&binding, &path, query.as_deref())?;
        let headers = all_headers(&binding, declared, body.as_ref());
        Ok(Self { binding, description, url, headers, body })
    }

    /// What the request is bound to.
    #[must_use]
    pub fn binding(&self) -> &Arc<Binding> {
        &self.binding
    }

    /// The description it came from; checking it again gives the same request.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// Request method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.binding.action().method
    }

    /// The whole URL, without fragment.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Path as sent.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// Query as sent, without `?`.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.url.query()
    }

    /// Every header line, in the order sent.
    #[must_use]
    pub fn headers(&self) -> &[WireHeader] {
        &self.headers
    }

    /// Body as sent.
    #[must_use]
    pub fn body(&self) -> Option<&WireBody> {
        self.body.as_ref()
    }

    /// Path and query as they stand in the request line (RFC 9112, section 3.2.1).
    #[must_use]
    pub fn target(&self) -> String {
        match self.query() {
            Some(query) => format!("{}?{query}", self.path()),
            None => self.path().to_owned(),
        }
    }
}

fn query(description: &Description, binding: &Binding) -> Result<Option<String>, Refusal> {
    let mut seen = BTreeSet::new();
    let mut pairs = Vec::new();
    for (key, value) in &description.query {
        if !binding.action().query.iter().any(|k| k.as_str() == key) {
            let what = format!("query key `{}` is not declared by `{}`", Shown::new(key), binding.id());
            return Err(Refusal::new(Code::UndeclaredRoute, what));
        }
        if !seen.insert(key) {
            return Err(Refusal::new(Code::UndeclaredRoute, format!("query key `{}` occurs twice", Shown::new(key))));
        }
        pairs.push(format!("{}={}", utf8_percent_encode(key, ENCODED), utf8_percent_encode(value, ENCODED)));
    }
    Ok((!pairs.is_empty()).then(|| pairs.join("&")))
}

fn declared_headers(description: &Description, binding: &Binding) -> Result<Vec<WireHeader>, Refusal> {
    let mut headers: Vec<WireHeader> = Vec::new();
    for (name, value) in &description.headers {
        let Some(declared) = binding.action().headers.iter().find(|h| h.as_str() == name) else {
            let what = format!("header `{}` is not declared by `{}`", Shown::new(name), binding.id());
            return Err(Refusal::new(Code::ForbiddenHeader, what));
        };
        if headers.iter().any(|h| h.name == declared.name()) {
            return Err(Refusal::new(Code::ForbiddenHeader, format!("header `{name}` occurs twice")));
        }
        let value =
            declared.value(value).map_err(|problem| Refusal::new(Code::ForbiddenHeader, problem.to_string()))?;
        headers.push(WireHeader { name: declared.name().clone(), value: Line::Sent(value) });
    }
    Ok(headers)
}

/// Builds the URL and then looks at what was built: whatever the parser made of it must be what was meant.
fn build_url(binding: &Binding, path: &str, query: Option<&str>) -> Result<Url, Refusal> {
    let origin = binding.origin();
    let mut text = format!("{origin}{path}");
    if let Some(query) = query {
        text.push('?');
        text.push_str(query);
    }
    if text.len() > MAX_URL_BYTES {
        let what = format!("the URL has {} bytes, expected at most {MAX_URL_BYTES}", text.len());
        return Err(Refusal::new(Code::UndeclaredRoute, what));
    }
    let moved = || Refusal::new(Code::UndeclaredRoute, format!("the URL left `{origin}` or changed on being built"));
    let url = Url::parse(&text).map_err(|_| moved())?;
    if !origin.covers(&url) || url.path() != path || url.query() != query || url.fragment().is_some() {
        return Err(moved());
    }
    Ok(url)
}

fn all_headers(binding: &Binding, declared: Vec<WireHeader>, body: Option<&WireBody>) -> Vec<WireHeader> {
    let sent = |name: HeaderName, value: &str| {
        HeaderValue::from_str(value).ok().map(|value| WireHeader { name, value: Line::Sent(value) })
    };
    let mut headers = Vec::new();
    headers.extend(sent(HOST, &binding.origin().authority()));
    headers.extend(sent(USER_AGENT, AGENT));
    if !declared.iter().any(|h| h.name == ACCEPT) {
        headers.extend(sent(ACCEPT, "application/json"));
    }
    headers.extend(sent(ACCEPT_ENCODING, "identity"));
    headers.extend(declared);
    match body {
        Some(body) => {
            headers.extend(sent(CONTENT_TYPE, body.content_type()));
            headers.extend(sent(CONTENT_LENGTH, &body.bytes().len().to_string()));
        }
        // A method that defines a body but sends none says so (RFC 9110, section 8.6).
        None if matches!(binding.action().method, Method::Post | Method::Put | Method::Patch) => {
            headers.extend(sent(CONTENT_LENGTH, "0"));
        }
        None => {}
    }
    if let Auth::Header(auth) = binding.auth() {
        headers.push(WireHeader {
            name: auth.name().clone(),
            value: Line::Credential { prefix: auth.prefix().to_owned() },
        });
    }
    headers
}
