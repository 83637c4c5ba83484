//! Notifications on the desktop, where there is one.
//!
//! They hold the host's own words and two names, and one way on: the page. No button of theirs decides anything. The
//! library blocks, so it works on a thread of its own.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;

use notify_rust::{Notification, Timeout};

use super::news::News;

/// Notifications that wait to be shown; more are left out, since nobody would read them.
const QUEUE: usize = 32;

/// Notifications that are listened to for a click at the same time.
const SHOWN: usize = 16;

/// A thread that shows notifications.
pub(super) struct DesktopTeller(SyncSender<Order>);

struct Order {
    title: String,
    text: String,
    page: Option<String>,
}

/// Whether there is a session that could show one.
pub(crate) fn reachable() -> bool {
    if cfg!(any(target_os = "macos", windows)) {
        return true;
    }
    std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty())
}

impl DesktopTeller {
    /// None where there is no desktop.
    pub(super) fn start() -> Option<Self> {
        if !reachable() {
            return None;
        }
        let (orders, taken) = sync_channel(QUEUE);
        thread::Builder::new().name("desktop".to_owned()).spawn(move || show_all(&taken)).ok()?;
        Some(Self(orders))
    }

    pub(super) fn tell(&self, news: &News) {
        let (title, text) = words(news);
        match self.0.try_send(Order { title, text, page: news.page.clone() }) {
            Ok(()) | Err(TrySendError::Full(_)) => {}
            // The thread ended because there is nobody who shows; it has said so.
            Err(TrySendError::Disconnected(_)) => {}
        }
    }
}

/// Title and text. Names are slugs, and are escaped all the same: some servers read markup in the text.
fn words(news: &News) -> (String, String) {
    let effect = match (&news.draft, news.effect) {
        (Some(_), _) => " It tests a draft that is not installed.".to_owned(),
        (None, effect) => effect.map_or_else(String::new, |effect| format!(" It would {}.", deed(effect))),
    };
    let text = format!("Agent {} asks for {}.{effect} Open to decide.", plain(&news.agent), plain(&news.action));
    ("Portcullis: a call waits".to_owned(), text)
}

fn deed(effect: &str) -> &'static str {
    match effect {
        "read" => "read something",
        "destructive" => "destroy something",
        _ => "change something",
    }
}

/// Text that is text wherever markup may be read, as the notification specification asks.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn show_all(orders: &Receiver<Order>) {
    while let Ok(Order { title, text, page }) = orders.recv() {
        match notification(&title, &text, page.is_some()).show() {
            Ok(handle) => listen(handle, page),
            Err(_) => return tracing::warn!("nobody on this desktop shows notifications; none are tried any more"),
        }
    }
}

/// Opens the page at a click, until the notification is gone.
#[cfg(all(unix, not(target_os = "macos")))]
fn listen(handle: notify_rust::NotificationHandle, page: Option<String>) {
    static LISTENING: AtomicUsize = AtomicUsize::new(0);
    let Some(page) = page else { return };
    if LISTENING.fetch_add(1, Ordering::Relaxed) >= SHOWN {
        LISTENING.fetch_sub(1, Ordering::Relaxed);
        return;
    }
    let wait = move || {
        handle.wait_for_action(|action| open(action, &page));
        LISTENING.fetch_sub(1, Ordering::Relaxed);
    };
    if let Err(error) = thread::Builder::new().name("notification".to_owned()).spawn(wait) {
        LISTENING.fetch_sub(1, Ordering::Relaxed);
        tracing::debug!(%error, "a notification cannot be clicked");
    }
}

/// Where a click cannot be listened to, the notification says enough.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn listen<T>(_: T, _: Option<String>) {}

fn notification(title: &str, text: &str, opens: bool) -> Notification {
    let mut notification = Notification::new();
    notification.appname("Portcullis").summary(title).body(text).timeout(Timeout::Default);
    if opens {
        notification.action("default", "Open");
    }
    notification
}

/// The one way on.
#[cfg(all(unix, not(target_os = "macos")))]
fn open(action: &str, page: &str) {
    if action != "default" {
        return;
    }
    let started = Command::new("xdg-open")
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .and_then(|mut child| child.wait());
    if let Err(error) = started {
        tracing::warn!(%error, "the page cannot be opened from here");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text() {
        assert_eq!(plain("<b>a</b> & b"), "&lt;b&gt;a&lt;/b&gt; &amp; b");
    }

    #[test]
    fn a_notification_opens_the_page_and_decides_nothing() {
        let shown = notification("title", "text", true);
        assert_eq!(shown.actions, ["default", "Open"]);
        assert!(notification("title", "text", false).actions.is_empty());
    }
}
