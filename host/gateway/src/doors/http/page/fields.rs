//! What a form of the page sends: named texts, each there once, within bounds. A field that a form does not have is
//! refused, so that nothing is sent along that nobody reads.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::http::header::{self, HeaderMap};
use portcullis_model::{Code, Refusal};
use url::form_urlencoded;

use super::super::body::{BodyLimits, bytes};
use super::super::guard::single;

/// Largest form, in bytes: no field of ours is longer than a page of text.
const MOST_BYTES: usize = 16 << 10;

/// The fields that were sent.
#[derive(Clone)]
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Reads a form's body.
    ///
    /// # Errors
    /// `unsupported-media-type`, `request-too-large`, `request-timeout`, `bad-request`.
    pub(super) async fn read(headers: &HeaderMap, body: Body, limits: BodyLimits) -> Result<Self, Refusal> {
        let is_form = single(headers, &header::CONTENT_TYPE).is_some_and(|kind| {
            kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
        if !is_form {
            let what = "expected exactly one content-type header, and in it application/x-www-form-urlencoded";
            return Err(Refusal::new(Code::UnsupportedMediaType, what).fix("use the page's own form"));
        }
        Self::parse(&bytes(body, BodyLimits { bytes: MOST_BYTES, ..limits }).await?)
    }

    fn parse(bytes: &Bytes) -> Result<Self, Refusal> {
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(bytes) {
            if fields.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(unfit("a field of the form is there twice"));
            }
        }
        Ok(Self(fields))
    }

    /// The text of a field, which is then not there any more; empty where it was not sent.
    pub(super) fn take(&mut self, name: &str) -> String {
        self.0.remove(name).unwrap_or_default()
    }

    /// What follows a prefix in the names of the fields that begin with it, such as boxes that were checked.
    pub(super) fn take_all(&mut self, prefix: &str) -> Vec<String> {
        let names: Vec<String> = self.0.keys().filter(|name| name.starts_with(prefix)).cloned().collect();
        names.iter().filter_map(|name| self.0.remove_entry(name)?.0.strip_prefix(prefix).map(str::to_owned)).collect()
    }

    /// That every field was taken.
    ///
    /// # Errors
    /// `bad-request`.
    pub(super) fn end(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(unfit("the form has a field that is not of this page")) }
    }
}

/// The refusal of a form that the page did not make.
pub(super) fn unfit(what: &str) -> Refusal {
    Refusal::new(Code::BadRequest, what).fix("reload the page and use its own form")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_there_once_and_known_or_the_form_is_refused() {
        let parse = |text: &'static str| Fields::parse(&Bytes::from_static(text.as_bytes()));
        let mut fields = parse("a=1+2%26&b=").unwrap();
        assert_eq!((fields.take("a").as_str(), fields.take("b").as_str(), fields.take("c").as_str()), ("1 2&", "", ""));
        assert!(fields.end().is_ok());
        assert!(parse("a=1&a=1").is_err());
        assert!(parse("x=1").unwrap().end().is_err());
    }
}
