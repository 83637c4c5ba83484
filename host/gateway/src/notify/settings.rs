//! `[notify]` of `portcullis.toml`: how a person is told that something waits.

use anyhow::{Context as _, Result};
use portcullis_egress::Address;
use serde::Deserialize;

/// `[notify]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NotifySettings {
    /// Notifications on the desktop.
    pub(crate) desktop: Desktop,
    /// Where messages are posted.
    pub(crate) webhook: Option<String>,
    /// Whether the exact request, its body included, stands in the webhook's message.
    pub(crate) include_request: bool,
}

/// Whether the desktop tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Desktop {
    /// Where there is a session with a bus.
    #[default]
    Auto,
    /// Not at all.
    Never,
}

impl NotifySettings {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// Names the setting.
    pub(crate) fn check(&self) -> Result<()> {
        self.address().map(drop)
    }

    /// Where messages are posted.
    ///
    /// # Errors
    /// Where the setting is no such address. The text does not repeat it: its path may be a key.
    pub(crate) fn address(&self) -> Result<Option<Address>> {
        let parse = |text: &String| Address::of_webhook(text).context("[notify] webhook");
        self.webhook.as_ref().map(parse).transpose()
    }
}
