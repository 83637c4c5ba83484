//! Taking a plugin in: everything it declares is checked and tried before it is kept.

use std::sync::Arc;

use portcullis_catalog::VouchedBy;
use portcullis_model::{
    Change, Code, Definition, Detail, Digest, Manifest, ManifestDraft, PortSlug, Refusal, RoutedRequest, Weight,
};
use portcullis_registry::{InstalledPort, ResolvedAction};
use portcullis_sandbox::Plugin;
use portcullis_store::{Files, InstallError, Installation, PluginRecord, Served};

use crate::additions;
use crate::embedded;
use crate::host::Host;
use crate::package::{Content, Package, Vouched};
use crate::source::Source;

/// A plugin that passed every check and is not installed yet, with what is added to its port already.
pub struct Candidate {
    /// The component, or the definition that the template serves.
    bytes: Vec<u8>,
    template: Option<&'static [u8]>,
    declared: ManifestDraft,
    plugin: Arc<Plugin>,
    port: InstalledPort,
    added: Option<Definition>,
    before: Option<Before>,
    source: Source,
    vouched: Option<Vouched>,
    help: Option<String>,
    ignored: Vec<String>,
}

/// What has the port now.
struct Before {
    served: Served,
    manifest: Option<Manifest>,
    tier: String,
}

