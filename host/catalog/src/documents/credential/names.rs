//! Names of places that hold a credential, taken whole or by their last words.
//!
//! Narrower than what a query key may be called (`model` refuses `key` and `session` there): here an ordinary word with
//! an ordinary value must pass, such as `{"key": "value"}` in an example.

/// Whole names, by their letters and digits, without case.
#[rustfmt::skip]
const WHOLE: &[&str] = &[
    "accesskey", "apisecret", "authorization", "bearer", "bottoken", "clientsecret", "connectionstring", "cookie",
    "credential", "credentials", "csrftoken", "encryptionkey", "idtoken", "jwt", "masterkey", "passcode", "passphrase",
    "passwd", "password", "pat", "personalaccesstoken", "privatekey", "proxyauthorization", "pwd", "refreshtoken",
    "sastoken", "secret", "secretaccesskey", "secretkey", "serviceaccountkey", "sessiontoken", "setcookie",
    "sharedaccesskey", "signingkey", "signingsecret", "token", "usertoken", "webhooksecret",
];

/// Ends of names that say the same behind any beginning, such as `slackBotToken` and `X-Goog-Api-Key`.
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "accesstoken", "apikey", "apitoken", "authkey", "authtoken", "bearertoken", "bottoken", "clientsecret",
    "passphrase", "password", "privatekey", "refreshtoken", "secret", "secretkey",
];

/// Whether a name is one that a credential is kept under.
pub(crate) fn is_credential(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let whole = plain.strip_prefix('x').unwrap_or(&plain);
    WHOLE.contains(&plain.as_str()) || WHOLE.contains(&whole) || ENDS.iter().any(|end| plain.ends_with(end))
}
