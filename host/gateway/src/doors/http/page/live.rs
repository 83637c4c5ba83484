//! News of what waits, as server-sent events: the whole list whenever it changes.
//!
//! A stream ends with its session, with the door, and with the browser's patience; its number is bounded. It is no use
//! of a session: a tab that is only left open does not keep anybody signed in.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use portcullis_model::{Code, Refusal};
use portcullis_store::ApprovalLine;
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Interval, interval};

use super::Desk;
use super::admit::{Signed, operator};
use super::approvals::Waiting;
use super::frame::Failure;

/// Pause between two looks whether the session lives; each fifth gives a sign of life.
const LOOK: Duration = Duration::from_secs(2);
const BEAT_EVERY: u64 = 5;

struct Stream {
    desk: Desk,
    signed: Signed,
    news: watch::Receiver<Arc<[ApprovalLine]>>,
    looks: Interval,
    looked: u64,
    ended: bool,
    _places: (OwnedSemaphorePermit, OwnedSemaphorePermit),
}

/// `GET /live`.
pub(super) async fn stream(
    State(desk): State<Desk>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, Failure> {
    let full = |_| {
        Refusal::new(Code::TooManyCalls, "too many tabs listen for news already").retry_after_ms(5000).fix("close one")
    };
    let places = (
        Arc::clone(&signed.session.streams).try_acquire_owned().map_err(full)?,
        Arc::clone(&desk.0.streams).try_acquire_owned().map_err(full)?,
    );
    let mut news = desk.0.door.service.waiting();
    news.mark_changed();
    let start = Stream { desk, signed, news, looks: interval(LOOK), looked: 0, ended: false, _places: places };
    let events = stream::unfold(start, |mut stream| async {
        let event = stream.next().await?;
        Some((Ok::<_, Infallible>(event), stream))
    });
    Ok(Sse::new(events).into_response())
}

impl Stream {
    async fn next(&mut self) -> Option<Event> {
        if self.ended {
            return None;
        }
        let (stop, over) = (self.desk.0.door.stop.clone(), self.signed.session.over.clone());
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return None,
                () = over.cancelled() => return Some(self.end()),
                changed = self.news.changed() => {
                    changed.ok()?;
                    return Some(self.list().unwrap_or_else(|_| self.end()));
                }
                _ = self.looks.tick() => {
                    if !self.lives().await {
                        return Some(self.end());
                    }
                    self.looked += 1;
                    if self.looked.is_multiple_of(BEAT_EVERY) {
                        return Some(Event::default().comment("here"));
                    }
                }
            }
        }
    }

    /// The last word: nobody is signed in any more.
    fn end(&mut self) -> Event {
        self.ended = true;
        Event::default().event("over").data("over")
    }

    fn list(&mut self) -> Result<Event, Refusal> {
        let lines: Arc<[ApprovalLine]> = Arc::clone(&self.news.borrow_and_update());
        let shown = Waiting::lines(&self.desk, &self.signed.operator, &lines)?;
        let now = self.desk.0.door.service.now_ms();
        Ok(Event::default().event("waiting").data(json!({ "now": now, "lines": shown }).to_string()))
    }

    async fn lives(&self) -> bool {
        let session = &self.signed.session;
        self.desk.0.sessions.is_live(&session.key, Instant::now()) && operator(&self.desk, session).await.is_some()
    }
}
