//! A refusal as HTTP says it: a status and a problem document (RFC 9457).
//!
//! The code is what clients branch on; the status is for whatever stands between.

use axum::http::StatusCode;
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Response};
use portcullis_model::{Code, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a problem document.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Before the code: where the meaning of `type` is kept is the code itself, not a page.
const TYPE_PREFIX: &str = "urn:portcullis:refusal:";

/// One place at fault.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Place {
    /// JSON Pointer (RFC 6901) into what was sent.
    pointer: String,
    /// What is wrong there.
    detail: String,
}

/// Why a request was refused (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// `urn:portcullis:refusal:` and the code.
    #[serde(rename = "type")]
    #[schema(pattern = "^urn:portcullis:refusal:[a-z-]+$")]
    kind: String,
    /// The code in words.
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened this time.
    detail: String,
    /// The stable code, for programs.
    #[schema(pattern = "^[a-z-]+$")]
    code: &'static str,
    /// The room that said no.
    #[schema(pattern = "^[a-z-]+$")]
    room: &'static str,
    /// What to do next, where there is something.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
    /// Places at fault in what was sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Place>,
    #[serde(skip)]
    retry_after_s: Option<u64>,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let code = refusal.code();
        let place =
            |detail: &portcullis_model::Detail| Place { pointer: detail.at.clone(), detail: detail.what.clone() };
        Self {
            kind: format!("{TYPE_PREFIX}{code}"),
            title: code.as_str().replace('-', " "),
            status: status(code).as_u16(),
            detail: refusal.message().to_owned(),
            code: code.as_str(),
            room: code.room().as_str(),
            fix: refusal.way_out().map(str::to_owned),
            errors: refusal.places().iter().map(place).collect(),
            retry_after_s: refusal.retry_after_s(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Strings and numbers only: this cannot fail, and if it did, the status still says no.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"portcullis\""));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// The status of a code. What a client may mend is 4xx; 502 and 504 speak of the service behind or of the plugin, 500
/// and 503 of this host.
pub(super) fn status(code: Code) -> StatusCode {
    match known(code) {
        Some(status) => status,
        // A code without a line below does not pass the test.
        None => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn known(code: Code) -> Option<StatusCode> {
    Some(match code {
        Code::BadRequest => StatusCode::BAD_REQUEST,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden | Code::Denied | Code::ApprovalRequired | Code::OriginRefused => StatusCode::FORBIDDEN,
        Code::UnknownAction | Code::ApprovalUnknown | Code::DraftUnknown | Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        Code::AlreadyInstalled
        | Code::TokenTaken
        | Code::KeyBusy
        | Code::ApprovalUsed
        | Code::DraftState
        | Code::ApprovalMismatch
        | Code::CredentialMissing => StatusCode::CONFLICT,
        Code::ApprovalExpired => StatusCode::GONE,
        Code::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::HostRefused => StatusCode::MISDIRECTED_REQUEST,
        Code::InvalidInput
        | Code::KeyReused
        | Code::BadDocument
        | Code::PluginRefused
        | Code::PluginTooLarge
        | Code::UndeclaredRoute
        | Code::ForbiddenHeader
        | Code::BadSegment
        | Code::BadBody => StatusCode::UNPROCESSABLE_ENTITY,
        Code::RateLimited | Code::TooManyCalls => StatusCode::TOO_MANY_REQUESTS,
        Code::DigestMismatch
        | Code::BadManifest
        | Code::SignatureRefused
        | Code::ReviewRequired
        | Code::IndexRefused
        | Code::NotAPlugin
        | Code::ForbiddenImport
        | Code::CompileFailed
        | Code::CredentialUnfit
        | Code::AuditIncomplete
        | Code::ToolMissing
        | Code::BuildFailed
        | Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::PluginTrapped
        | Code::OutcomeUnknown
        | Code::SourceUnavailable
        | Code::AddressRefused
        | Code::UpstreamUnresolved
        | Code::UpstreamUnreachable
        | Code::UpstreamBroken
        | Code::ResponseTooLarge
        | Code::EncodingRefused
        | Code::UnexpectedAnswer => StatusCode::BAD_GATEWAY,
        Code::CredentialUnavailable | Code::AuditUnavailable | Code::ShuttingDown => StatusCode::SERVICE_UNAVAILABLE,
        Code::PluginTimeout | Code::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_status_of_its_own_choosing() {
        for &code in Code::ALL {
            assert!(known(code).is_some_and(|status| status.as_u16() >= 400), "{code}");
        }
    }

    #[test]
    fn a_problem_says_what_the_refusal_says() {
        let refusal = Refusal::new(Code::Unauthenticated, "no valid token").fix("portcullis agent create NAME");
        let response = Problem::from(refusal).into_response();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["www-authenticate"], "Bearer realm=\"portcullis\"");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
}
