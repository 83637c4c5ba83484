//! Asking a registry, and saying who asks where it wants to know.
//!
//! Nobody is said first. A registry's credential goes to that registry, and to give out a token to where the registry
//! itself is or the operator says; wherever else a registry would have it sent, nothing is sent. A token goes to its
//! registry only, and is forgotten with the session.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use portcullis_catalog::{Repository, WebAddress};
use portcullis_model::{Code, FixedOrigin, Refusal, Shown};
use serde::Deserialize;
use tokio::time::Instant;
use zeroize::Zeroizing;

use crate::credential::Credential;
use crate::registry::challenge::Challenge;
use crate::slot::Slot;
use crate::web::{Ask, Told};
use crate::{Egress, wire};

/// Largest answer with a token, in bytes.
const MAX_TOKEN_ANSWER: usize = 64 << 10;

/// Longest token in bytes, as headers go.
const MAX_TOKEN_BYTES: usize = 16 << 10;

/// What a token is to be good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rights {
    Pull,
    Push,
}

/// One visit at a repository.
pub(super) struct Session<'a> {
    egress: &'a Egress,
    repository: &'a Repository,
    rights: Rights,
    authorization: Option<HeaderValue>,
    said: Said,
}

/// Who the registry was told is asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    /// Nobody in particular, by a token that everybody gets.
    Nobody,
    /// Whose credential it is. `worked` says that it was let in since: a token may run out, but a credential that was not
    /// taken is not shown again.
    Somebody {
        worked: bool,
    },
}

impl<'a> Session<'a> {
    pub(super) fn new(egress: &'a Egress, repository: &'a Repository, rights: Rights) -> Self {
        Self { egress, repository, rights, authorization: None, said: Said::Nothing }
    }

