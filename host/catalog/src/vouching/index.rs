//! A catalog's index: what a publisher offers, signed as a whole, with a version and an end.
//!
//! Signed as a whole, so that no entry can be taken out or mixed with another day's; with a version, so that an older one
//! is noticed; with an end, so that it is noticed that no newer one is let through. Fetches and keeps nothing: whoever
//! calls says what the time is and what was seen before.

use jiff::Timestamp;
use portcullis_model::{Code, Digest, PortSlug, Refusal, Shown, deceives, parse_strict};
use serde::{Deserialize, Serialize};

use crate::vouching::dsse::Envelope;
use crate::vouching::key::PublicKey;
use crate::vouching::signing_key::SigningKey;
use crate::vouching::source::Source;
use crate::vouching::voucher::{VouchedBy, Who};

/// What an index is, in its envelope and as an artifact.
pub const INDEX_TYPE: &str = "application/vnd.portcullis.index.v1+json";

/// Largest index in its envelope, in bytes.
pub const MAX_INDEX_BYTES: usize = 4 << 20;

/// Most entries.
const MAX_ENTRIES: usize = 10_000;

/// Longest text of an entry, in bytes.
const MAX_TEXT_BYTES: usize = 512;

/// Highest version: what every JSON reader takes exactly (RFC 8259, section 6).
const MAX_VERSION: u64 = (1 << 53) - 1;

/// How far two clocks may differ, in milliseconds.
const SKEW_MS: i64 = 5 * 60 * 1000;

/// An index whose signature, version and time were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    written: IndexDraft,
    digest: Digest,
    signed_by: VouchedBy,
}

/// An index as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexDraft {
    /// Its name, under which the operator lists it.
    pub name: String,
    /// Higher with every change.
    pub version: u64,
    /// Since when it holds.
    pub issued: Timestamp,
    /// From when on it does not hold any more.
    pub expires: Timestamp,
    /// What is offered.
    pub entries: Vec<Entry>,
}

/// One thing that is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Name in the index; there is one of each.
    pub name: PortSlug,
    /// One line.
    pub summary: String,
    /// Version of what is offered.
    pub version: String,
    /// Where it is to be had.
    #[serde(rename = "ref")]
    pub source: Source,
    /// SHA-256 of the component or document itself, wherever it is had from.
    pub digest: Digest,
}

/// The newest index of a name that was seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Its version.
    pub version: u64,
    /// Digest of what it said.
    pub digest: Digest,
}

impl Index {
    /// Opens an index that is listed under this name: signed by one of these keys, not older than what was seen, and in
    /// its time.
    ///
    /// # Errors
    /// `signature-refused` where none of the keys signed it, `index-refused` for everything else.
    pub fn open(
        name: &str,
        envelope: &[u8],
        keys: &[PublicKey],
        now_ms: u64,
        seen: Option<Seen>,
    ) -> Result<Self, Refusal> {
        let index = Self::signed(name, envelope, keys)?;
        let IndexDraft { version, issued, expires, .. } = &index.written;
        if let Some(seen) = seen {
            if *version < seen.version {
                return Err(refused(name, &format!("it is version {version}, and {} was seen before", seen.version))
                    .fix("somebody may be offering an old one: get it elsewhere, or ask whoever publishes it"));
            }
            if *version == seen.version && index.digest != seen.digest {
                return Err(refused(name, &format!("it is another one than was seen before as version {version}"))
                    .fix("ask whoever publishes it to issue one with a higher version"));
            }
        }
        let now_ms = i64::try_from(now_ms).unwrap_or(i64::MAX);
        if issued.as_millisecond().saturating_sub(SKEW_MS) > now_ms {
            return Err(refused(name, &format!("it holds from {issued} on, which is in the future"))
                .fix("check this machine's clock"));
        }
        if expires.as_millisecond() <= now_ms {
            return Err(refused(name, &format!("its time was over at {expires}")).fix(
                "get a newer one; where there is none, ask whoever publishes it, and check this machine's clock",
            ));
        }
        Ok(index)
    }

