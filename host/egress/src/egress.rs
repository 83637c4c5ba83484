//! The one function that sends.
//!
//! Spends the permit, reads the credential, attaches it, sends, reads the answer and scrubs it. Does not decide whether
//! to send, and does not write the audit log: whoever called closes the call with what came of it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use portcullis_model::{Auth, Binding, FixedOrigin, Refusal};
use portcullis_policy::{ApprovedRequest, AuditTicket, Clock, OpenCall};
use tokio::time::{Instant, sleep, timeout_at};

use crate::answer::{Answer, Limits};
use crate::client::Clients;
use crate::config::ConfigProblem;
use crate::courier::Reply;
use crate::slot::Slot;
use crate::store::CredentialStore;
use crate::web::Web;
use crate::webhook::{Unsigned, Webhook};
use crate::{EgressConfig, Resolver, ScrubbedResponse, failure, retry, wire};

/// Sends approved requests.
pub struct Egress {
    config: EgressConfig,
    credentials: CredentialStore,
    clients: Clients,
    web: Web,
}

/// What came of a send. The call has to be closed in either case.
#[derive(Debug)]
#[must_use = "an intent without an outcome reads as `unknown`"]
pub struct Sent {
    /// The open call.
    pub call: OpenCall,
    /// The answer, or why there is none.
    pub result: Result<ScrubbedResponse, Refusal>,
    /// How many times the request went to the HTTP client; 0 where it was refused before.
    pub tries: u32,
    /// From spending the permit to the scrubbed answer, in microseconds.
    pub duration_us: u64,
}

impl Egress {
    /// Makes ready to send. Opens no connection and reads no credential yet.
    ///
    /// # Errors
    /// When a limit is 0.
    pub fn new(
        config: EgressConfig,
        credentials: CredentialStore,
        resolver: Arc<dyn Resolver>,
    ) -> Result<Self, ConfigProblem> {
        config.check()?;
        let clients = Clients::new(&config, Arc::clone(&resolver));
        let web = Web::new(&config, resolver);
        Ok(Self { config, credentials, clients, web })
    }

    /// The credentials, for the operator to set, list and remove.
    #[must_use]
    pub fn credentials(&self) -> &CredentialStore {
        &self.credentials
    }

    /// The way to what is not a port's.
    pub(crate) fn web(&self) -> &Web {
        &self.web
    }

    /// Where the operator says that a registry gives out tokens.
    pub(crate) fn login_of(&self, registry: &FixedOrigin) -> Option<&FixedOrigin> {
        self.config.registry_logins.get(&registry.authority())
    }

    /// That a request has the credential it needs, so that no approval is spent on one that cannot be sent.
    ///
    /// # Errors
    /// `credential-missing`, `credential-unavailable` or `credential-unfit`.
    pub async fn ready(&self, binding: &Binding) -> Result<(), Refusal> {
        match binding.auth() {
            Auth::Header(_) => self.credentials.load(binding.slot()).await.map(drop),
            Auth::None => Ok(()),
        }
    }

    /// Posts a webhook's message, signed with the key that is kept for it. One try.
    ///
    /// # Errors
    /// Where there is no key, or nothing came back.
    pub async fn announce(&self, webhook: &Webhook, id: &str, at_s: u64, body: Bytes) -> Result<Reply, Unsigned> {
        webhook.post(&self.credentials, id, at_s, body).await
    }

    /// Sends what the ticket permits. A dropped future leaves the call open, and the request possibly sent: run it
    /// on a task of its own where the caller may go away.
    pub async fn send(&self, ticket: AuditTicket, clock: &dyn Clock) -> Sent {
        let started = Instant::now();
        let (call, approved) = ticket.spend(clock.now_ms());
        let mut tries = 0;
        let result = match approved {
            Ok(approved) => self.exchange(&approved, clock, started, &mut tries).await,
            Err(refusal) => Err(refusal),
        };
        let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Sent { call, result, tries, duration_us }
    }

    async fn exchange(
        &self,
        approved: &ApprovedRequest,
        clock: &dyn Clock,
        started: Instant,
        tries: &mut u32,
    ) -> Result<ScrubbedResponse, Refusal> {
        let request = approved.request();
        let binding = request.binding();
        let (port, origin) = (binding.slot(), binding.origin());
        let client = self.clients.of(port, origin)?;
        let loaded = match binding.auth() {
            Auth::Header(_) => Some(self.credentials.load(port).await?),
            Auth::None => None,
        };
        let limits = Limits {
            max_bytes: self.config.max_response_bytes,
            deadline: started + Duration::from_millis(self.config.whole_timeout_ms),
            whole_timeout_ms: self.config.whole_timeout_ms,
        };
        loop {
            let built = wire::build(request, loaded.as_deref().map(|l| &l.credential))?;
            *tries += 1;
            let response = self.one_try(&client, built, approved, &limits).await?;
            if *tries <= self.config.max_retries
                && retry::may_repeat(approved)
                && let Some(pause) = retry::pause(response.status(), response.headers(), clock.now_ms())
                && pause < limits.deadline.saturating_duration_since(Instant::now())
            {
                drop(response);
                sleep(pause).await;
                // The permit may have run out in the meantime.
                approved.still_good(clock.now_ms())?;
                continue;
            }
            if response.status() == StatusCode::UNAUTHORIZED {
                self.credentials.forget(&Slot::from(port));
            }
            return Answer::read(response, origin, &limits).await?.scrub(loaded, origin).await;
        }
    }

    /// One request, up to the head of its answer.
    async fn one_try(
        &self,
        client: &reqwest::Client,
        request: reqwest::Request,
        approved: &ApprovedRequest,
        limits: &Limits,
    ) -> Result<reqwest::Response, Refusal> {
        let origin = approved.request().binding().origin();
        let first_byte = Instant::now() + Duration::from_millis(self.config.first_byte_timeout_ms);
        match timeout_at(first_byte.min(limits.deadline), client.execute(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(failure::no_answer(&error, origin, self.config.connect_timeout_ms)),
            Err(_) if first_byte < limits.deadline => {
                Err(failure::timeout(origin, "no answer began", self.config.first_byte_timeout_ms))
            }
            Err(_) => Err(failure::timeout(origin, "no answer", limits.whole_timeout_ms)),
        }
    }
}
