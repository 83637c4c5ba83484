//! Names for calls, approvals, standing approvals and drafts: short enough to type, too many to guess or collide.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Crockford's base 32 in lower case: no `i`, `l`, `o`, `u` to misread.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters after the prefix: 80 bits.
const CHARS: usize = 16;

/// The text is not such an identifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not an identifier: expected `{prefix}` and {CHARS} letters and digits")]
pub struct IdProblem {
    prefix: &'static str,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Writes random bytes as an identifier.
            #[must_use]
            pub fn from_random(bytes: [u8; CHARS]) -> Self {
                let mut text = String::from($prefix);
                text.extend(bytes.iter().map(|b| char::from(ALPHABET[usize::from(b % 32)])));
                Self(text)
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdProblem;
            fn from_str(text: &str) -> Result<Self, IdProblem> {
                match text.strip_prefix($prefix) {
                    Some(rest) if rest.len() == CHARS && rest.bytes().all(|b| ALPHABET.contains(&b)) => {
                        Ok(Self(text.to_owned()))
                    }
                    _ => Err(IdProblem { prefix: $prefix }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdProblem;
            fn try_from(text: String) -> Result<Self, IdProblem> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

id!(
    /// One call of an action.
    CallId, "call-"
);
id!(
    /// One question put to a person.
    ApprovalId, "apr-"
);
id!(
    /// One yes in advance.
    StandingId, "std-"
);
id!(
    /// One action that an agent proposes.
    DraftId, "drf-"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_survives_being_written_and_read() {
        let id = ApprovalId::from_random([7; CHARS]);
        assert_eq!(id.as_str().parse::<ApprovalId>().as_ref(), Ok(&id));
        for bad in ["", "apr-", "call-7777777777777777", "apr-777777777777777i", "apr-77777777777777777"] {
            assert!(bad.parse::<ApprovalId>().is_err(), "{bad}");
        }
    }
}
