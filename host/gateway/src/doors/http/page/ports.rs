//! The ports: where each sends, with which credential, and everything it could ever send.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use portcullis_model::{Action, Auth, BodyMode, PortSlug};

use super::Desk;
use super::admit::Signed;
use super::frame::{Failure, Frame, html, nothing_here};
use crate::doors::directory::Listed;
use crate::doors::{Caller, Operator};
use crate::visible::Visible;

/// A port in a list.
struct Line {
    slug: String,
    label: Visible,
    origin: String,
    overridden: bool,
    credential: &'static str,
    tier: String,
    actions: usize,
}

#[derive(Template)]
#[template(path = "ports.html")]
struct Ports {
    frame: Frame,
    ports: Vec<Line>,
}

#[derive(Template)]
#[template(path = "port.html")]
struct PortPage {
    frame: Frame,
    line: Line,
    description: Visible,
    publisher: Visible,
    version: Visible,
    declared_origin: String,
    header: Option<String>,
    digest: String,
    additions: Option<String>,
    source: Visible,
    routes: Vec<Route>,
}

/// One line of all that it could send.
struct Route {
    id: String,
    label: Visible,
    method: &'static str,
    path: Visible,
    query: String,
    headers: String,
    body: &'static str,
    effect: &'static str,
    approval: &'static str,
}

/// `GET /ports`.
pub(super) async fn page(State(desk): State<Desk>, Extension(signed): Extension<Signed>) -> Result<Response, Failure> {
    let installed = desk.0.door.service.everything(&signed.operator)?;
    let mut ports = Vec::new();
    for listed in installed.ports() {
        ports.push(Line::new(&desk, &signed.operator, listed).await);
    }
    Ok(html(StatusCode::OK, &Ports { frame: Frame::new(&desk, &signed, "ports", "Ports"), ports }))
}

/// `GET /ports/{slug}`.
pub(super) async fn port(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Path(slug): Path<String>,
) -> Result<Response, Failure> {
    let slug: PortSlug = slug.parse().map_err(|_| nothing_here())?;
    let service = &desk.0.door.service;
    let installed = service.everything(&signed.operator)?;
    let listed = installed.port(&slug).ok_or_else(nothing_here)?;
    let (line, manifest) = service.manifest(&signed.operator, &slug)?;
    let modes = service.actions(&Caller::Operator(signed.operator.clone()), &slug)?;
    let declared = manifest.port();
    let routes = manifest.actions().iter().zip(&modes).map(|(action, view)| Route::new(action, view)).collect();
    let page = PortPage {
        frame: Frame::new(&desk, &signed, "ports", slug.to_string()),
        line: Line::new(&desk, &signed.operator, listed).await,
        description: Visible::block(&declared.description),
        publisher: Visible::line(&declared.publisher.name),
        version: Visible::line(manifest.version()),
        declared_origin: declared.origin.to_string(),
        header: match &declared.auth {
            Auth::Header(header) => Some(header.to_string()),
            Auth::None => None,
        },
        digest: line.digest.to_string(),
        additions: line.additions.map(|digest| digest.to_string()),
        source: Visible::line(&listed.line.source),
        routes,
    };
    Ok(html(StatusCode::OK, &page))
}

impl Line {
    async fn new(desk: &Desk, operator: &Operator, listed: &Listed) -> Self {
        Self {
            slug: listed.line.port.to_string(),
            label: Visible::line(&listed.label),
            origin: listed.origin.to_string(),
            overridden: listed.origin_overridden,
            credential: match desk.0.door.service.credential(operator, &listed.line.port).await {
                Ok(Some(place)) => place,
                Ok(None) => "missing",
                Err(_) => "unreadable",
            },
            tier: listed.line.tier.clone(),
            actions: listed.entries().len(),
        }
    }
}

impl Route {
    fn new(action: &Action, view: &crate::doors::wire::ActionView) -> Self {
        let list = |names: Vec<&str>| names.join(", ");
        Self {
            id: view.id.clone(),
            label: Visible::line(&action.label),
            method: action.method.as_str(),
            path: Visible::line(&action.path.to_string()),
            query: list(action.query.iter().map(portcullis_model::QueryKey::as_str).collect()),
            headers: list(action.headers.iter().map(portcullis_model::DeclaredHeader::as_str).collect()),
            body: if action.body == BodyMode::None { "" } else { action.body.as_str() },
            effect: action.effect.as_str(),
            approval: match view.approval.as_str() {
                "automatic" => "runs by itself",
                "deny" => "denied",
                _ => "needs a person",
            },
        }
    }
}
