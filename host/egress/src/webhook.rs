//! A signed message to the operator's webhook, as Standard Webhooks has it (standardwebhooks.com, 1.0.0).
//!
//! The key is kept where credentials are, under the one name that no port can have, and never leaves this crate: what
//! goes out is the HMAC-SHA256 of id, time and body. Does not decide what is sent, nor whether to try again.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use portcullis_model::{Code, PortSlug, Refusal};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::courier::{Address, Courier, Reply, Undelivered};
use crate::credential::Credential;
use crate::store::CredentialStore;

/// What stands before the key.
const PREFIX: &str = "whsec_";

/// Bytes that a key may have, by the specification.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The name under which the key is kept. A manifest that takes it for its port is refused.
const SLOT: &str = "portcullis";

/// How long the receiver may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// The name under which the webhook's key is kept.
///
/// # Panics
/// Never: the name is a constant that is one.
#[must_use]
#[expect(clippy::expect_used, reason = "a constant, which a test parses")]
pub fn slot() -> PortSlug {
    SLOT.parse().expect("a slug")
}

/// That a credential can be a webhook's key.
///
/// # Errors
/// `credential-unfit`; the text holds nothing of it.
pub fn check_key(credential: &Credential) -> Result<(), Refusal> {
    key(credential).map(drop)
}

fn key(credential: &Credential) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let unfit = || {
        Refusal::new(
            Code::CredentialUnfit,
            format!("expected `{PREFIX}` and base64 of {} to {} bytes", KEY_BYTES.start(), KEY_BYTES.end()),
        )
        .fix("printf 'whsec_%s' \"$(openssl rand -base64 32)\" | portcullis secret set --webhook")
    };
    let text = credential.expose().strip_prefix(PREFIX).ok_or_else(unfit)?;
    let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| unfit())?);
    if KEY_BYTES.contains(&bytes.len()) { Ok(bytes) } else { Err(unfit()) }
}

/// Why a message did not get there.
#[derive(Debug, Error)]
pub enum Unsigned {
    /// There is no key, or it is not one.
    #[error(transparent)]
    Key(#[from] Refusal),
    /// Nothing came back.
    #[error(transparent)]
    Undelivered(#[from] Undelivered),
}

/// Where to, and the way there.
pub struct Webhook {
    address: Address,
    courier: Courier,
}

impl Webhook {
    /// A webhook at an address.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self { address, courier: Courier::default() }
    }

    /// Scheme, host and port of it.
    #[must_use]
    pub fn origin(&self) -> String {
        self.address.origin()
    }

    pub(crate) async fn post(
        &self,
        credentials: &CredentialStore,
        id: &str,
        at_s: u64,
        body: Bytes,
    ) -> Result<Reply, Unsigned> {
        let headers = {
            let loaded = credentials.load(&slot()).await?;
            signed(&loaded.credential, id, at_s, &body)?
        };
        Ok(self.courier.post(&self.address, headers, body, PATIENCE).await?)
    }
}

fn signed(credential: &Credential, id: &str, at_s: u64, body: &[u8]) -> Result<HeaderMap, Refusal> {
    let unusable = |_| Refusal::new(Code::CredentialUnfit, "the webhook's message cannot be signed");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(credential)?)
        .map_err(|_| Refusal::new(Code::CredentialUnfit, "the webhook's key has no fit length"))?;
    for part in [id.as_bytes(), b".", at_s.to_string().as_bytes(), b".", body] {
        mac.update(part);
    }
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    let value = |text: &str| HeaderValue::from_str(text).map_err(unusable);
    Ok(HeaderMap::from_iter([
        (HeaderName::from_static("webhook-id"), value(id)?),
        (HeaderName::from_static("webhook-timestamp"), value(&at_s.to_string())?),
        (HeaderName::from_static("webhook-signature"), value(&signature)?),
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (USER_AGENT, HeaderValue::from_static(concat!("portcullis/", env!("CARGO_PKG_VERSION")))),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn a_message_is_signed_as_the_specification_says() -> Result<(), Refusal> {
        let key = Credential::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned())?;
        let headers = signed(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#)?;
        assert_eq!(headers["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(headers["webhook-timestamp"], "1614265330");
        Ok(())
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() -> Result<(), Refusal> {
        for bad in
            ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw!"]
        {
            let refusal = check_key(&Credential::new(bad.to_owned())?).err().map(|refusal| format!("{refusal:?}"));
            assert!(refusal.is_some_and(|text| !text.contains("MfKQ")), "{bad}");
        }
        Ok(())
    }

    #[test]
    fn the_keys_name_is_one() {
        assert_eq!(slot().as_str(), SLOT);
    }
}
