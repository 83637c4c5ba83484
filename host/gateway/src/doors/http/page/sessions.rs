//! Who is signed in. Kept in this process's memory alone, so they end with it.
//!
//! A session is found by the hash of its secret; the secret itself is the browser's. Time is the process's own, so that
//! setting the clock back prolongs nothing. Does not decide who may sign in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portcullis_model::{AgentName, Code, Digest, Refusal};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use crate::doors::token::random;

/// A session that is not used for so long ends.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// However much it is used, a session ends after this.
pub(super) const LONGEST: Duration = Duration::from_secs(12 * 3600);
/// Sessions there may be; the one that was used longest ago makes room.
const MOST: usize = 64;
/// Streams of news of one session.
const STREAMS: usize = 8;

/// How somebody signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Way {
    /// By a link.
    Link,
    /// By the operator's token of this hash: the session ends with it.
    Token(Digest),
}

/// A session, as whoever has its secret sees it.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) key: Digest,
    /// What the audit log calls it: made of the hash's first digits, which are no secret.
    pub(super) name: AgentName,
    pub(super) way: Way,
    /// Whether its cookie is for TLS alone.
    pub(super) secure: bool,
    /// When it ends at the latest, in milliseconds since the Unix epoch.
    pub(super) expires_ms: u64,
    /// Is cancelled when it ends.
    pub(super) over: CancellationToken,
    /// Room for its streams.
    pub(super) streams: Arc<Semaphore>,
}

struct Kept {
    session: Session,
    began: Instant,
    used: Instant,
}

impl Kept {
    fn live_at(&self, now: Instant) -> bool {
        now.duration_since(self.used) < IDLE && now.duration_since(self.began) < LONGEST
    }
}

/// All of them.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<Digest, Kept>>);

impl Sessions {
    /// Begins one with a secret that nobody had before, whatever the browser brought along.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub(super) fn begin(
        &self,
        way: Way,
        secure: bool,
        now_ms: u64,
        now: Instant,
    ) -> Result<(Zeroizing<String>, Session), Refusal> {
        let id = random("")?;
        let key = Digest::of(id.as_bytes());
        let name = format!("s{}", &key.to_hex()[..11]).parse();
        let session = Session {
            key,
            name: name.map_err(|_| Refusal::new(Code::Internal, "a session has no name"))?,
            way,
            secure,
            expires_ms: now_ms.saturating_add(u64::try_from(LONGEST.as_millis()).unwrap_or(u64::MAX)),
            over: CancellationToken::new(),
            streams: Arc::new(Semaphore::new(STREAMS)),
        };
        let mut all = self.all();
        sweep(&mut all, now);
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, kept)| kept.used).map(|(key, _)| *key)
        {
            end(&mut all, &oldest);
        }
        all.insert(key, Kept { session: session.clone(), began: now, used: now });
        Ok((id, session))
    }

    /// The session of a secret, which is used by that.
    pub(super) fn find(&self, id: &str, secure: bool, now: Instant) -> Option<Session> {
        let mut all = self.all();
        sweep(&mut all, now);
        let kept = all.get_mut(&Digest::of(id.as_bytes())).filter(|kept| kept.session.secure == secure)?;
        kept.used = now;
        Some(kept.session.clone())
    }

    /// Whether a session still is one. Looking is no use of it.
    pub(super) fn is_live(&self, key: &Digest, now: Instant) -> bool {
        let mut all = self.all();
        sweep(&mut all, now);
        all.contains_key(key)
    }

    /// Ends one, for every tab that shows it.
    pub(super) fn end(&self, key: &Digest) {
        end(&mut self.all(), key);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Digest, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sweep(all: &mut HashMap<Digest, Kept>, now: Instant) {
    let over: Vec<Digest> = all.iter().filter(|(_, kept)| !kept.live_at(now)).map(|(key, _)| *key).collect();
    for key in over {
        end(all, &key);
    }
}

fn end(all: &mut HashMap<Digest, Kept>, key: &Digest) {
    if let Some(kept) = all.remove(key) {
        kept.session.over.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_session_ends_when_it_is_idle_and_at_the_latest_after_half_a_day() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let (id, session) = sessions.begin(Way::Link, false, 0, start).unwrap();
        assert!(sessions.find(&id, false, start + IDLE - SECOND).is_some());
        assert!(sessions.is_live(&session.key, start + IDLE + SECOND), "it was used meanwhile");
        assert!(!session.over.is_cancelled());
        assert!(sessions.find(&id, false, start + IDLE + IDLE).is_none());
        assert!(session.over.is_cancelled());

        let (id, session) = sessions.begin(Way::Link, false, 0, start).unwrap();
        let mut now = start;
        while now + IDLE / 2 < start + LONGEST {
            now += IDLE / 2;
            assert!(sessions.find(&id, false, now).is_some());
        }
        assert!(sessions.find(&id, false, start + LONGEST).is_none());
        assert!(session.over.is_cancelled());
    }

    #[test]
    fn looking_whether_it_lives_does_not_keep_it_alive() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let (_, session) = sessions.begin(Way::Link, false, 0, start).unwrap();
        assert!(sessions.is_live(&session.key, start + IDLE - SECOND));
        assert!(!sessions.is_live(&session.key, start + IDLE));
    }

    #[test]
    fn their_number_is_bounded_and_the_one_used_longest_ago_makes_room() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let begin = |at: u64| sessions.begin(Way::Link, false, 0, start + Duration::from_millis(at)).unwrap();
        let (first, second) = (begin(0), begin(1));
        assert!(sessions.find(&first.0, false, start + Duration::from_millis(2)).is_some());
        let _others: Vec<_> = (3..).take(MOST - 1).map(begin).collect();
        assert!(second.1.over.is_cancelled() && !first.1.over.is_cancelled());
        assert_eq!(sessions.all().len(), MOST);
    }

    #[test]
    fn only_its_own_secret_in_its_own_cookie_finds_a_session() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let (id, session) = sessions.begin(Way::Link, true, 0, now).unwrap();
        assert!(sessions.find(&id, true, now).is_some());
        let name = session.name.to_string();
        for (other, secure) in [(id.as_str(), false), ("", true), (&id[1..], true), (&name, true)] {
            assert!(sessions.find(other, secure, now).is_none(), "{other}");
        }
        assert!(sessions.find(&session.key.to_hex(), true, now).is_none());
        sessions.end(&session.key);
        assert!(sessions.find(&id, true, now).is_none() && session.over.is_cancelled());
    }
}
