//! `portcullis.toml`: the operator's word. Unknown keys are errors, since a misspelt limit is no limit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use jiff::tz::TimeZone;
use portcullis_model::{ActionId, ActionSlug, AgentName, FixedOrigin, PortSlug};
use portcullis_policy::{OperatorApproval, Rules};
use portcullis_sandbox::{Limits, Tier};
use serde::Deserialize;

use crate::distribution::{Distribution, IndexSettings, RegistrySettings, Trusted};
use crate::doors::DoorSettings;
use crate::notify::NotifySettings;
use crate::reviews::ReviewSettings;
use crate::watch::MetricsSettings;
use crate::zone;

/// The whole file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    ports: BTreeMap<PortSlug, PortSettings>,
    sandbox: SandboxSettings,
    approvals: ApprovalSettings,
    policy: PolicySettings,
    /// Where credentials are kept.
    pub credentials: CredentialSettings,
    /// How requests are sent.
    pub egress: EgressSettings,
    /// Where agents come in.
    pub doors: DoorSettings,
    /// How a person is told that something waits.
    pub(crate) notify: NotifySettings,
    /// Who may read what is counted.
    pub(crate) metrics: MetricsSettings,
    trust: Vec<Trusted>,
    registries: BTreeMap<String, RegistrySettings>,
    indexes: BTreeMap<String, IndexSettings>,
    reviews: ReviewSettings,
    #[serde(skip)]
    folder: PathBuf,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PortSettings {
    origin: Option<String>,
    limits: toml::Table,
    actions: BTreeMap<ActionSlug, ActionSettings>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ActionSettings {
    approval: Option<OperatorApproval>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SandboxSettings {
    tier: Tier,
    limits: toml::Table,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self { tier: Tier::Sealed, limits: toml::Table::new() }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ApprovalSettings {
    life_seconds: Option<u64>,
    keep_days: Option<u32>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PolicySettings {
    groups: BTreeMap<String, BTreeSet<AgentName>>,
    timezone: Option<String>,
}

impl PolicySettings {
    fn zone(&self) -> Result<(String, TimeZone)> {
        self.timezone.as_deref().map_or_else(zone::own, zone::named).context("[policy] timezone")
    }
}

/// `[credentials]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CredentialSettings {
    /// Which place.
    pub store: CredentialPlace,
    /// An age identity file that opens the encrypted file; a passphrase is asked for where there is none.
    pub key_file: Option<PathBuf>,
}

/// A place for credentials.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialPlace {
    /// The encrypted file where there is one, else the OS keyring where there is one, else the file.
    #[default]
    Auto,
    /// The OS keyring.
    Keyring,
    /// An encrypted file in the state folder.
    File,
}

impl From<CredentialPlace> for portcullis_egress::BackendChoice {
    fn from(place: CredentialPlace) -> Self {
        match place {
            CredentialPlace::Auto => Self::Auto,
            CredentialPlace::Keyring => Self::Keyring,
            CredentialPlace::File => Self::File,
        }
    }
}

/// `[egress]`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EgressSettings {
    /// Time to connect, TLS included, in milliseconds.
    pub connect_ms: u64,
    /// Time until the answer begins, in milliseconds.
    pub first_byte_ms: u64,
    /// Time until the answer ends, in milliseconds, over all tries.
    pub total_ms: u64,
    /// Largest answer, in bytes.
    pub response_bytes: usize,
}

impl Default for EgressSettings {
    fn default() -> Self {
        Self { connect_ms: 10_000, first_byte_ms: 60_000, total_ms: 120_000, response_bytes: 10 << 20 }
    }
}

impl Settings {
    /// Reads the file; a missing one means defaults.
    ///
    /// # Errors
    /// Names the line that is wrong.
    pub fn read(path: &Path) -> Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => {
                let settings = Self::parse(&text).with_context(|| format!("`{}` is not right", path.display()))?;
                Ok(Self { folder: path.parent().unwrap_or(Path::new("")).to_owned(), ..settings })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("`{}` cannot be read", path.display())),
        }
    }

    /// Parses and checks every value, so that a wrong one is found at start and not at the call it was meant to stop.
    ///
    /// # Errors
    /// Names what is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        let settings: Self = toml::from_str(text).map_err(|e| anyhow!("{}", e.to_string().trim_end()))?;
        for slug in settings.ports.keys() {
            settings.origin(slug)?;
            settings.limits(slug)?;
        }
        settings.limits_of(&toml::Table::new())?;
        if settings.approvals.life_seconds.is_some_and(|s| !(10..=7 * 24 * 3600).contains(&s)) {
            bail!("[approvals] life_seconds: expected 10 to 604800");
        }
        if let Some(group) = settings.policy.groups.keys().find(|group| !is_group(group)) {
            bail!("[policy] groups: `{group}` is no name: expected 1 to 64 letters, digits, `-`, `_` and `.`");
        }
        settings.policy.zone()?;
        settings.doors.check()?;
        settings.notify.check()?;
        settings.distribution().check()?;
        settings.reviews.check()?;
        Ok(settings)
    }

    /// Where the operator sends a port's requests instead of where its plugin says.
    ///
    /// # Errors
    /// When the setting is no origin.
    pub fn origin(&self, port: &PortSlug) -> Result<Option<FixedOrigin>> {
        let Some(text) = self.ports.get(port).and_then(|p| p.origin.as_ref()) else { return Ok(None) };
        FixedOrigin::by_operator(text).map(Some).with_context(|| format!("[ports.{port}] origin"))
    }

    /// Limits for a port's plugin: the defaults, over them `[sandbox.limits]`, over them `[ports.PORT.limits]`.
    ///
    /// # Errors
    /// When a value is not right.
    pub fn limits(&self, port: &PortSlug) -> Result<Limits> {
        let empty = toml::Table::new();
        self.limits_of(self.ports.get(port).map_or(&empty, |p| &p.limits))
            .with_context(|| format!("[ports.{port}.limits]"))
    }

    /// Limits for a plugin that is not installed yet.
    ///
    /// # Errors
    /// When a value is not right.
    pub fn limits_for_strangers(&self) -> Result<Limits> {
        self.limits_of(&toml::Table::new())
    }

    fn limits_of(&self, own: &toml::Table) -> Result<Limits> {
        let mut table = self.sandbox.limits.clone();
        table.extend(own.clone());
        let limits: Limits = table.try_into().map_err(|e: toml::de::Error| anyhow!("{}", e.message()))?;
        if limits.wall_time_ms == 0 || limits.wall_time_ms > 60_000 {
            bail!("wall_time_ms: expected 1 to 60000");
        }
        Ok(limits)
    }

    /// The weakest tier accepted.
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.sandbox.tier
    }

    /// The rules that follow.
    ///
    /// # Errors
    /// When the time zone cannot be read any more.
    pub fn rules(&self) -> Result<Rules> {
        let mut rules = Rules::default();
        for (port, settings) in &self.ports {
            for (action, settings) in &settings.actions {
                if let Some(approval) = settings.approval {
                    rules.set(ActionId { port: port.clone(), action: action.clone() }, approval);
                }
            }
        }
        if let Some(seconds) = self.approvals.life_seconds {
            rules.set_approval_life_ms(seconds * 1000);
        }
        for (group, agents) in &self.policy.groups {
            rules.set_group(group.clone(), agents.clone());
        }
        let (name, zone) = self.policy.zone()?;
        rules.set_timezone(name, zone);
        Ok(rules)
    }

    /// How long the request and the answer of a decided approval are kept, in milliseconds. 30 days by default.
    #[must_use]
    pub fn keep_ms(&self) -> u64 {
        u64::from(self.approvals.keep_days.unwrap_or(30)) * 24 * 3600 * 1000
    }

    /// Who may vouch for what comes from elsewhere, and where it comes from.
    #[must_use]
    pub fn distribution(&self) -> Distribution<'_> {
        let Self { trust, registries, indexes, folder, .. } = self;
        Distribution { trust, registries, indexes, folder }
    }

    /// Who may say that a plugin was looked at, with the folder that names of key files are relative to.
    pub(crate) fn reviews(&self) -> (&ReviewSettings, &Path) {
        (&self.reviews, &self.folder)
    }

    /// Names of ports that the file speaks of.
    pub fn named_ports(&self) -> impl Iterator<Item = &PortSlug> {
        self.ports.keys()
    }

    /// Names of actions that the file speaks of.
    pub fn named_actions(&self) -> impl Iterator<Item = ActionId> {
        self.ports.iter().flat_map(|(port, settings)| {
            settings.actions.keys().map(|action| ActionId { port: port.clone(), action: action.clone() })
        })
    }
}

