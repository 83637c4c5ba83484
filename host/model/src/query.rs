//! Query keys an action may use, and the ones nobody may declare.

use std::fmt;

use serde::Serialize;
use thiserror::Error;

use crate::Shown;
use crate::method::overrides_method;

/// Keys that services read a credential from. Exact names, compared by their letters and digits, without case and
/// without a leading `x`: frameworks read `access.token` and `token[]` as `access_token` and `token`. `page_token` is a
/// paging cursor and stays allowed.
#[rustfmt::skip]
const CREDENTIALS: &[&str] = &[
    "accesskey", "accesskeyid", "accesstoken", "accountkey", "amzcredential", "amzsecuritytoken", "amzsignature",
    "apiaccesstoken", "apiauth", "apikey", "apisecret", "apisecretkey", "apisessionkey", "apisig", "apisignature",
    "apitoken", "appkey", "appsecret", "assertion", "auth", "authenticitytoken", "authkey", "authorization",
    "authorizationtoken", "authsig", "authsignature", "authtkt", "authtoken", "awsaccesskey", "awsaccesskeyid",
    "bearer", "bearertoken", "clientassertion", "clientkey", "clientsecret", "clienttoken", "codeverifier",
    "consumerkey", "consumersecret", "cookie", "credential", "credentials", "csrf", "csrftoken", "developerkey",
    "devkey", "functionskey", "googcredential", "googleaccessid", "googsignature", "hmac", "idtoken", "jwt", "key",
    "keyid", "keypairid", "masterkey", "oauth", "oauthconsumerkey", "oauthconsumersecret", "oauthsignature",
    "oauthtoken", "oauthtokensecret", "oauthverifier", "otp", "pass", "passcode", "passphrase", "passwd", "password",
    "personalaccesstoken", "privatekey", "privatetoken", "pwd", "refreshtoken", "samlresponse", "sastoken", "secret",
    "secretaccesskey", "secretkey", "secrettoken", "securitytoken", "serviceaccountkey", "session", "sessionid",
    "sessionkey", "sessiontoken", "sharedaccesssignature", "sharedsecret", "sid", "sig", "sign", "signature",
    "signedtoken", "ssotoken", "subscriptionkey", "subscriptiontoken", "ticket", "token", "totp", "usertoken",
    "xsrftoken",
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
    /// A key that names another method.
    #[error("query key `{0}` makes services take another method than the declared one")]
    Method(String),
}

/// Whether a name, taken whole, is one that services read a credential from.
pub(crate) fn names_a_credential(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    [Some(plain.as_str()), plain.strip_prefix('x')].into_iter().flatten().any(|name| CREDENTIALS.contains(&name))
}

impl QueryKey {
    /// Checks a declared key.
    ///
    /// # Errors
    /// When it is malformed, carries a credential or overrides the method.
    pub fn parse(text: &str) -> Result<Self, QueryProblem> {
        let ok = (1..=MAX_BYTES).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~[]:$".contains(&b));
        if !ok {
            return Err(QueryProblem::NotAKey(Shown::new(text).to_string()));
        }
        if names_a_credential(text) {
            return Err(QueryProblem::Credential(text.to_owned()));
        }
        if overrides_method(text) {
            return Err(QueryProblem::Method(text.to_owned()));
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
