//! What a reviewer reads about a plugin: everything it could ever send, and what to look at first.
//!
//! Everything here is read off the bytes, the checked declaration or the operator's settings; what is only the plugin's
//! word is kept in places of its own. Prints for a terminal, as data, and as one page of HTML. Decides nothing.

mod data;
mod field;
mod html;
mod page;
mod reach;
mod warning;

use anyhow::Result;
use portcullis_catalog::{ReviewedBy, VouchedBy};
use portcullis_model::{Action, PortSlug, Shown};
use portcullis_registry::InstalledPort;
use portcullis_sandbox::{Plugin, Producer};

use crate::host::Host;
use crate::install::Candidate;
use crate::source::Source;

pub(crate) use warning::{Level, Warning};

/// What there is to know about one plugin, installed or not.
pub(crate) struct Report<'a> {
    port: &'a InstalledPort,
    plugin: &'a Plugin,
    /// Size of the component, or of the definition that the template serves.
    bytes: usize,
    source: String,
    vouched: Option<VouchedBy>,
    reviewed: Option<ReviewedBy>,
    ignored: &'a [String],
    toolchain: Vec<Producer>,
    warnings: Vec<Warning>,
}

impl<'a> Report<'a> {
    /// About a plugin that is not installed yet.
    ///
    /// # Errors
    /// `signature-refused` or `digest-mismatch` where nobody vouches for it whom the operator lists.
    pub(crate) fn of(host: &Host, candidate: &'a Candidate) -> Result<Self> {
        let report = Self {
            port: candidate.port(),
            plugin: candidate.plugin(),
            bytes: candidate.bytes().len(),
            source: candidate.source().to_string(),
            vouched: candidate.vouched_by(host)?,
            reviewed: host.review_of(candidate.plugin().digest())?,
            ignored: candidate.ignored(),
            toolchain: Producer::named_in(candidate.bytes()),
            warnings: Vec::new(),
        };
        Ok(report.warned())
    }

    /// About an installed plugin.
    ///
    /// # Errors
    /// The same, and whatever the store says.
    pub(crate) fn of_installed(
        host: &Host,
        slug: &PortSlug,
        port: &'a InstalledPort,
        plugin: &'a Plugin,
        source: String,
    ) -> Result<Self> {
        let bytes = host.store().component_bytes(port.digest())?;
        let report = Self {
            port,
            plugin,
            bytes: bytes.len(),
            source,
            vouched: host.vouched_by(slug)?,
            reviewed: host.review_of(port.digest())?,
            ignored: &[],
            toolchain: Producer::named_in(&bytes),
            warnings: Vec::new(),
        };
        Ok(report.warned())
    }

    fn warned(mut self) -> Self {
        self.warnings = warning::all(&self);
        self
    }

    /// Whether a published draft serves it, and not the plugin.
    fn is_added(&self, action: &Action) -> bool {
        self.port.additions().is_some_and(|additions| additions.actions.contains(&action.slug))
    }

    /// Whether it came with this program, whose bytes the operator trusts already.
    fn is_ours(&self) -> bool {
        self.source.parse::<Source>().is_ok_and(|source| source.is_ours())
    }

    /// Who vouches for it, in words.
    fn vouched_in_words(&self) -> String {
        match &self.vouched {
            Some(by) => format!("{}, for {}", by.who, by.scope),
            None if self.is_ours() => "nobody: it comes with this program".to_owned(),
            None => "nobody".to_owned(),
        }
    }

    /// Who reviewed it, in words.
    fn reviewed_in_words(&self) -> String {
        match &self.reviewed {
            Some(by) => {
                let (who, when) = (Shown::new(&by.reviewer).limit_bytes(200), by.reviewed_on.strftime("%Y-%m-%d"));
                format!("\"{who}\" on {when}, by the key `{}` ({})", by.key, &by.fingerprint.to_hex()[..12])
            }
            None => "nobody whom you list".to_owned(),
        }
    }

    /// How little it can reach, in words.
    fn tier_in_words(&self) -> String {
        let census = self.plugin.census();
        match census.tier {
            portcullis_sandbox::Tier::Sealed if self.plugin.definition().is_some() => {
                "sealed: data, served by the host's template; the digest names both".to_owned()
            }
            portcullis_sandbox::Tier::Sealed => "sealed: it imports nothing".to_owned(),
            portcullis_sandbox::Tier::Inert => {
                format!("inert: it imports {}, linked to nothing", census.imports.join(", "))
            }
        }
    }
}