    /// Opens an index that vouches for what was installed from it, whatever its age: being too old to install from does
    /// not take back what it said.
    ///
    /// # Errors
    /// `signature-refused` where none of the keys signed it, `index-refused` where it is none of this name.
    pub(crate) fn signed(name: &str, envelope: &[u8], keys: &[PublicKey]) -> Result<Self, Refusal> {
        if envelope.len() > MAX_INDEX_BYTES {
            return Err(refused(name, &format!("it is over {MAX_INDEX_BYTES} bytes")).fix("ask whoever publishes it"));
        }
        let envelope = Envelope::read(envelope)
            .ok_or_else(|| refused(name, "it is no signed envelope").fix("check the address in portcullis.toml"))?;
        let Some((payload, key)) = envelope.open(keys) else {
            let names: Vec<String> = keys.iter().map(|key| format!("`{}`", key.name())).collect();
            let why = if envelope.is_signed() { "none of its signatures is" } else { "it is not signed; expected one" };
            let what = format!("nobody vouches for the index `{}`: {why} by {}", Shown::new(name), names.join(" or "));
            return Err(Refusal::new(Code::SignatureRefused, what)
                .fix("ask whoever publishes it; the index kept from before still holds until its own end"));
        };
        if envelope.payload_type() != INDEX_TYPE {
            let found = Shown::new(envelope.payload_type()).to_string();
            return Err(refused(name, &format!("what is signed is `{found}`, not `{INDEX_TYPE}`"))
                .fix("check the address in portcullis.toml"));
        }
        let written = IndexDraft::parse(payload)?;
        if written.name != name {
            let found = Shown::new(&written.name).to_string();
            return Err(refused(name, &format!("it is the index `{found}`"))
                .fix(format!("list it in portcullis.toml under its own name: [indexes.{found}]")));
        }
        let signed_by = VouchedBy { who: Who::key(key), scope: format!("index {name}") };
        Ok(Self { digest: Digest::of(payload), signed_by, written })
    }

    /// Its version, for what is remembered.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen { version: self.written.version, digest: self.digest }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.written.name
    }

    /// From when on it does not hold any more.
    #[must_use]
    pub fn expires(&self) -> Timestamp {
        self.written.expires
    }

    /// Whose key signed it.
    #[must_use]
    pub fn signed_by(&self) -> &VouchedBy {
        &self.signed_by
    }

    /// Everything that is offered.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.written.entries
    }

    /// What is offered under a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.written.entries.iter().find(|entry| entry.name.as_str() == name)
    }

    /// What has every one of these words in its name or summary, whatever their case.
    pub fn search<'a>(&'a self, words: &str) -> impl Iterator<Item = &'a Entry> {
        let words: Vec<String> = words.to_lowercase().split_whitespace().map(str::to_owned).collect();
        self.written.entries.iter().filter(move |entry| {
            let text = format!("{} {}", entry.name, entry.summary.to_lowercase());
            words.iter().all(|word| text.contains(word.as_str()))
        })
    }

    /// Signs an index, as a publisher.
    ///
    /// # Errors
    /// `index-refused` where it is not right.
    pub fn seal(draft: &IndexDraft, key: &SigningKey) -> Result<Vec<u8>, Refusal> {
        draft.check()?;
        let unwritten = || Refusal::new(Code::Internal, "the index cannot be written");
        let payload = serde_json::to_vec(draft).map_err(|_| unwritten())?;
        let envelope = Envelope::seal(INDEX_TYPE, &payload, key).ok_or_else(unwritten)?;
        if envelope.len() > MAX_INDEX_BYTES {
            return Err(refused(&draft.name, &format!("it is over {MAX_INDEX_BYTES} bytes")).fix("split it in two"));
        }
        Ok(envelope)
    }
}

impl IndexDraft {
    /// Reads one.
    ///
    /// # Errors
    /// `index-refused` where it is not right.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let fix = "expected `name`, `version`, `issued`, `expires` and `entries` of `name`, `summary`, `version`, `ref`, `digest`";
        let bad = |why: &str| {
            Refusal::new(Code::IndexRefused, format!("the index is not right: {}", Shown::new(why))).fix(fix)
        };
        let text = std::str::from_utf8(bytes).map_err(|_| bad("it is no text"))?;
        let value = parse_strict(text).map_err(|error| bad(&error.to_string()))?;
        let draft: Self = serde_json::from_value(value).map_err(|error| bad(&error.to_string()))?;
        draft.check()?;
        Ok(draft)
    }

    fn check(&self) -> Result<(), Refusal> {
        let bad = |why: &str| Err(refused(&self.name, why).fix("ask whoever publishes it, or correct it"));
        if self.name.parse::<PortSlug>().is_err() {
            return bad("its name is not one of lower-case letters, digits and single dashes");
        }
        if self.version > MAX_VERSION {
            return bad(&format!("its version is over {MAX_VERSION}"));
        }
        if self.expires <= self.issued {
            return bad("it ends before it begins");
        }
        if self.entries.len() > MAX_ENTRIES {
            return bad(&format!("it has {} entries: expected at most {MAX_ENTRIES}", self.entries.len()));
        }
        let mut names: Vec<&str> = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            if [&entry.summary, &entry.version]
                .iter()
                .any(|text| text.len() > MAX_TEXT_BYTES || text.chars().any(deceives))
            {
                return bad(&format!("a text of `{}` is over {MAX_TEXT_BYTES} bytes or hides something", entry.name));
            }
            names.push(entry.name.as_str());
        }
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => bad(&format!("`{}` is in it twice", pair[0])),
            None => Ok(()),
        }
    }
}

fn refused(name: &str, why: &str) -> Refusal {
    Refusal::new(Code::IndexRefused, format!("the index `{}` is refused: {why}", Shown::new(name)))
}
