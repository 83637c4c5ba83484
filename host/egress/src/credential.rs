//! A credential: a value that only this crate can read, and that nothing can print, copy or compare.
//!
//! Checks that it can stand in a header and can be found again in an answer. Does not know where it is kept.

use portcullis_model::{Code, Refusal};
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// Shortest credential in bytes. A shorter one could stand in an answer by chance, and be guessed.
const MIN_BYTES: usize = 16;

/// Longest credential in bytes: half of the 8 KiB that servers commonly take for all headers.
const MAX_BYTES: usize = 4096;

/// A key or token of one port. Wiped from memory when dropped.
pub struct Credential(SecretString);

impl Credential {
    /// Takes a credential as it was typed, piped or read; one line end after it is not part of it. The text is wiped.
    ///
    /// # Errors
    /// `credential-unfit` when it is not 16 to 4096 visible ASCII characters.
    pub fn new(text: String) -> Result<Self, Refusal> {
        let text = Zeroizing::new(text);
        let bare = text.strip_suffix('\n').map_or(text.as_str(), |t| t.strip_suffix('\r').unwrap_or(t));
        let unfit = |what: String| Err(Refusal::new(Code::CredentialUnfit, what).fix("portcullis secret set PORT"));
        if !(MIN_BYTES..=MAX_BYTES).contains(&bare.len()) {
            return unfit(format!("a credential of {} bytes: expected {MIN_BYTES} to {MAX_BYTES}", bare.len()));
        }
        if let Some(place) = bare.bytes().position(|b| !b.is_ascii_graphic()) {
            return unfit(format!("the character at byte {place} of the credential is not visible ASCII"));
        }
        Ok(Self(exactly(bare)))
    }

    /// Takes it from memory that is wiped anyway.
    pub(crate) fn from_wiped(bytes: &Zeroizing<Vec<u8>>) -> Result<Self, Refusal> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::new(text.to_owned()),
            Err(_) => Err(Refusal::new(Code::CredentialUnfit, "the credential is not visible ASCII")
                .fix("portcullis secret set PORT")),
        }
    }

    /// The value. For the header, the scrubber and the places where it is kept.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether two are the same, in time that does not depend on where they differ.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let (a, b) = (self.expose().as_bytes(), other.expose().as_bytes());
        a.len() == b.len() && a.iter().zip(b).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
    }
}

/// What opens the encrypted file. Wiped from memory when dropped.
pub struct Passphrase(pub(crate) SecretString);

impl Passphrase {
    /// Takes a passphrase as typed; one line end after it is not part of it. The text is wiped.
    ///
    /// # Errors
    /// `credential-unfit` when it is empty.
    pub fn new(text: String) -> Result<Self, Refusal> {
        let text = Zeroizing::new(text);
        let bare = text.strip_suffix('\n').map_or(text.as_str(), |t| t.strip_suffix('\r').unwrap_or(t));
        if bare.is_empty() {
            return Err(Refusal::new(Code::CredentialUnfit, "the passphrase is empty").fix("set PORTCULLIS_PASSPHRASE"));
        }
        Ok(Self(exactly(bare)))
    }
}

/// Copies into memory of just that size, which no later move has to shrink and leave behind.
fn exactly(text: &str) -> SecretString {
    let mut copy = String::with_capacity(text.len());
    copy.push_str(text);
    SecretString::from(copy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> Result<String, Code> {
        Credential::new(text.to_owned()).map(|c| c.expose().to_owned()).map_err(|refusal| refusal.code())
    }

    #[test]
    fn what_could_not_be_sent_or_found_is_unfit() {
        for text in ["0123456789abcdef", "0123456789abcdef\n", "0123456789abcdef\r\n"] {
            assert_eq!(taken(text).as_deref(), Ok("0123456789abcdef"));
        }
        assert!(taken(&"x".repeat(4096)).is_ok());
        for text in [
            "",
            "0123456789abcde",
            "0123456789abcde\n",
            "0123456789 abcdef",
            "0123456789abcdef\r",
            "\n0123456789abcdef",
            "0123456789abcdef\n\n",
            "0123456789abcdefé",
            "0123456789abc\u{7f}def",
            "0123456789abc\0def",
            &"x".repeat(4097),
        ] {
            assert_eq!(taken(text), Err(Code::CredentialUnfit), "{text:?}");
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_the_credential() {
        for text in ["short-secret", "a secret with spaces in it"] {
            let refusal = Credential::new(text.to_owned()).err().map(|r| format!("{r} {r:?}")).unwrap_or_default();
            assert!(!refusal.contains("secret-") && !refusal.contains("spaces in"), "{refusal}");
        }
    }
}
