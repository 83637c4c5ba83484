//! A request's body, to be read: laid out for people, and exactly as it would be sent.
//!
//! Both show the same and neither stands for more than it shows: where one is cut, it says of how much.

use portcullis_model::{Body, RoutedRequest};
use serde_json::Value;

use super::when::count;
use crate::pretty::pretty;
use crate::visible::Visible;

/// Bytes of a body that are shown in either way; the rest is a download away.
pub(super) const SHOWN_BYTES: usize = 64 << 10;

/// A body in both ways.
pub(super) struct Content {
    pub(super) content_type: &'static str,
    pub(super) bytes: String,
    pub(super) digest: String,
    /// Laid out; none where the exact text is all there is.
    pub(super) readable: Option<Part>,
    pub(super) exact: Part,
}

/// As much of it as is shown.
pub(super) struct Part {
    pub(super) text: Visible,
    /// How many bytes of how many, where not all are shown.
    pub(super) cut: Option<String>,
}

impl Content {
    /// The body of a request, if it has one.
    pub(super) fn of(request: &RoutedRequest) -> Option<Self> {
        let body = request.body()?;
        let text = String::from_utf8_lossy(body.bytes());
        let exact = &text[..text.floor_char_boundary(SHOWN_BYTES)];
        Some(Self {
            content_type: body.content_type(),
            bytes: count(body.bytes().len()),
            digest: portcullis_model::Digest::of(body.bytes()).to_string(),
            readable: readable(request, SHOWN_BYTES).map(|(laid_out, used)| Part::new(&laid_out, used, text.len())),
            exact: Part::new(exact, exact.len(), text.len()),
        })
    }
}

impl Part {
    fn new(text: &str, used: usize, all: usize) -> Self {
        let cut = (used < all).then(|| format!("{} of {} bytes shown", count(used), count(all)));
        Self { text: Visible::block(text), cut }
    }
}

/// A body laid out, and how many of its bytes that is.
pub(super) fn readable(request: &RoutedRequest, limit_bytes: usize) -> Option<(String, usize)> {
    match request.description().body.as_ref()? {
        Body::Json(json) => Some(pretty(json, limit_bytes)),
        Body::Form(fields) => {
            let whole = request.body().map_or(0, |body| body.bytes().len());
            let mut out = String::new();
            for (name, value) in fields {
                // As JSON strings, so that each is on one line and ends where it seems to.
                out.push_str(&format!("{} = {}\n", Value::from(name.as_str()), Value::from(value.as_str())));
                if out.len() > limit_bytes {
                    // How far that is in the encoded text is not known; the exact view counts.
                    return None;
                }
            }
            Some((out, whole))
        }
        Body::Text(_) => None,
    }
}
