//! Idempotency keys: the same key again gets the first outcome, and nothing is sent twice.
//!
//! A key is an agent's own. A call that was refused before anything was sent frees its key, so that it can be mended
//! and made again; one that was cut off between keeps it for good, since it may have been sent.

use portcullis_model::{ActionId, AgentName, Code, Digest, Hasher, Refusal, Room, Shown};
use portcullis_policy::{ApprovalId, StoreError};
use portcullis_store::Begun;
use serde::{Deserialize, Serialize};

use super::service::unavailable;
use crate::answer::Answered;
use crate::host::Host;
use crate::shape::{Content, Kept};

/// Longest key, in characters.
const MAX_CHARS: usize = 128;

/// A key as a client gave it.
#[derive(Debug, Clone)]
pub(crate) struct Key(String);

impl Key {
    /// # Errors
    /// `bad-request` where it is no key.
    pub(crate) fn parse(text: String) -> Result<Self, Refusal> {
        if (1..=MAX_CHARS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(Self(text));
        }
        let what = format!("`{}` is no idempotency key", Shown::new(&text));
        Err(Refusal::new(Code::BadRequest, what)
            .fix(format!("use 1 to {MAX_CHARS} visible ASCII characters, such as a UUID")))
    }
}

/// Largest answer that is kept under a key, in bytes of JSON.
const MAX_KEPT_BYTES: usize = 256 << 10;

/// What is kept under a key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "was", rename_all = "kebab-case")]
pub(crate) enum Before {
    /// Sent and answered.
    Done {
        /// The answer.
        kept: Box<Kept>,
    },
    /// Held for a person.
    Held {
        /// Under this name.
        approval: ApprovalId,
    },
    /// Refused when it had perhaps been sent.
    Refused {
        /// Code of the refusal.
        code: String,
        /// Its message.
        message: String,
    },
}

/// The right to make the one call of a key, or the key's first outcome.
pub(crate) enum Turn {
    /// Nobody was here before.
    First(Held),
    /// Somebody was.
    Again(Before),
}

/// A key that is taken. It has to be ended.
pub(crate) struct Held {
    agent: AgentName,
    key: Key,
}

/// Takes a key.
///
/// # Errors
/// `key-reused` with another request, `key-busy` while its call runs, `outcome-unknown` where that was cut off.
pub(crate) async fn take(
    host: &Host,
    agent: &AgentName,
    key: Key,
    action: &ActionId,
    input: &str,
) -> Result<Turn, Refusal> {
    let shown = Shown::new(&key.0).to_string();
    match host.store().begin_once(agent, &key.0, request(action, input)).await.map_err(unavailable)? {
        Begun::First => Ok(Turn::First(Held { agent: agent.clone(), key })),
        Begun::Ended(text) => serde_json::from_str(&text)
            .map(Turn::Again)
            .map_err(|_| unknown(&shown, "its outcome was kept by another version")),
        Begun::Running => Err(Refusal::new(Code::KeyBusy, format!("the call with the key `{shown}` still runs"))
            .retry_after_ms(1000)
            .fix("make the same request again in a moment")),
        Begun::Unknown => Err(unknown(&shown, "the host stopped while it was made: it may or may not have been sent")),
        Begun::Other => Err(Refusal::new(Code::KeyReused, format!("the key `{shown}` was used for another request"))
            .fix("use a new key for a new request")),
    }
}

fn unknown(key: &str, why: &str) -> Refusal {
    Refusal::new(Code::OutcomeUnknown, format!("the outcome of the call with the key `{key}` is not known: {why}"))
        .fix("look at the service whether it was done; a new key makes a new call")
}

/// Digest of what is asked. Text with the lengths before it, so that no two requests read the same.
fn request(action: &ActionId, input: &str) -> Digest {
    Hasher::new("portcullis idempotency 1").field(action.to_string().as_bytes()).field(input.as_bytes()).finish()
}

impl Held {
    /// Keeps what became of the call, or frees the key where nothing was sent. Where that cannot be recorded the key
    /// stays taken: its call is never made again, and this answer is not lost.
    pub(crate) async fn end(self, host: &Host, outcome: &Result<Answered, Refusal>) {
        if let Err(error) = self.record(host, outcome).await {
            tracing::error!(agent = %self.agent, %error, "the outcome of an idempotency key could not be recorded");
        }
    }

    async fn record(&self, host: &Host, outcome: &Result<Answered, Refusal>) -> Result<(), StoreError> {
        let before = match outcome {
            Ok(Answered::Done(answer)) => Some(Before::Done { kept: Box::new(small(&answer.kept)) }),
            Ok(Answered::Held(held)) => Some(Before::Held { approval: held.approval.clone() }),
            Err(refusal) if nothing_sent(refusal) => None,
            Err(refusal) => {
                Some(Before::Refused { code: refusal.code().to_string(), message: refusal.message().to_owned() })
            }
        };
        let text = before.as_ref().map(serde_json::to_string).transpose();
        let text = text.map_err(|_| StoreError::new("the outcome cannot be written as JSON"))?;
        host.store().end_once(&self.agent, &self.key.0, text.as_deref()).await
    }
}

/// What is kept of an answer. Keys are kept for a month, and an agent makes as many as it likes.
fn small(kept: &Kept) -> Kept {
    let fits = kept.text().is_ok_and(|text| text.len() <= MAX_KEPT_BYTES);
    let note =
        || Content::Text(format!("the answer had over {MAX_KEPT_BYTES} bytes and is not kept; it was given once"));
    if fits { kept.clone() } else { Kept { content: note(), ..kept.clone() } }
}

/// Whether a call that was refused so cannot have reached the service. Of what egress says, only that the credential
/// was not to be had: a connection that fails may be a read's second try.
fn nothing_sent(refusal: &Refusal) -> bool {
    match refusal.code() {
        Code::OutcomeUnknown => false,
        Code::AuditUnavailable | Code::CredentialMissing | Code::CredentialUnavailable | Code::CredentialUnfit => true,
        code => matches!(
            code.room(),
            Room::Door | Room::Registry | Room::Schema | Room::Sandbox | Room::RouteCheck | Room::Policy
        ),
    }
}

/// The refusal that was kept.
pub(crate) fn refused(code: &str, message: String) -> Refusal {
    let code = Code::ALL.iter().copied().find(|known| known.as_str() == code).unwrap_or(Code::OutcomeUnknown);
    Refusal::new(code, message)
}
