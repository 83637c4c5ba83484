//! The only crate with SQL: approvals, the audit chain, installed plugins, agents' drafts, tokens' hashes, idempotency
//! keys, seen indexes, reviews.
//!
//! [`Store`] implements the stores that `policy` asks for. Several processes share one folder: every change is one
//! SQLite transaction, and a call whose process is gone is found by a file lock, never by a timeout.
//! Nothing here decides, sends, or holds a credential. [`AuditReader`] never writes, so that a damaged log can be read.

mod additions;
mod approval_list;
mod approval_row;
mod approvals;
mod audit_log;
mod audit_reader;
mod audit_row;
mod breach;
mod chain_key;
mod checkpoint;
mod components;
mod config;
mod draft;
mod draft_row;
mod drafts;
mod expiry;
mod head;
mod home;
mod indexes;
mod installed;
mod job;
mod last_use;
mod links;
mod lockfile;
mod once;
mod owner;
mod plugins;
mod private_file;
mod problem;
mod prune;
mod recover;
mod reviews;
mod rule_set;
mod schema;
mod sent;
mod standing;
mod standing_list;
mod steps;
mod store;
mod token_row;
mod tokens;
mod transaction;
mod verify;
mod writer;

pub use additions::Addition;
pub use approval_list::{ApprovalFilter, ApprovalLine};
pub use audit_reader::{AuditFilter, AuditReader};
pub use audit_row::AuditRow;
pub use breach::{Breach, ChainHead, Verdict};
pub use config::StoreConfig;
pub use draft::{Draft, DraftContent, DraftError, DraftFilter, DraftLine, DraftState};
pub use indexes::{IndexKept, KeptIndex};
pub use installed::{Files, InstallError, Installation, Plugin, PluginLine, PluginRecord, Served};
pub use once::Begun;
pub use prune::Pruned;
pub use recover::Recovered;
pub use store::Store;
pub use tokens::{NewToken, TokenKind, TokenRecord};
