//! What the routes have in common in the OpenAPI document: the token, and how they refuse.

use std::collections::BTreeMap;

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder, Type,
};
use utoipa::{IntoResponses, Modify, OpenApi};

use super::problem::{Place, Problem};

/// The document before the routes are added.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Portcullis",
        description = "Named actions of third-party services, without their keys. Every refusal is a problem document \
                       (RFC 9457) with a stable `code`."
    ),
    components(schemas(Problem, Place)),
    modifiers(&Token),
    tags(
        (name = "host", description = "The host itself."),
        (name = "actions", description = "What there is, and calling it."),
        (name = "approvals", description = "Calls that wait for a person."),
        (name = "standing", description = "Approvals that stand for more than one call."),
        (name = "drafts", description = "Actions that agents propose, and what an operator makes of them."),
        (name = "audit", description = "What was done.")
    )
)]
pub(super) struct Described;

struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("`pca_…` of an agent, or `pco_…` of an operator: no token is both."));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme.build()));
    }
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident: $($status:literal)+;)+) => {
        $(
            $(#[$doc])*
            pub(super) struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    BTreeMap::from([$(($status.to_string(), refusal($status).into())),+])
                }
            }
        )+
    };
}

refusals! {
    /// Of every route: another host's name, another site's page, or the host is not well.
    Guarded: 403 421 500 503;
    /// Of a route that wants a token, and that reads its path and query.
    Known: 400 401;
    /// Of a route that names something.
    Named: 404;
    /// Of a route that takes a body.
    Posted: 408 413 415;
    /// Of a route that takes a decision that can be too late.
    Decided: 409 410;
    /// Of a route that calls a service.
    Called: 422 429 502 504;
}

fn refusal(status: u16) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = ResponseBuilder::new().description(meaning(status)).content("application/problem+json", content);
    let text = |schema_type| ObjectBuilder::new().schema_type(schema_type).build();
    match status {
        401 => response.header(
            "WWW-Authenticate",
            HeaderBuilder::new()
                .schema(Some(text(Type::String)))
                .description(Some("Which kind of token is wanted."))
                .build(),
        ),
        429 | 503 => response.header(
            "Retry-After",
            HeaderBuilder::new()
                .schema(Some(text(Type::Integer)))
                .description(Some("Seconds after which the same may succeed, where that is known."))
                .build(),
        ),
        _ => response,
    }
    .build()
}

fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request is malformed.",
        401 => "No live token.",
        403 => "The token may not do that, a rule says no, or the request comes from a page of another site.",
        404 => "There is none by that name, or none for this caller.",
        408 => "The body did not come in time.",
        409 => "That does not fit how things stand: decided or spent already, or no credential is stored.",
        410 => "It is too late.",
        413 => "The body is too large.",
        415 => "The body is not JSON.",
        421 => "The request names a host that is not this one.",
        422 => "The input cannot become a request that the action declares, or the draft no action.",
        429 => "Too often, or too many at once.",
        500 => "What is installed cannot be used, or a send could not be recorded.",
        502 => "The service, or the plugin, did not answer as it should.",
        503 => "The host cannot do it now: it is closing, or its store or credentials cannot be read.",
        504 => "The service, or the plugin, took too long.",
        _ => "Refused.",
    }
}
