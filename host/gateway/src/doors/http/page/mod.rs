//! The operator's page: what waits for a person, what was done, what could be sent, and who may ask.
//!
//! Rendered here, whole, from templates that escape by themselves; a little script keeps it fresh. Everything but the
//! sign-in needs a session, which only this page takes: it is no good at the API, and a bearer token none here.
//! Each change is a POST of a form that this page made for that very session. Decides nothing: the service does.

mod activity;
mod admit;
mod agents;
mod approval;
mod approvals;
mod content;
mod cookie;
mod decide;
mod diff;
mod drafts;
mod fields;
mod files;
mod frame;
mod headers;
mod live;
mod policy;
mod ports;
mod sessions;
mod sign;
mod standing;
mod story;
mod when;

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{get, post};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;

use super::router::Door;
use activity::Checked;
use sessions::Sessions;

/// Attempts to sign in within a minute, whoever makes them; as many may come at once.
const ATTEMPTS: NonZeroU32 = match NonZeroU32::new(60) {
    Some(attempts) => attempts,
    None => NonZeroU32::MIN,
};

/// Streams of news, of all sessions together.
const STREAMS: usize = 64;

/// What the page works with.
#[derive(Clone)]
pub(super) struct Desk(Arc<Inner>);

struct Inner {
    door: Door,
    /// Whether this server itself speaks TLS.
    tls: bool,
    sessions: Sessions,
    attempts: DefaultDirectRateLimiter,
    streams: Arc<Semaphore>,
    /// How the audit log was found when somebody last asked.
    checked: Mutex<Option<Checked>>,
}

impl Desk {
    pub(super) fn new(door: Door, tls: bool) -> Self {
        Self(Arc::new(Inner {
            door,
            tls,
            sessions: Sessions::default(),
            attempts: RateLimiter::direct(Quota::per_minute(ATTEMPTS)),
            streams: Arc::new(Semaphore::new(STREAMS)),
            checked: Mutex::default(),
        }))
    }
}

/// Every path of the page.
pub(super) fn router(desk: &Desk) -> Router<()> {
    let signed = Router::new()
        .route("/", get(approvals::page))
        .route("/approvals/{id}", get(approval::page))
        .route("/approvals/{id}/body", get(approval::body))
        .route("/approvals/{id}/approve", post(decide::approve))
        .route("/approvals/{id}/reject", post(decide::reject))
        .route("/standing/{id}/end", post(standing::end))
        .route("/live", get(live::stream))
        .route("/activity", get(activity::page))
        .route("/activity/verify", post(activity::verify))
        .route("/activity/{call}", get(story::page))
        .route("/ports", get(ports::page))
        .route("/ports/{slug}", get(ports::port))
        .route("/agents", get(agents::page))
        .route("/agents/{name}/revoke", post(agents::revoke))
        .route("/drafts", get(drafts::page))
        .route("/drafts/{id}", get(drafts::draft))
        .route("/drafts/{id}/publish", post(drafts::publish))
        .route("/drafts/{id}/reject", post(drafts::reject))
        .route("/policy", get(policy::page))
        .route("/policy/explain", post(policy::explain))
        .route("/sign-out", post(sign::sign_out))
        .method_not_allowed_fallback(super::router::no_method)
        .route_layer(from_fn_with_state(desk.clone(), admit::admit));
    let open = Router::new()
        .route("/sign-in", get(sign::page).post(sign::sign_in))
        .route("/page/{name}", get(files::file))
        .method_not_allowed_fallback(super::router::no_method);
    signed.merge(open).layer(map_response(headers::guarded)).with_state(desk.clone())
}
