//! The whole story in one command, on this machine alone: no account, no network, nothing left behind.

mod gallery;
mod story;
mod upstream;

pub use gallery::{GALLERY, Hostile};
pub use upstream::{Seen, Upstream};

pub(crate) use story::tell;
