//! Query keys an action may use, and the ones nobody may declare.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

use crate::Shown;

/// Keys that services read a credential from. Exact names, compared after dropping case and `-`/`_`: `page_token`
/// is a paging cursor and stays allowed.
const CREDENTIALS: &[&str] = &[
    "accesskey", "accesskeyid", "accesstoken", "apikey", "apitoken", "appkey", "appsecret", "assertion", "auth",
    "authkey", "authorization", "authtoken", "awsaccesskeyid", "bearer", "bearertoken", "clientassertion",
    "clientsecret", "codeverifier", "cookie", "credential", "credentials", "hmac", "idtoken", "jwt", "key",
    "keyid", "oauthsignature", "oauthtoken", "oauthverifier", "passcode", "passphrase", "passwd", "password",
    "privatekey", "privatetoken", "pwd", "refreshtoken", "samlresponse", "secret", "secretkey", "session",
    "sessionid", "sessiontoken", "sid", "sig", "sign", "signature", "subscriptionkey", "ticket", "token",
    "xamzcredential", "xamzsecuritytoken", "xamzsignature", "xapikey",
];

/// Longest key in bytes.
const MAX_BYTES: usize = 128;

/// A key that an action declares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct QueryKey(String);

/// Why a key cannot be declared.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryProblem {
    /// Not made of the allowed characters.
    #[error("`{0}` is not a query key: expected 1 to 128 letters, digits and `-._~[]:$`")]
    NotAKey(String),
    /// A key that carries a credential.
    #[error("query key `{0}` carries a credential: only the host attaches one, in a header")]
    Credential(String),
}

/// Whether a name, taken whole, is one that services read a credential from.
pub(crate) fn names_a_credential(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect();
    CREDENTIALS.contains(&plain.as_str())
}

impl QueryKey {
    /// Checks a declared key.
    ///
    /// # Errors
    /// When it is malformed or carries a credential.
    pub fn parse(text: &str) -> Result<Self, QueryProblem> {
        let ok = (1..=MAX_BYTES).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~[]:$".contains(&b));
        if !ok {
            return Err(QueryProblem::NotAKey(Shown::new(text).to_string()));
        }
        if names_a_credential(text) {
            return Err(QueryProblem::Credential(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for QueryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
