//! A place on the web that something may be fetched from: https, or http on this machine.

use std::fmt;
use std::str::FromStr;

use portcullis_model::{Code, FixedOrigin, Refusal, Shown};
use serde::{Deserialize, Serialize};
use url::Url;

/// Longest address in bytes.
const MAX_BYTES: usize = 8 << 10;

/// An address without user, password and fragment, whose host may be an origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebAddress {
    url: Url,
    origin: FixedOrigin,
}

impl WebAddress {
    /// The whole address.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &FixedOrigin {
        &self.origin
    }
}

impl TryFrom<Url> for WebAddress {
    type Error = Refusal;
    fn try_from(url: Url) -> Result<Self, Refusal> {
        let unfit = |why: &str| {
            let shown = url.origin().ascii_serialization();
            Refusal::new(Code::BadRequest, format!("nothing is fetched from `{}`: {why}", Shown::new(&shown)))
                .fix("write it as https://HOST/PATH")
        };
        if url.as_str().len() > MAX_BYTES {
            return Err(unfit("expected at most 8192 bytes"));
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(unfit("a user, a password or a fragment has no place in the address"));
        }
        let origin = FixedOrigin::by_operator(&url.origin().ascii_serialization())
            .map_err(|_| unfit("expected https and a host name, or this machine"))?;
        Ok(Self { url, origin })
    }
}

impl FromStr for WebAddress {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Self, Refusal> {
        Url::parse(text)
            .map_err(|_| {
                Refusal::new(Code::BadRequest, format!("`{}` is no address", Shown::new(text)))
                    .fix("write it as https://HOST/PATH")
            })?
            .try_into()
    }
}

impl TryFrom<String> for WebAddress {
    type Error = Refusal;
    fn try_from(text: String) -> Result<Self, Refusal> {
        text.parse()
    }
}

impl From<WebAddress> for String {
    fn from(address: WebAddress) -> Self {
        address.url.into()
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_this_machine() {
        for good in ["https://catalog.example/index.json?v=1", "http://127.0.0.1:8000/x", "http://localhost:8000/x"] {
            assert!(good.parse::<WebAddress>().is_ok_and(|address| address.to_string() == good), "{good}");
        }
        for bad in [
            "",
            "catalog.example/x",
            "http://catalog.example/x",
            "https://user@catalog.example/x",
            "https://catalog.example/x#y",
            "https://10.0.0.1/x",
            "https://router.lan/x",
            "https://catalog/x",
            "file:///etc/passwd",
            "ftp://catalog.example/x",
        ] {
            assert!(bad.parse::<WebAddress>().is_err(), "{bad}");
        }
    }
}
