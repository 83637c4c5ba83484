//! Messages to the operator's webhook, one after the other: tried again with pauses that grow, given up when they are
//! too old or too many.
//!
//! Nothing waits for them. What is given up is said in the log; the approval itself waits as before.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use bytes::Bytes;
use portcullis_egress::{Address, Reply, Undelivered, Unsigned, Webhook};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::news::{Kind, News};
use crate::doors::Service;
use crate::watch::Seldom;

/// Messages that wait to be sent; more are dropped.
const QUEUE: usize = 256;

/// Tries of one message, the first included.
const TRIES: usize = 6;

/// Longest pause that a receiver may ask for.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// How often it is said that there is no key to sign with.
const KEYLESS: Duration = Duration::from_secs(3600);

/// Time at the end for what is queued.
const END: Duration = Duration::from_secs(5);

/// The way to the webhook.
pub(super) struct Sender {
    queue: mpsc::Sender<News>,
    over: Arc<Over>,
    full: Seldom,
    task: JoinHandle<()>,
}

/// Approvals that were decided while messages about them are still to be sent.
#[derive(Default)]
struct Over {
    ids: Mutex<BTreeSet<String>>,
    more: Notify,
}

impl Over {
    fn ids(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, id: &str) {
        self.ids().insert(id.to_owned());
        // One that is not waited for just now is kept for the next pause.
        self.more.notify_one();
    }

    fn remove(&self, id: &str) {
        self.ids().remove(id);
    }

    fn contains(&self, id: &str) -> bool {
        self.ids().contains(id)
    }
}

/// What to do after a try.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Done,
    /// Try again, after this long where the receiver said so.
    Again(Option<Duration>, &'static str),
    /// Trying again would not help.
    GiveUp(String),
    /// Nothing can be signed, and nothing is sent.
    NoKey(String),
}

impl Sender {
    pub(super) fn start(service: Arc<Service>, address: Address, stop: CancellationToken) -> Self {
        let (queue, messages) = mpsc::channel(QUEUE);
        let over = Arc::<Over>::default();
        let post = Post {
            service,
            webhook: Webhook::new(address),
            over: Arc::clone(&over),
            keyless: Seldom::every(KEYLESS),
            stop,
        };
        Self { queue, over, full: Seldom::every(MAX_PAUSE), task: tokio::spawn(post.run(messages)) }
    }

    pub(super) fn send(&self, news: News) {
        if news.kind == Kind::Decided {
            self.over.insert(&news.id);
        }
        if self.queue.try_send(news).is_err() && self.full.now() {
            tracing::warn!("more messages wait for the webhook than are kept; some are dropped");
        }
    }

    /// Sends what is queued, as far as there is time.
    pub(super) async fn end(self) {
        drop(self.queue);
        let mut task = self.task;
        if timeout(END, &mut task).await.is_err() {
            task.abort();
        }
    }
}

struct Post {
    service: Arc<Service>,
    webhook: Webhook,
    over: Arc<Over>,
    /// That there is no key is said once in a while, not with each message.
    keyless: Seldom,
    stop: CancellationToken,
}

impl Post {
    async fn run(self, mut messages: mpsc::Receiver<News>) {
        while let Some(news) = messages.recv().await {
            self.deliver(&news).await;
            if news.kind == Kind::Decided {
                self.over.remove(&news.id);
            }
        }
    }

    async fn deliver(&self, news: &News) {
        let id = news.message_id();
        let body = match serde_json::to_vec(news) {
            Ok(body) => Bytes::from(body),
            Err(error) => return tracing::warn!(%error, "a message for the webhook cannot be written"),
        };
        let backoff = ExponentialBuilder::default().with_jitter().with_min_delay(Duration::from_millis(500));
        let mut pauses = backoff.with_max_delay(MAX_PAUSE).with_max_times(TRIES - 1).build();
        loop {
            if self.is_stale(news) {
                return tracing::info!(message = id, "decided before the webhook took it; dropped");
            }
            let sent = self.service.host().egress().announce(&self.webhook, &id, now_s(), body.clone()).await;
            let (asked, why) = match next(sent) {
                Next::Done => return,
                Next::GiveUp(why) => return self.given_up(&id, &why),
                Next::NoKey(why) => {
                    if self.keyless.now() {
                        tracing::warn!(origin = self.webhook.origin(), "the webhook is told nothing: {why}");
                    }
                    return;
                }
                Next::Again(asked, why) => (asked, why),
            };
            let Some(pause) = pauses.next() else { return self.given_up(&id, why) };
            if !self.pause(news, asked.map_or(pause, |asked| asked.clamp(pause, MAX_PAUSE))).await {
                // One try was made, and another host will say what still waits.
                return self.given_up(&id, why);
            }
        }
    }

    /// Waits before another try, no longer than what is told holds. `false` where the host closes meanwhile.
    async fn pause(&self, news: &News, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        loop {
            tokio::select! {
                () = sleep_until(until) => return true,
                () = self.stop.cancelled() => return false,
                () = self.over.more.notified() => if self.is_stale(news) { return true },
            }
        }
    }

    /// Whether what it says does not hold any more.
    fn is_stale(&self, news: &News) -> bool {
        news.kind == Kind::Waiting && (news.expires_ms <= now_s().saturating_mul(1000) || self.over.contains(&news.id))
    }

    fn given_up(&self, id: &str, why: &str) {
        tracing::warn!(message = id, origin = self.webhook.origin(), "the webhook was not told: {why}");
    }
}

fn next(sent: Result<Reply, Unsigned>) -> Next {
    match sent {
        Ok(reply) if (200..300).contains(&reply.status) => Next::Done,
        Ok(reply) if matches!(reply.status, 408 | 429) || reply.status >= 500 => {
            Next::Again(reply.retry_after, "it does not take messages now")
        }
        // Gone for good, a redirect, or not what was meant: the same message would be answered the same.
        Ok(reply) => Next::GiveUp(format!("it answers {}", reply.status)),
        Err(Unsigned::Key(refusal)) => {
            let fix = refusal.way_out().unwrap_or("portcullis secret set --webhook").to_owned();
            Next::NoKey(format!("{}; next: {fix}", refusal.message()))
        }
        Err(Unsigned::Undelivered(Undelivered::Unreachable)) => Next::Again(None, "it cannot be reached"),
        Err(Unsigned::Undelivered(Undelivered::Timeout)) => Next::Again(None, "it did not answer in time"),
        Err(Unsigned::Undelivered(_)) => Next::Again(None, "it broke off"),
    }
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16) -> Next {
        next(Ok(Reply { status, retry_after: None, body: Bytes::new() }))
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        for status in [200, 202, 204] {
            assert_eq!(answered(status), Next::Done);
        }
        for status in [408, 429, 500, 502, 503, 504] {
            assert!(matches!(answered(status), Next::Again(..)), "{status}");
        }
        for status in [301, 307, 400, 401, 404, 410] {
            assert!(matches!(answered(status), Next::GiveUp(_)), "{status}");
        }
        for why in [Undelivered::Unreachable, Undelivered::Timeout, Undelivered::Broken] {
            assert!(matches!(next(Err(Unsigned::Undelivered(why))), Next::Again(..)));
        }
    }
}
