//! The rooms, wired: one value that owns the sandbox, the store, egress and what is installed.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use anyhow::{Context as _, Result};
use portcullis_egress::{CredentialStore, Egress, EgressConfig, Environment, FileKey, SystemResolver};
use portcullis_model::{ActionId, Code, Description, Digest, FixedOrigin, Manifest, PortSlug, Refusal, RoutedRequest};
use portcullis_policy::{
    Approval, ApprovalId, CallId, DraftId, OperatorApproval, RuleProblem, RuleSet, StandingId, SystemClock,
};
use portcullis_registry::{CheckedInput, ResolvedAction};
use portcullis_sandbox::{CompileEvent, HostLimits, Plugin, Sandbox, SandboxConfig};
use portcullis_store::{PluginLine, Store, StoreConfig};

use crate::admit::Turns;
use crate::drafts;
use crate::home::Home;
use crate::policies::Policies;
use crate::settings::Settings;
use crate::watch::Watch;

mod loading;

use loading::Loaded;

/// What a host is made of.
pub struct HostConfig {
    /// Its folders.
    pub home: Home,
    /// The operator's settings.
    pub settings: Settings,
    /// Credentials that came by the environment.
    pub environment: Environment,
    /// Opens the encrypted credential file, if there is one.
    pub file_key: Option<FileKey>,
    /// The program that compiles components when started with [`COMPILE_VERB`](crate::COMPILE_VERB).
    pub compiler: PathBuf,
    /// Told when compiling begins and ends.
    pub watch: Box<dyn Fn(CompileEvent) + Send + Sync>,
}

/// A running host.
pub struct Host {
    settings: Settings,
    policies: Policies,
    turns: Turns,
    clock: SystemClock,
    store: Store,
    egress: Egress,
    sandbox: OnceLock<Sandbox>,
    sandbox_config: SandboxConfig,
    ports: Mutex<HashMap<PortSlug, Loaded>>,
    watch: Box<dyn Fn(CompileEvent) + Send + Sync>,
    watching: Watch,
}

impl Host {
    /// Opens a host.
    ///
    /// # Errors
    /// When its folders, its database or its settings cannot be used.
    pub fn open(config: HostConfig) -> Result<Self> {
        let HostConfig { home, settings, environment, file_key, compiler, watch } = config;
        home.prepare()?;
        let store = Store::open(StoreConfig::new(home.state())).context("the host's database cannot be opened")?;
        let credentials = CredentialStore::new(
            portcullis_egress::StoreConfig {
                backend: settings.credentials.store.into(),
                namespace: Digest::of(home.state().as_os_str().as_encoded_bytes()).to_hex()[..12].to_owned(),
                file: home.state().join("credentials.age"),
                key: file_key.or_else(|| settings.credentials.key_file.clone().map(FileKey::KeyFile)),
            },
            environment,
        );
        let egress_config = EgressConfig {
            connect_timeout_ms: settings.egress.connect_ms,
            first_byte_timeout_ms: settings.egress.first_byte_ms,
            whole_timeout_ms: settings.egress.total_ms,
            max_response_bytes: settings.egress.response_bytes,
            registry_logins: settings.distribution().logins()?,
            ..EgressConfig::default()
        };
        let egress = Egress::new(egress_config, credentials, Arc::new(SystemResolver)).context("[egress]")?;
        let sandbox_config = SandboxConfig {
            cache_dir: home.cache().join("compiled"),
            compiler,
            compiler_verb: crate::COMPILE_VERB.to_owned(),
            tier: settings.tier(),
            limits: HostLimits::default(),
        };
        let policies = Policies::open(home.policies(), settings.rules()?)?;
        Ok(Self {
            settings,
            policies,
            turns: Turns::default(),
            clock: SystemClock,
            store,
            egress,
            sandbox: OnceLock::new(),
            sandbox_config,
            ports: Mutex::default(),
            watch,
            watching: Watch::default(),
        })
    }

    /// Has calls told to whoever watches.
    #[must_use]
    pub(crate) fn watched(self, watching: Watch) -> Self {
        Self { watching, ..self }
    }