fn is_group(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_file_says_is_what_holds() {
        let text = r#"
            [ports.mistral]
            origin = "http://127.0.0.1:4010"
            limits = { wall_time_ms = 200 }
            [ports.mistral.actions.chat-complete]
            approval = "deny"
            [sandbox]
            tier = "inert"
            limits = { wall_time_ms = 50, input_bytes = 1000 }
            [approvals]
            life_seconds = 60
        "#;
        let settings = Settings::parse(text).unwrap();
        let mistral = "mistral".parse().unwrap();
        assert_eq!(settings.origin(&mistral).unwrap().unwrap().to_string(), "http://127.0.0.1:4010");
        let limits = settings.limits(&mistral).unwrap();
        assert_eq!((limits.wall_time_ms, limits.input_bytes), (200, 1000));
        assert_eq!(settings.limits_for_strangers().unwrap().wall_time_ms, 50);
        assert_eq!(settings.tier(), Tier::Inert);
        let rules = settings.rules().unwrap();
        assert_eq!(rules.of(&"mistral/chat-complete".parse().unwrap()), Some(OperatorApproval::Deny));
        assert_eq!(rules.approval_life_ms(), 60_000);
    }

    #[test]
    fn a_file_with_anything_unknown_or_wrong_is_refused() {
        for bad in [
            "[port.mistral]",
            "[ports.mistral]\norgin = \"x\"",
            "[ports.mistral]\norigin = \"http://example.com\"",
            "[ports.mistral.actions.a]\napproval = \"yes\"",
            "[ports.mistral.limits]\nwall_time = 1",
            "[ports.mistral.limits]\nwall_time_ms = 0",
            "[ports.mistral.limits]\nmemory_bytes = -1",
            "[ports.Mistral]",
            "[sandbox]\ntier = \"open\"",
            "[sandbox.limits]\nwall_time_ms = \"fast\"",
            "[approvals]\nlife_seconds = 1",
            "[credentials]\nstore = \"env\"",
            "[policy]\nzone = \"UTC\"",
            "[policy]\ntimezone = \"Nowhere/Such\"",
            "[policy]\ngroups = { ci = [\"Not A Name\"] }",
            "[policy.groups]\n\"a b\" = []",
            "[notify]\nwebhook = \"http://example.com/\"",
            "[notify]\ndesktop = \"yes\"",
            "[metrics]\nopen = 1",
            "[reviews]\nrequired = true",
            "[reviews]\nkeys = [\"k\"]\noptional = true",
            "x = 1",
        ] {
            assert!(Settings::parse(bad).is_err(), "{bad}");
        }
    }
}
