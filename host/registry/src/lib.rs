//! Installed plugins as the host uses them: manifests checked, actions bound to their component and origin, input
//! schemas compiled.
//!
//! No I/O: records come from `store`, components are run by `sandbox`. A [`CheckedInput`] can only come out of
//! [`ResolvedAction::check`].

mod effort;
mod installed;
mod references;
mod resolved;
mod schema;

pub use installed::{Additions, InstalledPort};
pub use resolved::{CheckedInput, ResolvedAction};
pub use schema::{Holding, Schema};