impl Candidate {
    /// Examines what somebody wants to install: imports, manifest, schemas, worked examples. `name` is the port's, where
    /// it is to be another than the plugin says. Keeps nothing but compiled code.
    ///
    /// # Errors
    /// Whatever the sandbox says, `bad-document`, or `bad-manifest` with every place at fault.
    pub fn examine(host: &Host, package: Package, name: Option<PortSlug>) -> Result<Self, Refusal> {
        let settings = |e: anyhow::Error| Refusal::new(Code::BadRequest, format!("portcullis.toml: {e:#}"));
        let limits = host.settings().limits_for_strangers().map_err(settings)?;
        let Package { content, source, vouched, told_by, help, ignored } = package;
        let sandbox = host.sandbox()?;
        let (bytes, template, plugin) = match content {
            Content::Component(bytes) => {
                let plugin = sandbox.load(&bytes, limits, host.watch())?;
                (bytes, None, plugin)
            }
            Content::Document(document) => {
                let definition = defined(document.manifest()?)?;
                let bytes = definition.as_str().as_bytes().to_vec();
                let template = embedded::template();
                (bytes, Some(template), sandbox.load_template(template, Arc::new(definition), limits, host.watch())?)
            }
        };
        let mut declared = plugin.manifest_draft()?;
        if let Some(document) = &told_by {
            document.agrees_with(&declared)?;
        }
        if let Some(name) = &name {
            declared = declared.under(name);
        }
        let manifest = crate::host::checked(declared.clone())?;
        let slug = manifest.port().slug.clone();
        let installed = host.store().installed(&slug).map_err(crate::host::unreadable)?;
        let added = installed.as_ref().and_then(|installed| installed.added.as_ref());
        let added =
            added.map_or(Ok(None), |added| additions::definition(&declared, added.manifest().actions.clone()))?;
        let manifest = match additions::joined(declared.clone(), added.as_ref().map(|added| added.manifest().clone())) {
            Some(joined) if added.is_some() => crate::host::checked(joined)?,
            _ => manifest,
        };
        let origin = host.settings().origin(&slug).map_err(settings)?;
        let port = InstalledPort::with_additions(manifest, plugin.digest(), added.as_ref().map(additions::of), origin);
        let adding = added
            .clone()
            .map(|added| sandbox.load_template(embedded::template(), Arc::new(added), limits, host.watch()));
        let adding = adding.transpose()?;
        let mut problems = Vec::new();
        for action in port.actions() {
            let serving = adding.as_ref().filter(|adding| adding.digest() == action.binding().digest());
            try_examples(action, serving.unwrap_or(&plugin), &mut problems);
        }
        if !problems.is_empty() {
            return Err(Refusal::new(Code::BadManifest, "the plugin does not do what its worked examples say")
                .details(problems));
        }
        let before = installed.map(|installed| Before {
            served: installed.line.served(),
            manifest: Manifest::check(installed.manifest).ok(),
            tier: installed.line.tier,
        });
        Ok(Self { bytes, template, declared, plugin, port, added, before, source, vouched, help, ignored })
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

    /// Where it comes from.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The component, or the definition that the template serves.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The component itself; `None` where the template serves it, which is the host's own.
    pub(crate) fn component(&self) -> Option<&[u8]> {
        self.template.is_none().then_some(self.bytes.as_slice())
    }

    /// What its author wants the operator to know, in the author's words.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Members of its document that mean nothing here.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Who vouches for it.
    ///
    /// # Errors
    /// `signature-refused` or `digest-mismatch` where nobody does whom the operator lists.
    pub(crate) fn vouched_by(&self, host: &Host) -> Result<Option<VouchedBy>, Refusal> {
        let component = self.template.is_none().then(|| self.plugin.digest());
        self.vouched.as_ref().map(|vouched| vouched.verify(&host.trust()?, component)).transpose()
    }

    /// Whether the very same is installed under its name.
    #[must_use]
    pub fn is_installed(&self) -> bool {
        self.before.as_ref().is_some_and(|before| before.served.digest == self.plugin.digest())
    }

    /// What would change where something has the port now, the heaviest first; `None` where nothing has it.
    #[must_use]
    pub fn changes(&self) -> Option<Vec<Change>> {
        let before = self.before.as_ref()?;
        let mut changes = match &before.manifest {
            Some(manifest) => Change::between(manifest, self.port.manifest()),
            // What cannot be read cannot be compared: everything counts as new.
            None => {
                vec![Change::new(Weight::Widened, "port", "what is installed declares what no plugin may any more")]
            }
        };
        changes.extend(Change::of_tier(&before.tier, self.plugin.census().tier.as_str()));
        changes.sort();
        Some(changes)
    }
}

/// Keeps a candidate.
///
/// # Errors
/// `already-installed` when another plugin has the port and `replace` is not set.
pub fn install(host: &Host, candidate: &Candidate, replace: bool) -> Result<Installation, Refusal> {
    let slug = candidate.slug();
    host.must_be_reviewed(candidate.plugin.digest())?;
    let manifest =
        additions::joined(candidate.declared.clone(), candidate.added.as_ref().map(|added| added.manifest().clone()));
    let record = PluginRecord {
        port: slug.clone(),
        digest: candidate.plugin.digest(),
        tier: candidate.plugin.census().tier.to_string(),
        manifest: manifest.unwrap_or_else(|| candidate.declared.clone()),
        source: candidate.source.to_string(),
        added: candidate.added.clone(),
        evidence: candidate.vouched.as_ref().map(Vouched::to_text).transpose()?,
        before: candidate.before.as_ref().map(|before| before.served),
    };
    let mut plugin: Vec<&[u8]> = vec![&candidate.bytes];
    plugin.extend(candidate.template);
    let files = Files { plugin: &plugin, added: candidate.added.as_ref().map(|_| embedded::template()) };
    let installed = host.store().install(&record, files, replace).map_err(|error| match error {
        InstallError::AlreadyInstalled { port, .. } => {
            let fix = match candidate.source.wanted() {
                Some(wanted) => format!(
                    "to see what would change, `portcullis upgrade {port} --from {wanted}`; to have it beside the other, \
                     `--as NAME`; to replace it, `--replace`"
                ),
                None => format!(
                    "to see what would change, `portcullis upgrade {port} --from FILE`; to have it beside the other, \
                     `--as NAME`; to replace it, `--replace`"
                ),
            };
            let what = format!("port `{port}` is installed already, from other bytes");
            Refusal::new(Code::AlreadyInstalled, what).fix(fix)
        }
        InstallError::Moved { .. } => {
            Refusal::new(Code::AlreadyInstalled, error.to_string()).fix("type the same again")
        }
        InstallError::Store(error) => Refusal::new(Code::AuditUnavailable, error.to_string()).fix("portcullis doctor"),
        other => Refusal::new(Code::DigestMismatch, other.to_string()),
    })?;
    host.forget(slug);
    Ok(installed)
}

/// The definition of what a document declares, served by the template that comes with this program.
fn defined(manifest: ManifestDraft) -> Result<Definition, Refusal> {
    Definition::new(Digest::of(embedded::template()), manifest)
        .map_err(|error| Refusal::new(Code::BadDocument, error.to_string()))
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
                let same = description.matches(&example.expected);
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
