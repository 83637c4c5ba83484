//! The key of the audit chain and the seals made with it.
//!
//! Whoever can read the key can forge the chain: it guards against edits of the database, not against an intruder who
//! has the whole folder. Notes of the head, kept elsewhere, are for that; see `ChainHead`.

use std::fs;
use std::io;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::head::Head;
use crate::home::Home;
use crate::private_file::{self, Existing};
use crate::problem::Problem;

type Hmac256 = Hmac<Sha256>;

/// A seal.
pub(crate) type Seal = [u8; 32];

/// The key, split by purpose so that a seal of one kind is never one of another. Neither `Debug` nor `Clone`.
pub(crate) struct ChainKey {
    row: Hmac256,
    head: Hmac256,
    genesis: Seal,
}

/// What a row's seal covers, beside the seal before it. Bytes, so that a row that is no text any more can be checked.
#[derive(Clone, Copy)]
pub(crate) struct Sealed<'a> {
    pub(crate) seq: u64,
    pub(crate) at_ms: u64,
    pub(crate) kind: &'a [u8],
    pub(crate) call: Option<&'a [u8]>,
    pub(crate) body: &'a [u8],
}

impl ChainKey {
    /// Reads the key; makes one where there is none and the database is new.
    ///
    /// A key that is missing beside a database is not made again: the old rows could never be checked.
    pub(crate) fn load_or_create(home: &Home) -> Result<Self, Problem> {
        if !home.audit_key().try_exists()? && !home.database().try_exists()? {
            let mut bytes = [0_u8; 32];
            getrandom::fill(&mut bytes).map_err(|_| Problem::said("the system gives no random bytes"))?;
            private_file::write(&home.audit_key(), &bytes, Existing::Keep)?;
        }
        Self::load(home)
    }

    /// Reads the key.
    pub(crate) fn load(home: &Home) -> Result<Self, Problem> {
        let bytes = match fs::read(home.audit_key()) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Problem::said(
                    "the key of the audit log is missing: restore `audit.key` from a backup of the data folder",
                ));
            }
            Err(error) => return Err(error.into()),
        };
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| {
            Problem::said("the key of the audit log is not 32 bytes: restore `audit.key` from a backup")
        })?;
        Self::new(&bytes)
    }

    fn new(key: &[u8; 32]) -> Result<Self, Problem> {
        let derive = |purpose: &[u8]| -> Result<Seal, Problem> {
            Ok(keyed(key)?.chain_update(purpose).finalize().into_bytes().into())
        };
        Ok(Self {
            row: keyed(&derive(b"portcullis/audit/row/v1")?)?,
            head: keyed(&derive(b"portcullis/audit/head/v1")?)?,
            genesis: derive(b"portcullis/audit/genesis/v1")?,
        })
    }

    /// The seal before the first row.
    pub(crate) fn genesis(&self) -> Seal {
        self.genesis
    }

    /// The seal of a row that follows another. Each field of changing length goes in behind its length.
    pub(crate) fn row(&self, before: &Seal, row: &Sealed<'_>) -> Seal {
        let mut mac = self.row.clone();
        mac.update(before);
        mac.update(&row.seq.to_be_bytes());
        mac.update(&row.at_ms.to_be_bytes());
        let call = row.call.unwrap_or_default();
        for field in [&[u8::from(row.call.is_some())], row.kind, call, row.body] {
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field);
        }
        mac.finalize().into_bytes().into()
    }

    /// The seal of the head.
    pub(crate) fn head(&self, head: &Head) -> Seal {
        let mut mac = self.head.clone();
        mac.update(&head.rows.to_be_bytes());
        mac.update(&head.last);
        mac.finalize().into_bytes().into()
    }
}

fn keyed(key: &[u8; 32]) -> Result<Hmac256, Problem> {
    Hmac256::new_from_slice(key).map_err(|_| Problem::said("the key of the audit log cannot be used"))
}