    pub(super) fn repository(&self) -> &'a Repository {
        self.repository
    }

    pub(super) fn registry(&self) -> &'a FixedOrigin {
        self.repository.registry()
    }

    /// Asks the registry. An answer that wants to know who asks, or says that nobody of that name may, never comes back.
    pub(super) async fn ask(
        &mut self,
        method: Method,
        address: WebAddress,
        headers: HeaderMap,
        body: Option<Bytes>,
        deadline: Instant,
    ) -> Result<Told, Refusal> {
        loop {
            let ask = Ask {
                method: method.clone(),
                address: address.clone(),
                headers: headers.clone(),
                authorization: self.authorization.clone(),
                body: body.clone(),
                follows: method == Method::GET,
            };
            let told = self.egress.web().ask(ask, deadline).await?;
            let status = told.response.status();
            // Another host's 401 is no registry's question.
            if told.origin != *self.registry() || !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                if let Said::Somebody { worked } = &mut self.said {
                    *worked = true;
                }
                return Ok(told);
            }
            let refused = status == StatusCode::FORBIDDEN || self.said == Said::Somebody { worked: false };
            match Challenge::read(told.response.headers()) {
                Some(challenge) if !refused => self.authorization = Some(self.login(challenge, deadline).await?),
                _ => return Err(self.not_for_us()),
            }
        }
    }

    async fn login(&mut self, challenge: Challenge, deadline: Instant) -> Result<HeaderValue, Refusal> {
        let slot = Slot::registry(self.registry());
        let (realm, service) = match challenge {
            Challenge::Bearer { realm, service } => (self.realm(&realm)?, service),
            Challenge::Basic => {
                self.said = Said::Somebody { worked: false };
                let loaded = self.egress.credentials().load(slot).await?;
                return basic(&loaded.credential).ok_or_else(|| self.unfit());
            }
        };
        if self.said == Said::Nothing && self.rights == Rights::Pull {
            self.said = Said::Nobody;
            if let Some(token) = self.token(&realm, service.as_deref(), None, deadline).await? {
                return Ok(token);
            }
        }
        self.said = Said::Somebody { worked: false };
        let loaded = self.egress.credentials().load(slot).await?;
        let Some(named) = basic(&loaded.credential) else {
            // A token that the operator has: it is the registry's, and needs nobody to give out another.
            return wire::attach("Bearer ", &loaded.credential);
        };
        self.may_give_out(&realm)?;
        self.token(&realm, service.as_deref(), Some(named), deadline).await?.ok_or_else(|| self.not_for_us())
    }

    /// Where tokens are given out: on https, or on this machine for a registry that is there itself.
    fn realm(&self, text: &str) -> Result<WebAddress, Refusal> {
        let realm = text
            .parse()
            .ok()
            .filter(|realm: &WebAddress| !realm.origin().is_loopback() || self.registry().is_loopback());
        realm.ok_or_else(|| {
            let what = format!("the registry `{}` sends for a token to `{}`", self.registry(), Shown::new(text));
            Refusal::new(Code::AddressRefused, what).fix("use another registry")
        })
    }

    /// Whether the credential may be sent there.
    fn may_give_out(&self, realm: &WebAddress) -> Result<(), Refusal> {
        let (registry, place) = (self.registry(), realm.origin());
        if place == registry || self.egress.login_of(registry) == Some(place) {
            return Ok(());
        }
        let what = format!("the registry `{registry}` would have its credential sent to `{place}`");
        Err(Refusal::new(Code::AddressRefused, what).fix(format!(
            "if that is right, put into portcullis.toml: [registries.\"{}\"] login = \"{place}\"",
            registry.authority()
        )))
    }

    /// A token; `None` where whoever asks gets none.
    async fn token(
        &self,
        realm: &WebAddress,
        service: Option<&str>,
        named: Option<HeaderValue>,
        deadline: Instant,
    ) -> Result<Option<HeaderValue>, Refusal> {
        let actions = if self.rights == Rights::Push { "pull,push" } else { "pull" };
        let mut url = realm.url().clone();
        url.query_pairs_mut().append_pair("scope", &format!("repository:{}:{actions}", self.repository.path()));
        if let Some(service) = service {
            url.query_pairs_mut().append_pair("service", service);
        }
        // A redirect of a request with a credential is nothing that any registry does.
        let ask = Ask { authorization: named, follows: false, ..Ask::get(url.try_into()?) };
        let told = self.egress.web().ask(ask, deadline).await?;
        match told.response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Ok(None),
            _ => return Err(super::unexpected(&told)),
        }
        let answer = Zeroizing::new(told.bytes(MAX_TOKEN_ANSWER, deadline).await?);
        let unread = || {
            let what = format!("`{}` gives out something that is no token", realm.origin());
            Refusal::new(Code::SourceUnavailable, what).fix("ask whoever runs the registry")
        };
        let given: Given = serde_json::from_slice(&answer).map_err(|_| unread())?;
        let token = given.token.or(given.access_token).map(Zeroizing::new).ok_or_else(unread)?;
        if token.is_empty() || token.len() > MAX_TOKEN_BYTES {
            return Err(unread());
        }
        wire::secret_value("Bearer ", token.as_bytes()).map(Some).ok_or_else(unread)
    }

    fn not_for_us(&self) -> Refusal {
        let (registry, what) = (self.registry(), Shown::new(self.repository.path()).to_string());
        let verb = if self.rights == Rights::Push { "push to" } else { "pull" };
        Refusal::new(Code::SourceUnavailable, format!("the registry `{registry}` does not let us {verb} `{what}`"))
            .fix(format!("portcullis secret set --registry {}", registry.authority()))
    }

    fn unfit(&self) -> Refusal {
        let what = format!("the registry `{}` wants user and password", self.registry());
        Refusal::new(Code::CredentialUnfit, what)
            .fix(format!("portcullis secret set --registry {}, as USER:PASSWORD", self.registry().authority()))
    }
}

#[derive(Deserialize)]
struct Given {
    token: Option<String>,
    access_token: Option<String>,
}

/// User and password as a header (RFC 7617); `None` for a credential that is a token.
fn basic(credential: &Credential) -> Option<HeaderValue> {
    let text = credential.expose();
    if !text.contains(':') {
        return None;
    }
    let encoded = Zeroizing::new(STANDARD.encode(text));
    wire::secret_value("Basic ", encoded.as_bytes())
}
