//! What every page has around it, and how a page becomes an answer.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use portcullis_model::{Code, Refusal};

use super::super::problem::status;
use super::Desk;
use super::admit::Signed;
use crate::visible::Visible;

/// What the layout shows: who is signed in, where they are, and how much waits.
pub(super) struct Frame {
    pub(super) title: String,
    /// Which entry of the navigation this is.
    pub(super) here: &'static str,
    pub(super) who: String,
    pub(super) csrf: String,
    pub(super) waiting: usize,
    pub(super) now_ms: u64,
}

impl Frame {
    pub(super) fn new(desk: &Desk, signed: &Signed, here: &'static str, title: impl Into<String>) -> Self {
        let service = &desk.0.door.service;
        Self {
            title: title.into(),
            here,
            who: signed.operator.approver().to_string(),
            csrf: signed.csrf.clone(),
            waiting: service.waiting().borrow().len(),
            now_ms: service.now_ms(),
        }
    }
}

/// A page as an answer.
pub(super) fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        // Writing to memory does not fail; if it did, nothing half written goes out.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A refusal as a person reads it.
pub(super) struct Failure(pub(super) Refusal);

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage {
    status: u16,
    heading: String,
    message: Visible,
    fix: Option<Visible>,
    code: &'static str,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(refusal) = self;
        let status = status(refusal.code());
        let mut heading = refusal.code().as_str().replace('-', " ");
        if let Some(first) = heading.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let page = FailurePage {
            status: status.as_u16(),
            heading,
            message: Visible::line(refusal.message()),
            fix: refusal.way_out().map(Visible::line),
            code: refusal.code().as_str(),
        };
        let mut response = html(status, &page);
        if let Some(seconds) = refusal.retry_after_s() {
            response.headers_mut().insert(axum::http::header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// The refusal of a name in an address that cannot be one.
pub(super) fn nothing_here() -> Failure {
    Failure(Refusal::new(Code::NotFound, "there is no such page"))
}
