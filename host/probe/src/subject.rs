//! What is probed, as the campaign sees it. Whoever has a sandbox implements it; this crate has none.

use portcullis_model::{ActionSlug, Description, Refusal};

/// A plugin that can be asked to describe.
///
/// Calls come from several threads at once. A refusal's code says how a call ended: `plugin-refused` is the plugin's own
/// no, `plugin-trapped`, `plugin-timeout` and `plugin-too-large` are what the sandbox stopped it for.
pub trait Subject: Sync {
    /// Describes in a fresh instance, as every call does.
    ///
    /// # Errors
    /// Whatever the sandbox says.
    fn fresh(&self, action: &ActionSlug, input: &str) -> Result<Description, Refusal>;

    /// The same with other randomness and another clock, where the plugin has either; else in one more fresh instance.
    /// `other` says which ones.
    ///
    /// # Errors
    /// As [`Self::fresh`].
    fn elsewhere(&self, action: &ActionSlug, input: &str, other: u64) -> Result<Description, Refusal>;

    /// Whether the plugin has randomness or a clock at all.
    fn has_world(&self) -> bool;

    /// An instance that stays from call to call, which no call of an agent ever gets.
    ///
    /// # Errors
    /// Whatever the sandbox says.
    fn keep(&self, action: &ActionSlug) -> Result<Box<dyn Kept + '_>, Refusal>;
}

/// An instance that stays.
pub trait Kept {
    /// Describes one more call in it.
    ///
    /// # Errors
    /// As [`Subject::fresh`].
    fn describe(&mut self, input: &str) -> Result<Description, Refusal>;
}
