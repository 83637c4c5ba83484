//! Bearer tokens: 256 random bits, shown once and kept only as a hash.
//!
//! The prefix says which kind it is, so that a secret scanner knows one and a person sees which of two they hold. What
//! a token may do is not read from it: the store knows.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_model::{Code, Digest, Refusal};
use portcullis_store::TokenKind;
use zeroize::Zeroizing;

/// Random bytes of a token.
const BYTES: usize = 32;

/// A token. No `Debug`, no `Clone`: it is shown on purpose or not at all.
pub struct Token {
    kind: TokenKind,
    text: Zeroizing<String>,
}

fn prefix(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Agent => "pca_",
        TokenKind::Operator => "pco_",
    }
}

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn generate(kind: TokenKind) -> Result<Self, Refusal> {
        Ok(Self { kind, text: random(prefix(kind))? })
    }

    /// Reads one as it was handed over.
    ///
    /// # Errors
    /// `unauthenticated` where it cannot be one. The text is not quoted: it may be some other secret.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let kind = [TokenKind::Agent, TokenKind::Operator].into_iter().find(|kind| text.starts_with(prefix(*kind)));
        let kind = kind.ok_or_else(unauthenticated)?;
        if !is_random(&text[prefix(kind).len()..]) {
            return Err(unauthenticated());
        }
        Ok(Self { kind, text: Zeroizing::new(text.to_owned()) })
    }

    /// Which kind it says it is.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// What is kept of it. A plain hash: there is nothing to guess in 256 random bits.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// The token, to be shown once.
    #[must_use]
    pub fn reveal(&self) -> impl fmt::Display + '_ {
        self.text.as_str()
    }
}

/// A secret of 256 random bits behind a prefix.
///
/// # Errors
/// When the machine gives no random numbers.
pub(crate) fn random(prefix: &str) -> Result<Zeroizing<String>, Refusal> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    getrandom::fill(&mut *bytes)
        .map_err(|_| Refusal::new(Code::AuditUnavailable, "the machine gives no random numbers"))?;
    Ok(Zeroizing::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(*bytes))))
}

/// Whether a text can be what [`random`] made, its prefix taken off.
pub(crate) fn is_random(text: &str) -> bool {
    let mut bytes = Zeroizing::new([0; BYTES]);
    matches!(URL_SAFE_NO_PAD.decode_slice(text, &mut *bytes), Ok(BYTES))
}

/// The refusal for every token that is not good, whatever the reason: which tokens there are is nobody's business.
pub(crate) fn unauthenticated() -> Refusal {
    Refusal::new(Code::Unauthenticated, "no valid token came with the request")
        .fix("portcullis agent create NAME, then pass its token as PORTCULLIS_TOKEN or as a bearer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_no_other_does() {
        for kind in [TokenKind::Agent, TokenKind::Operator] {
            let token = Token::generate(kind).unwrap();
            let text = token.reveal().to_string();
            let read = Token::read(&text).unwrap();
            assert_eq!((read.kind(), read.digest()), (kind, token.digest()));
            let mut other = text.clone();
            other.pop();
            for bad in [&other, &format!("{text}A"), &text[4..], &text.replace("pc", "px"), "", "pca_"] {
                assert!(Token::read(bad).is_err(), "{bad}");
            }
        }
        let two = [(); 2].map(|()| Token::generate(TokenKind::Agent).unwrap().digest());
        assert_ne!(two[0], two[1]);
    }
}
