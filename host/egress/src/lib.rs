//! Egress: the one place where a credential and a connection meet.
//!
//! [`Egress::send`] spends an audit ticket, reads the credential, attaches it to the very request that was approved,
//! sends that to checked addresses only, and gives back an answer from which the credential was taken out. The
//! [`CredentialStore`] keeps credentials; nothing in this crate's interface gives one back. What a plugin is made of comes
//! by [`Registry`] and [`Egress::fetch`].
//!
//! Not here: whether a request may be sent (`policy`), what it looks like (`model`), what is recorded (`store`), who
//! vouches for what came (`catalog`).

mod address;
mod answer;
mod answer_header;
mod client;
mod config;
mod courier;
mod credential;
mod egress;
mod encrypted;
mod environment;
mod failure;
mod fetch;
mod keyring;
mod registry;
mod resolver;
mod retry;
mod scrubber;
mod slot;
mod special;
mod store;
mod web;
mod webhook;
mod wire;

pub use answer::ScrubbedResponse;
pub use config::{ConfigProblem, EgressConfig};
pub use courier::{Address, Courier, Reply, Undelivered};
pub use credential::{Credential, Passphrase};
pub use egress::{Egress, Sent};
pub use encrypted::{AskPassphrase, FileKey};
pub use environment::Environment;
pub use registry::{Pulled, Registry};
pub use resolver::{Resolver, SystemResolver};
pub use scrubber::Scrubber;
pub use slot::{Slot, SlotProblem};
pub use store::{BackendChoice, CredentialStore, Source, StoreConfig, StoreReport};
pub use webhook::{Unsigned, Webhook, check_key, slot as webhook_slot};
