//! Taking a plugin in: everything it declares is checked and tried before it is kept.

use std::sync::Arc;

use portcullis_model::{
    Body, Code, Description, Detail, ManifestDraft, PortSlug, Refusal, RoutedRequest, parse_strict,
};
use portcullis_registry::{InstalledPort, ResolvedAction};
use portcullis_sandbox::Plugin;
use portcullis_store::{InstallError, Installation, PluginRecord};

use crate::host::Host;

/// A plugin that passed every check and is not installed yet.
pub struct Candidate {
    bytes: Vec<u8>,
    draft: ManifestDraft,
    plugin: Arc<Plugin>,
    port: InstalledPort,
}

impl Candidate {
    /// Examines a component: imports, manifest, schemas, worked examples. Keeps nothing but compiled code.
    ///
    /// # Errors
    /// Whatever the sandbox says, or `bad-manifest` with every place at fault.
    pub fn examine(host: &Host, bytes: Vec<u8>) -> Result<Self, Refusal> {
        let settings = |e: anyhow::Error| Refusal::new(Code::BadRequest, format!("portcullis.toml: {e:#}"));
        let limits = host.settings().limits_for_strangers().map_err(settings)?;
        let plugin = host.sandbox()?.load(&bytes, limits, host.watch())?;
        let manifest = plugin.manifest()?;
        let draft = plugin.manifest_draft()?;
        let slug = manifest.port().slug.clone();
        let origin = host.settings().origin(&slug).map_err(settings)?;
        let port = InstalledPort::new(manifest, plugin.digest(), origin);
        let mut problems = Vec::new();
        for action in port.actions() {
            try_examples(action, &plugin, &mut problems);
        }
        if !problems.is_empty() {
            return Err(Refusal::new(Code::BadManifest, "the plugin does not do what its worked examples say")
                .details(problems));
        }
        Ok(Self { bytes, draft, plugin, port })
    }

    /// What it declares, bound to where it would go.
    #[must_use]
    pub fn port(&self) -> &InstalledPort {
        &self.port
    }

    /// How little it can reach.
    #[must_use]
    pub fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// Name of its port.
    #[must_use]
    pub fn slug(&self) -> &PortSlug {
        &self.port.manifest().port().slug
    }

    /// Size of the component in bytes.
    #[must_use]
    pub fn component_bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// Keeps a candidate.
///
/// # Errors
/// `already-installed` when other bytes have the port and `replace` is not set.
pub fn install(host: &Host, candidate: &Candidate, source: &str, replace: bool) -> Result<Installation, Refusal> {
    let record = PluginRecord {
        port: candidate.slug().clone(),
        digest: candidate.plugin.digest(),
        tier: candidate.plugin.census().tier.to_string(),
        manifest: candidate.draft.clone(),
        source: source.to_owned(),
    };
    let installed = host.store().install(&record, &candidate.bytes, replace).map_err(|error| match error {
        InstallError::AlreadyInstalled { port, .. } => {
            Refusal::new(Code::AlreadyInstalled, format!("port `{port}` is installed already, from other bytes"))
                .fix("to replace it, add `--replace`")
        }
        InstallError::Store(error) => Refusal::new(Code::AuditUnavailable, error.to_string()).fix("portcullis doctor"),
        other => Refusal::new(Code::DigestMismatch, other.to_string()),
    })?;
    host.forget(candidate.slug());
    Ok(installed)
}

/// Runs every worked example of an action through schema, sandbox and route check.
fn try_examples(action: &Arc<ResolvedAction>, plugin: &Plugin, problems: &mut Vec<Detail>) {
    let slug = &action.binding().action().slug;
    if let Err(refusal) = action.schema() {
        problems.push(Detail { at: format!("{slug}: input-schema"), what: refusal.message().to_owned() });
        return;
    }
    for example in &action.binding().action().examples {
        let tried = action
            .check(&example.input)
            .and_then(|input| plugin.describe(slug.as_str(), input.as_str()))
            .and_then(|description| {
                let same = same(&description, &example.expected);
                RoutedRequest::check(description, action.binding().clone())?;
                Ok(same)
            });
        let what = match tried {
            Ok(true) => continue,
            Ok(false) => "the plugin describes another request than the example expects".to_owned(),
            Err(refusal) => refusal.to_string(),
        };
        problems.push(Detail { at: format!("{slug}: example `{}`", example.title), what });
    }
}

/// Whether two descriptions are the same, JSON bodies taken as values.
pub(crate) fn same(described: &Description, expected: &Description) -> bool {
    let body = match (&described.body, &expected.body) {
        (Some(Body::Json(a)), Some(Body::Json(b))) => {
            matches!((parse_strict(a), parse_strict(b)), (Ok(a), Ok(b)) if a == b)
        }
        (a, b) => a == b,
    };
    let bare = |d: &Description| Description { body: None, ..d.clone() };
    body && bare(described) == bare(expected)
}
