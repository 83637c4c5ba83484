//! Cases: an input and the request, or the refusal, that must come of it. Nothing is sent.
//!
//! Those that a plugin declares are its worked examples; an author writes more of them into `cases/`, a file each. What
//! describes stands behind a trait, so that this knows neither sandbox nor host.

mod bless;
mod case;
mod compare;
mod expected;
mod file;

use portcullis_model::{Description, ManifestDraft, Refusal};

pub use bless::bless;
pub use case::{Case, Origin};
pub use compare::{Ended, Ran, diff, run};
pub use expected::{Expected, ExpectedBody, ExpectedRefusal, ExpectedRequest};
pub use file::Cases;

/// A plugin that can be asked, as a call would ask it: input checked against the schema, description against what the
/// action declares.
pub trait Describe {
    /// What it declares.
    fn declared(&self) -> &ManifestDraft;

    /// What it describes.
    ///
    /// # Errors
    /// Whatever a call would be refused with.
    fn describe(&self, action: &str, input: &str) -> Result<Description, Refusal>;
}
