//! The exact request, for a person to read before saying yes.
//!
//! Every header line and every byte of the body is shown or counted, and each line of the body is marked, so that no
//! body can pass for the host's own words. Only the credential's value is not shown: it is not known here.

use std::fmt;

use serde::Serialize;

use crate::{Digest, Line, RoutedRequest, Shown};

/// Bytes of a body shown unless the reader asks for all.
const BODY_LIMIT_BYTES: usize = 16 << 10;

/// Displays a request as it will stand on the wire.
#[derive(Debug, Clone, Copy)]
pub struct Preview<'a> {
    request: &'a RoutedRequest,
    body_limit_bytes: usize,
}

impl<'a> Preview<'a> {
    /// Shows at most 16 KiB of the body and counts the rest.
    #[must_use]
    pub fn new(request: &'a RoutedRequest) -> Self {
        Self { request, body_limit_bytes: BODY_LIMIT_BYTES }
    }

    /// Shows the whole body.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.body_limit_bytes = usize::MAX;
        self
    }

    /// The same facts as data, nothing cut.
    #[must_use]
    pub fn data(&self) -> PreviewData {
        let slot = self.request.binding().slot();
        PreviewData {
            method: self.request.method().as_str(),
            origin: self.request.binding().origin().to_string(),
            url: self.request.url().to_string(),
            headers: self
                .request
                .headers()
                .iter()
                .map(|h| (h.name.to_string(), value(&h.value, slot.as_str())))
                .collect(),
            body: self.request.body().map(|body| BodyData {
                content_type: body.content_type(),
                bytes: body.bytes().len(),
                digest: Digest::of(body.bytes()),
                text: String::from_utf8_lossy(body.bytes()).into_owned(),
            }),
        }
    }
}

/// A request as data.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field says what it is")]
pub struct PreviewData {
    pub method: &'static str,
    pub origin: String,
    pub url: String,
    /// Name and value in the order sent; the credential's value is a placeholder.
    pub headers: Vec<(String, String)>,
    pub body: Option<BodyData>,
}

/// A body as data.
#[derive(Debug, Clone, Serialize)]
#[expect(missing_docs, reason = "each field says what it is")]
pub struct BodyData {
    pub content_type: &'static str,
    pub bytes: usize,
    pub digest: Digest,
    pub text: String,
}

fn value(line: &Line, slot: &str) -> String {
    match line {
        // Every value that can get here is visible ASCII.
        Line::Sent(value) => String::from_utf8_lossy(value.as_bytes()).into_owned(),
        Line::Credential { prefix } => format!("{prefix}<credential `{slot}`>"),
    }
}

impl fmt::Display for Preview<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = self.request;
        let binding = request.binding();
        write!(f, "{} {}", request.method(), request.url())?;
        if binding.origin_overridden() {
            write!(f, "   (origin set by the operator)")?;
        }
        writeln!(f)?;
        for header in request.headers() {
            writeln!(f, "{}: {}", header.name, value(&header.value, binding.slot().as_str()))?;
        }
        let Some(body) = request.body() else { return write!(f, "\n(no body)") };
        let text = String::from_utf8_lossy(body.bytes());
        let (shown, hidden) = text.split_at(text.floor_char_boundary(self.body_limit_bytes));
        writeln!(f)?;
        for line in Shown::block(shown).to_string().split('\n') {
            writeln!(f, "| {line}")?;
        }
        write!(f, "\n(body: {} bytes, ", body.bytes().len())?;
        if !hidden.is_empty() {
            write!(f, "the last {} not shown, ", hidden.len())?;
        }
        write!(f, "{})", Digest::of(body.bytes()))
    }
}
