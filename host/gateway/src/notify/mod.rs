//! Reaching a person when a call waits: a line beside `serve`, the desktop, a webhook.
//!
//! Each only tells. None of them can approve: the way on is the page or the command line, where a person is known.

mod desk;
mod desktop;
mod news;
mod sender;
mod settings;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use portcullis_policy::{ApprovalId, ApprovalState, ApprovalStore as _};
use portcullis_store::ApprovalLine;
use tokio_util::sync::CancellationToken;

use crate::doors::Service;
use crate::terminal::{self, BOLD, styled};

pub(crate) use desk::Desk;
use desktop::DesktopTeller;
pub(crate) use desktop::reachable as desktop_reachable;
use news::News;
use sender::Sender;
pub(crate) use settings::{Desktop, NotifySettings};

/// Of what comes at once, so many are told one by one. A flood of questions is one line, and no flood of notifications.
const AT_ONCE: usize = 3;

/// Tells a person what waits, until told to stop.
pub(crate) async fn tell(service: Arc<Service>, desk: Desk, stop: CancellationToken) {
    let settings = service.host().settings().notify.clone();
    let desktop = (settings.desktop == Desktop::Auto).then(DesktopTeller::start).flatten();
    let sender = match settings.address() {
        Ok(Some(address)) => Some(Sender::start(Arc::clone(&service), address, stop.clone())),
        _ => None,
    };
    let include_request = settings.include_request;
    let teller = Teller { service: Arc::clone(&service), desk, include_request, desktop, sender };
    let mut waiting = service.waiting();
    let mut known = BTreeMap::new();
    loop {
        let lines = Arc::clone(&waiting.borrow_and_update());
        teller.look(&mut known, &lines).await;
        tokio::select! {
            () = stop.cancelled() => break,
            changed = waiting.changed() => if changed.is_err() { break },
        }
    }
    if let Some(sender) = teller.sender {
        sender.end().await;
    }
}

/// What waits, and since when.
struct Waits {
    news: News,
    created_ms: u64,
}

struct Teller {
    service: Arc<Service>,
    desk: Desk,
    include_request: bool,
    desktop: Option<DesktopTeller>,
    sender: Option<Sender>,
}

impl Teller {
    async fn look(&self, known: &mut BTreeMap<ApprovalId, Waits>, lines: &[ApprovalLine]) {
        let watching = self.service.host().watching();
        if self.desk.serves() {
            watching.waiting(lines.len());
        }
        let over: Vec<_> = known.keys().filter(|id| !lines.iter().any(|line| line.id == **id)).cloned().collect();
        for id in over {
            if let Some(waits) = known.remove(&id) {
                self.decided(&id, &waits).await;
            }
        }
        // Oldest first, as they came.
        let new = lines.iter().rev().filter(|line| !known.contains_key(&line.id));
        let new: Vec<_> = new.filter(|line| self.desk.tells_of(&line.agent)).collect();
        for (at, line) in new.iter().enumerate() {
            let news = self.waiting(line, at < AT_ONCE).await;
            // An agent's program reads the other's standard error, and it is no person.
            if at < AT_ONCE && self.desk.serves() {
                say(&news, lines.len());
            }
            known.insert(line.id.clone(), Waits { news, created_ms: line.created_ms });
        }
        if let Some(more @ 1..) = new.len().checked_sub(AT_ONCE)
            && self.desk.serves()
        {
            let waiting = lines.len();
            terminal::remark(format_args!("and {more} more ({waiting} waiting): portcullis approvals list"));
        }
    }

    async fn waiting(&self, line: &ApprovalLine, shown: bool) -> News {
        let mut news = News::waiting(line, self.service.page_url(&line.id));
        // What cannot be read any more is left out: the message is about the approval.
        // What tries a draft is none of the installed actions, whatever it is called.
        if line.draft.is_none()
            && let Ok(action) = self.service.host().resolve(&line.action)
        {
            news.effect = Some(action.binding().action().effect.as_str());
        }
        if let Some(desktop) = self.desktop.as_ref().filter(|_| shown) {
            desktop.tell(&news);
        }
        if let Some(sender) = &self.sender {
            let mut news = news.clone();
            if self.include_request {
                news.request = self.service.request_of(&line.id).await;
            }
            sender.send(news);
        }
        news
    }

    async fn decided(&self, id: &ApprovalId, waits: &Waits) {
        let Ok(Some(held)) = self.service.host().store().get(id).await else { return };
        // An end without a person is when its time was over.
        let end_ms = held.decided_ms.unwrap_or(held.expires_ms);
        let waited = Duration::from_millis(end_ms.saturating_sub(waits.created_ms));
        self.service.host().watching().decided(held.state, waited);
        if self.desk.serves() {
            let (what, who) = (styled(BOLD, &waits.news.action), &waits.news.agent);
            terminal::remark(format_args!("{id} is {}: {what} for {who}", held.state));
        }
        if let Some(sender) = &self.sender {
            sender.send(waits.news.decided(answer(held.state)));
        }
    }
}

/// A line for whoever looks at `serve`: who asks for what, and where to decide.
fn say(news: &News, waiting: usize) {
    let next = format!("portcullis approvals show {}", news.id);
    let place = news.page.as_deref().unwrap_or(&next);
    let (what, who) = (styled(BOLD, &news.action), &news.agent);
    let drafted = if news.draft.is_some() { ", to test a draft" } else { "" };
    terminal::remark(format_args!("agent {who} asks for {what}{drafted} ({waiting} waiting): {place}"));
}

/// What a person said, rather than how the sending went.
fn answer(state: ApprovalState) -> ApprovalState {
    match state {
        ApprovalState::Rejected | ApprovalState::Expired | ApprovalState::Pending => state,
        _ => ApprovalState::Approved,
    }
}
