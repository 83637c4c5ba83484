//! Who signs without a key of their own: a name, and who says that it is theirs.
//!
//! Compared as a whole, letter by letter: there are no patterns here, so that nobody is trusted by a slip in one.

use std::fmt;

use portcullis_model::{Code, Refusal, Shown};
use sigstore_verify::IdentityMatcher;
use url::Url;

/// Longest name or issuer, in bytes.
const MAX_BYTES: usize = 2048;

/// A name with the issuer (OpenID Connect) that vouched for it when the certificate was made out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    name: Name,
    issuer: String,
}

/// A name is of one kind only: an address of mail is no address on the web, whatever its letters.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Uri(String),
    Mail(String),
}

impl Signer {
    /// A name as certificates have it, such as a workflow's address with its ref or an address of mail, and an issuer.
    ///
    /// # Errors
    /// `bad-request` where one of the two is not written in full.
    pub fn new(identity: &str, issuer: &str) -> Result<Self, Refusal> {
        let name = Name::parse(identity).ok_or_else(|| {
            Refusal::new(Code::BadRequest, format!("`{}` is no identity in full", Shown::new(identity))).fix(
                "write it as the certificate has it, without patterns: identity = \"https://github.com/OWNER/REPOSITORY/.github/workflows/FILE.yml@refs/tags/TAG\", or an address of mail",
            )
        })?;
        if !is_issuer(issuer) {
            let what = format!("`{}` is no issuer in full", Shown::new(issuer));
            return Err(Refusal::new(Code::BadRequest, what).fix(
                "write it as the certificate has it, without patterns: issuer = \"https://token.actions.githubusercontent.com\"",
            ));
        }
        Ok(Self { name, issuer: issuer.to_owned() })
    }

    /// The name.
    #[must_use]
    pub fn identity(&self) -> &str {
        match &self.name {
            Name::Uri(name) | Name::Mail(name) => name,
        }
    }

    /// Who vouched for it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn matcher(&self) -> IdentityMatcher {
        match &self.name {
            Name::Uri(name) => IdentityMatcher::Uri(name.clone()),
            Name::Mail(name) => IdentityMatcher::Email(name.clone()),
        }
    }
}

impl Name {
    fn parse(text: &str) -> Option<Self> {
        if !is_literal(text) {
            return None;
        }
        if text.contains("://") {
            return Url::parse(text).is_ok_and(|url| url.has_host()).then(|| Self::Uri(text.to_owned()));
        }
        let (user, host) = text.split_once('@')?;
        let is_mail = !user.is_empty() && !host.is_empty() && !host.contains('@') && !text.contains('/');
        is_mail.then(|| Self::Mail(text.to_owned()))
    }
}

/// Whether somebody might have written it in full: what certificates can hold, and no star, which in a name of this kind
/// is somebody's pattern.
fn is_literal(text: &str) -> bool {
    text.len() <= MAX_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'*')
}

fn is_issuer(text: &str) -> bool {
    is_literal(text)
        && Url::parse(text).is_ok_and(|url| {
            url.scheme() == "https"
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        })
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text| Shown::new(text).limit_bytes(400);
        write!(f, "`{}` (by `{}`)", shown(self.identity()), shown(&self.issuer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKFLOW: &str = "https://github.com/acme/weather/.github/workflows/release.yml@refs/tags/v1";
    const ISSUER: &str = "https://token.actions.githubusercontent.com";

    #[test]
    fn a_signer_is_written_in_full() {
        for identity in [WORKFLOW, "spiffe://acme.example/builder", "release@acme.example", "release+1@acme.example"] {
            let signer = Signer::new(identity, ISSUER).unwrap();
            assert_eq!((signer.identity(), signer.issuer()), (identity, ISSUER));
        }
        for bad in [
            "",
            "*",
            "acme",
            "@",
            "release@",
            "@acme.example",
            "*@acme.example",
            "a@b@c",
            "acme/weather@refs/tags/v1",
            "https://",
            "spiffe:///builder",
            "https://github.com/acme/*",
            "https://github.com/acme/.*@refs/tags/v1",
            "https://github.com/acme/weather@refs/tags/v1 ",
            "https://github.com/acme/weather@refs/tags/v1\n",
            "https://github.com/\u{200b}acme/weather",
            &format!("https://github.com/{}", "a".repeat(3000)),
        ] {
            assert!(Signer::new(bad, ISSUER).is_err_and(|no| no.way_out().is_some()), "{bad:?}");
        }
    }

    #[test]
    fn an_issuer_is_one_address_on_https() {
        for issuer in
            [ISSUER, "https://accounts.google.com", "https://github.com/login/oauth", "https://ci.example:8443"]
        {
            assert!(Signer::new(WORKFLOW, issuer).is_ok(), "{issuer}");
        }
        for bad in [
            "",
            "*",
            "token.actions.githubusercontent.com",
            "http://token.actions.githubusercontent.com",
            "https://*.githubusercontent.com",
            "https://user@ci.example",
            "https://ci.example/?any",
            "https://ci.example/#any",
            "https://ci.example ",
        ] {
            assert!(Signer::new(WORKFLOW, bad).is_err_and(|no| no.way_out().is_some()), "{bad:?}");
        }
    }

    #[test]
    fn a_name_of_one_kind_is_none_of_another() {
        let mail = Signer::new("release@acme.example", ISSUER).unwrap();
        assert_eq!(mail.matcher(), IdentityMatcher::Email("release@acme.example".to_owned()));
        assert_eq!(Signer::new(WORKFLOW, ISSUER).unwrap().matcher(), IdentityMatcher::Uri(WORKFLOW.to_owned()));
    }
}
