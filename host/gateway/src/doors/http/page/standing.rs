//! A yes in advance: the terms that a form asks for, what stands, and the end of one.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use portcullis_model::{Body, Refusal, RoutedRequest};
use portcullis_policy::{ApprovalId, StandingId, Terms, may_stand};

use super::Desk;
use super::admit::Signed;
use super::fields::{Fields, unfit};
use super::frame::{Failure, nothing_here};
use super::when::Moment;
use crate::doors::Operator;
use crate::doors::wire::StandingView;
use crate::visible::Visible;

/// How a form names a place of the body that may differ.
const FREE: &str = "free:";

/// Places that are offered; more can be typed.
const OFFERED: usize = 32;

/// What a form offers to leave open.
pub(super) struct Places(pub(super) Vec<Place>);

/// A place of the body.
pub(super) struct Place {
    /// As the form sends it; a browser sends it back as it was.
    pub(super) field: String,
    pub(super) shown: Visible,
}

/// A standing approval in a list.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) action: String,
    pub(super) agent: String,
    pub(super) words: Visible,
    pub(super) approval: String,
    pub(super) ends: Moment,
}

impl Places {
    /// What may be left open of a request; none where no yes in advance can be given.
    pub(super) async fn of(
        desk: &Desk,
        operator: &Operator,
        id: &ApprovalId,
        request: &RoutedRequest,
    ) -> Result<Option<Self>, Refusal> {
        if !may_stand(request.binding().action()) {
            return Ok(None);
        }
        let names: Vec<String> = match &request.description().body {
            Some(Body::Json(_)) => {
                // Any terms that can hold: only the places are looked at.
                let terms = Terms { uses: Some(1), ..Terms::default() };
                let latitude = desk.0.door.service.latitude(operator, id, &terms).await;
                let fixed = latitude.map(|latitude| latitude.fixed).unwrap_or_default();
                fixed.into_iter().map(|stated| stated.place).filter(|place| place.starts_with('/')).collect()
            }
            Some(Body::Form(fields)) => {
                let mut names: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
                names.dedup();
                names
            }
            _ => Vec::new(),
        };
        let place = |name: String| Place { shown: Visible::line(&name), field: format!("{FREE}{name}") };
        Ok(Some(Self(names.into_iter().take(OFFERED).map(place).collect())))
    }
}

/// What stands now.
pub(super) fn lines(desk: &Desk, operator: &Operator) -> Result<Vec<Line>, Refusal> {
    let standing = desk.0.door.service.standing(operator, false)?;
    let line = |view: StandingView| Line {
        words: Visible::line(&view.words),
        id: view.id,
        action: view.action,
        agent: view.agent,
        approval: view.approval,
        ends: Moment(view.expires_ms),
    };
    Ok(standing.into_iter().map(line).collect())
}

/// The terms of a form; none where it is about this one request.
pub(super) fn terms(fields: &mut Fields) -> Result<Option<Terms>, Refusal> {
    let (minutes, uses) = (number(&fields.take("minutes"))?, number(&fields.take("uses"))?);
    let free = fields.take_all(FREE);
    if minutes.is_none() && uses.is_none() {
        let plain = free.is_empty();
        return if plain { Ok(None) } else { Err(unfit("say for how long, or for how many requests")) };
    }
    Ok(Some(Terms { life_ms: minutes.map(|minutes| u64::from(minutes) * 60_000), uses, free }))
}

fn number(text: &str) -> Result<Option<u32>, Refusal> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| unfit("expected a whole number")) }
}

/// `POST /standing/{id}/end`.
pub(super) async fn end(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
    Extension(fields): Extension<Fields>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    fields.end()?;
    let id: StandingId = id.parse().map_err(|_| nothing_here())?;
    desk.0.door.service.end_standing(&signed.operator, &id).await?;
    Ok(Redirect::to("/").into_response())
}
