//! Sessions of the older protocol revisions over HTTP: each belongs to the token that opened it.
//!
//! For anybody else it does not exist, whatever they do with its name. Their number is bounded, and so is their life.
//! The revision of 2026 has none. Does not authenticate: that was done before, for each request.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::Stream;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::common::server_side_http::ServerSseMessage;
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, LocalSessionManagerError};
use rmcp::transport::streamable_http_server::{SessionId, SessionManager};

use crate::doors::Agent;

/// Sessions of one token. A client that went away without a word leaves one behind, so the oldest makes room.
const MOST_PER_OWNER: usize = 16;
/// Sessions of all tokens.
const MOST: usize = 512;
/// A session that is not used for so long ends. Clients of the older revisions do not all open a new one by themselves.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// Time between opening a session and its first message.
const OPENING: Duration = Duration::from_secs(10);

tokio::task_local! {
    /// Who makes the request that is being handled.
    static OWNER: Owner;
}

/// The token behind a request, by its agent's name and its fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner(String);

impl Owner {
    pub(super) fn of(agent: &Agent) -> Self {
        Self(format!("{} {}", agent.name(), agent.fingerprint()))
    }
}

/// All sessions of a door.
pub(super) struct Sessions {
    inner: LocalSessionManager,
    owners: Mutex<HashMap<SessionId, Owned>>,
}

struct Owned {
    owner: Owner,
    used: Instant,
}

/// Why there is no session.
#[derive(Debug)]
pub(super) enum SessionProblem {
    /// The request did not come through [`Sessions::within`].
    Nobody,
    /// Others hold all there are.
    TooMany,
    /// The session is closing.
    Over,
}

impl fmt::Display for SessionProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nobody => "nobody is known to be asking",
            Self::TooMany => "there are too many sessions",
            Self::Over => "the session is over",
        })
    }
}

impl std::error::Error for SessionProblem {}

impl From<LocalSessionManagerError> for SessionProblem {
    /// What the inner error says is dropped: it names the session, and errors are logged.
    fn from(_: LocalSessionManagerError) -> Self {
        Self::Over
    }
}

impl Sessions {
    pub(super) fn new() -> Self {
        let mut inner = LocalSessionManager::default();
        inner.session_config.keep_alive = Some(IDLE);
        inner.session_config.init_timeout = Some(OPENING);
        Self { inner, owners: Mutex::default() }
    }

    /// Whether this is a session of this owner. If it is, it counts as used.
    pub(super) fn use_by(&self, session: &str, owner: &Owner) -> bool {
        match self.owners().get_mut(session) {
            Some(owned) if owned.owner == *owner => {
                owned.used = Instant::now();
                true
            }
            _ => false,
        }
    }

    /// Handles a request of this owner: a session that it opens is theirs.
    pub(super) async fn within<T>(owner: Owner, request: impl Future<Output = T>) -> T {
        OWNER.scope(owner, request).await
    }

    /// Makes room for one more session of this owner: its own oldest one goes first.
    async fn make_room(&self, owner: &Owner) -> Result<(), SessionProblem> {
        let oldest = {
            let owners = self.owners();
            let own = owners.iter().filter(|(_, owned)| owned.owner == *owner);
            if owners.len() < MOST && own.clone().count() < MOST_PER_OWNER {
                return Ok(());
            }
            own.min_by_key(|(_, owned)| owned.used).map(|(id, _)| id.clone()).ok_or(SessionProblem::TooMany)?
        };
        self.close_session(&oldest).await
    }

    fn owners(&self) -> MutexGuard<'_, HashMap<SessionId, Owned>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionManager for Sessions {
    type Error = SessionProblem;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        let owner = OWNER.try_with(Owner::clone).map_err(|_| SessionProblem::Nobody)?;
        self.make_room(&owner).await?;
        let (id, transport) = self.inner.create_session().await?;
        self.owners().insert(id.clone(), Owned { owner, used: Instant::now() });
        Ok((id, transport))
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, Self::Error> {
        Ok(self.inner.initialize_session(id, message).await?)
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, Self::Error> {
        Ok(self.inner.has_session(id).await?)
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        self.owners().remove(id);
        Ok(self.inner.close_session(id).await?)
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.inner.create_stream(id, message).await?)
    }

    async fn accept_message(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<(), Self::Error> {
        Ok(self.inner.accept_message(id, message).await?)
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.inner.create_standalone_stream(id).await?)
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        Ok(self.inner.resume(id, last_event_id).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(name: &str) -> Owner {
        Owner(name.to_owned())
    }

    async fn open(sessions: &Sessions, name: &str) -> Result<SessionId, SessionProblem> {
        // The other end goes at once, as that of a client that never speaks.
        Sessions::within(owner(name), sessions.create_session()).await.map(|(id, _)| id)
    }

    #[tokio::test]
    async fn a_session_is_there_for_its_owner_alone() {
        let sessions = Sessions::new();
        let id = open(&sessions, "a").await.unwrap();
        assert!(sessions.use_by(&id, &owner("a")));
        assert!(!sessions.use_by(&id, &owner("b")));
        assert!(!sessions.use_by("00000000-0000-0000-0000-000000000000", &owner("a")));
        sessions.close_session(&id).await.unwrap();
        assert!(!sessions.use_by(&id, &owner("a")));
    }

    #[tokio::test]
    async fn a_request_of_nobody_opens_none() {
        assert!(matches!(Sessions::new().create_session().await, Err(SessionProblem::Nobody)));
    }

    #[tokio::test]
    async fn one_owner_has_a_few_and_its_own_oldest_makes_room() {
        let sessions = Sessions::new();
        let other = open(&sessions, "b").await.unwrap();
        let first = open(&sessions, "a").await.unwrap();
        let second = open(&sessions, "a").await.unwrap();
        for _ in 2..MOST_PER_OWNER {
            open(&sessions, "a").await.unwrap();
        }
        assert!(sessions.use_by(&first, &owner("a")), "and now the second is the oldest");
        open(&sessions, "a").await.unwrap();
        assert!(sessions.use_by(&first, &owner("a")));
        assert!(!sessions.use_by(&second, &owner("a")));
        assert!(sessions.use_by(&other, &owner("b")));
        assert_eq!(sessions.owners().len(), MOST_PER_OWNER + 1);
    }

    #[tokio::test]
    async fn all_owners_together_have_a_bounded_number() {
        let sessions = Sessions::new();
        for n in 0..MOST {
            open(&sessions, &format!("owner-{n}")).await.unwrap();
        }
        assert!(matches!(open(&sessions, "one-more").await, Err(SessionProblem::TooMany)));
        assert!(open(&sessions, "owner-1").await.is_ok(), "whoever has one can trade it in");
        assert_eq!(sessions.owners().len(), MOST);
    }
}
