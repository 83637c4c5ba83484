//! Attacks on Portcullis as data: who attacks what, which guard stops it, and which test fails once the guard is gone.
//!
//! One folder an attack, `attacks/ACTOR/NAME`, with `attack.toml` (see [`Attack`]) and `guard.patch`, which deletes the
//! guard and nothing else. The table of attacks in `SECURITY.md` is written from here. Says nothing about how good a guard
//! is: only that it is there, and that its test would notice if it were not.

mod attack;
mod attacks;
mod batch;
mod build;
mod patch;
mod scratch;
mod seen;
mod sources;
mod table;
mod trial;

pub use attack::{Actor, Asset, Attack, TestName};
pub use attacks::{all, folder, root};
pub use batch::batches;
pub use build::{Built, Weight, build};
pub use patch::Patch;
pub use scratch::Scratch;
pub use seen::Seen;
pub use sources::Sources;
pub use table::{DOCUMENT, written};
pub use trial::{Ended, Trial};