    /// Whoever watches.
    pub(crate) fn watching(&self) -> &Watch {
        &self.watching
    }

    /// Approvals, audit log, installed plugins.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The sender.
    #[must_use]
    pub fn egress(&self) -> &Egress {
        &self.egress
    }

    /// The rules that hold, as the files stood within the last second.
    #[must_use]
    pub fn rules(&self) -> Arc<RuleSet> {
        self.policies.rules()
    }

    /// The rules to decide by: they are named in the audit log before anything is decided by them.
    ///
    /// # Errors
    /// `audit-unavailable` when they cannot be.
    pub(crate) async fn rules_in_force(&self) -> Result<Arc<RuleSet>, Refusal> {
        let rules = self.policies.rules();
        if !self.policies.is_recorded(rules.digest()) {
            self.store.rules_hold(&rules).await.map_err(unreadable)?;
            self.policies.recorded(rules.digest());
        }
        Ok(rules)
    }

    /// What is wrong with the rule files, where something is: the rules that hold are then older than they.
    #[must_use]
    pub fn rule_problems(&self) -> Vec<RuleProblem> {
        self.policies.problems()
    }

    /// Turns of the agents whose calls are counted.
    pub(crate) fn turns(&self) -> &Turns {
        &self.turns
    }

    /// How the plugin of a port is shut in.
    ///
    /// # Errors
    /// As [`Self::port`].
    pub(crate) fn tier(&self, port: &PortSlug) -> Result<Option<&'static str>, Refusal> {
        Ok(Some(self.load(port)?.plugin.census().tier.as_str()))
    }

    /// The operator's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The machine's clock.
    #[must_use]
    pub fn clock(&self) -> &SystemClock {
        &self.clock
    }

    /// Where plugins run; set up at first use.
    ///
    /// # Errors
    /// When the machine cannot run it.
    pub fn sandbox(&self) -> Result<&Sandbox, Refusal> {
        if let Some(sandbox) = self.sandbox.get() {
            return Ok(sandbox);
        }
        let sandbox = Sandbox::new(self.sandbox_config.clone())?;
        Ok(self.sandbox.get_or_init(|| sandbox))
    }

    /// Whoever wants to know that compiling begins and ends.
    pub(crate) fn watch(&self) -> &dyn Fn(CompileEvent) {
        &*self.watch
    }

    /// Finds an action.
    ///
    /// # Errors
    /// `unknown-action`, or as [`Self::port`].
    pub fn resolve(&self, id: &ActionId) -> Result<Arc<ResolvedAction>, Refusal> {
        Ok(self.port(&id.port)?.resolve(&id.action)?.clone())
    }

    /// Lets the plugin describe a call. A plugin may use all of its wall time: where it has done so before,
    /// other calls move over meanwhile.
    ///
    /// # Errors
    /// Whatever the sandbox says.
    pub fn describe(&self, action: &ResolvedAction, input: &CheckedInput) -> Result<Description, Refusal> {
        let id = action.binding().id();
        let Loaded { plugin, added, pace, .. } = self.load(&id.port)?;
        let serves = |plugin: &Arc<Plugin>| plugin.digest() == action.binding().digest();
        let Some(plugin) = [Some(plugin), added].into_iter().flatten().find(serves) else {
            let what = format!("the plugin of `{}` was replaced during the call", id.port);
            return Err(Refusal::new(Code::DigestMismatch, what).fix("make the call again"));
        };
        pace.run(|| plugin.describe(id.action.as_str(), input.as_str())).unwrap_or_else(|error| {
            Err(Refusal::new(Code::PluginTrapped, format!("no thread can be started for the plugin: {error}")))
        })
    }

    /// As [`Self::routed`], from what is installed at this very moment.
    ///
    /// # Errors
    /// As [`Self::routed`].
    pub(crate) fn routed_afresh(&self, held: &Approval) -> Result<RoutedRequest, Refusal> {
        self.forget(&held.action.port);
        self.routed(held)
    }

    /// Makes the request of a held approval again, from what is installed, or from the draft that it tries.
    ///
    /// # Errors
    /// `approval-mismatch` when that is not possible any more.
    pub fn routed(&self, held: &Approval) -> Result<RoutedRequest, Refusal> {
        let mismatch = |why: &str| {
            let what = format!("what was shown cannot be sent any more: {why}");
            Refusal::new(Code::ApprovalMismatch, what).fix("make the call again")
        };
        let description = held.description.clone().ok_or_else(|| mismatch("it was dropped, as old requests are"))?;
        let binding = match &held.draft {
            Some(draft) => drafts::bound_of_approval(self, draft, held).map_err(|why| mismatch(&why))?,
            None => self.resolve(&held.action).map_err(|r| mismatch(r.message()))?.binding().clone(),
        };
        RoutedRequest::check(description, binding).map_err(|r| mismatch(r.message()))
    }

    /// What will be done about an action: `automatic`, `require_approval` or `deny`. `unattended` says whether it runs
    /// without a person where the operator says nothing.
    #[must_use]
    pub fn approval_mode(&self, id: &ActionId, unattended: bool) -> &'static str {
        match self.rules().of(id) {
            Some(OperatorApproval::Automatic) => "automatic",
            Some(OperatorApproval::RequireApproval) => "require_approval",
            Some(OperatorApproval::Deny) => "deny",
            None if unattended => "automatic",
            None => "require_approval",
        }
    }

    /// Every installed plugin in short.
    pub(crate) fn installed(&self) -> Result<Vec<PluginLine>, Refusal> {
        self.store.installed_all().map_err(unreadable)
    }

    /// What a plugin declares with what was added, and in short; `None` where it is not installed, or declares what no
    /// plugin may any more.
    pub(crate) fn manifest(&self, port: &PortSlug) -> Result<Option<(PluginLine, Manifest)>, Refusal> {
        let plugin = self.store.installed(port).map_err(unreadable)?;
        Ok(plugin.and_then(|plugin| Some((plugin.line, Manifest::check(plugin.manifest).ok()?))))
    }

    /// Changes whenever a plugin is installed, replaced or removed.
    pub(crate) fn plugins_version(&self) -> Result<u64, Refusal> {
        self.store.plugins_version().map_err(unreadable)
    }

    /// Where the operator sends a port's requests instead of where its plugin says.
    pub(crate) fn origin(&self, port: &PortSlug) -> Result<Option<FixedOrigin>, Refusal> {
        self.settings.origin(port).map_err(misset)
    }

    pub(crate) fn new_call(&self) -> Result<CallId, Refusal> {
        random().map(CallId::from_random)
    }

    pub(crate) fn new_approval(&self) -> Result<ApprovalId, Refusal> {
        random().map(ApprovalId::from_random)
    }

    pub(crate) fn new_draft(&self) -> Result<DraftId, Refusal> {
        random().map(DraftId::from_random)
    }

    pub(crate) fn new_standing(&self) -> Result<StandingId, Refusal> {
        random().map(StandingId::from_random)
    }
}

pub(crate) fn unreadable(error: portcullis_policy::StoreError) -> Refusal {
    Refusal::new(Code::AuditUnavailable, error.to_string())
}

pub(crate) fn misset(error: anyhow::Error) -> Refusal {
    Refusal::new(Code::BadRequest, format!("portcullis.toml: {error:#}"))
}

/// Checks a stored manifest again: rules may have become stricter since it was installed.
pub(crate) fn checked(draft: portcullis_model::ManifestDraft) -> Result<Manifest, Refusal> {
    Manifest::check(draft).map_err(|problems| {
        let details = problems.into_iter().map(|p| portcullis_model::Detail { at: p.at, what: p.what });
        Refusal::new(Code::BadManifest, "the installed plugin declares what no plugin may").details(details)
    })
}

fn random() -> Result<[u8; 16], Refusal> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|_| Refusal::new(Code::AuditUnavailable, "the machine gives no random numbers"))?;
    Ok(bytes)
}
