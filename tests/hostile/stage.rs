//! Where guests perform: a host with a credential and a loopback service that would gladly answer, or a bare sandbox.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use portcullis_egress::Credential;
use portcullis_gateway::{
    Answered, COMPILE_VERB, Candidate, Host, Invocation, Package, Source, Upstream, install, invoke,
};
use portcullis_model::Refusal;
use portcullis_sandbox::{CompileEvent, HostLimits, Limits, Plugin, Sandbox, SandboxConfig, Tier};
use portcullis_store::{AuditFilter, AuditRow};
use tempfile::TempDir;

const TOKEN: &str = "stage-0123456789abcdef0123456789abcdef";

/// The input on which a guest attacks.
pub(crate) const ATTACK: &str = r#"{"attack":true}"#;

/// Bytes of a guest.
pub(crate) fn guest(name: &str) -> &'static [u8] {
    portcullis_gateway::built_in(name).unwrap_or_else(|| panic!("there is no guest {name}"))
}

/// A host that would send: the port `hostile` leads to a service that is there, and a credential is at hand.
pub(crate) struct Stage {
    pub(crate) host: Host,
    pub(crate) upstream: Upstream,
    pub(crate) folder: TempDir,
    settings: String,
}

impl Stage {
    pub(crate) async fn set(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let upstream = Upstream::start(TOKEN).await.unwrap();
        let mut settings = format!("[ports.hostile]\norigin = \"{}\"\n{more}", upstream.origin());
        if !settings.contains("[sandbox.limits]") {
            settings.push_str(&format!("\n[sandbox.limits]\nwall_time_ms = {}\n", patient().wall_time_ms));
        }
        let host = acceptance::host_in(folder.path(), &settings);
        let port = "hostile".parse().unwrap();
        host.egress().credentials().set(&port, Credential::new(TOKEN.to_owned()).unwrap()).await.unwrap();
        Self { host, upstream, folder, settings }
    }

    /// The same home, opened by another process as it were.
    pub(crate) fn another_host(&self) -> Host {
        acceptance::host_in(self.folder.path(), &self.settings)
    }

    pub(crate) fn install(&self, bytes: &[u8]) -> Result<(), Refusal> {
        let candidate = examine(&self.host, bytes)?;
        install(&self.host, &candidate, true).map(|_| ())
    }

    pub(crate) async fn call(&self, input: &str) -> Result<Answered, Refusal> {
        invoke(&self.host, invocation(input)).await
    }

    /// Rows of the audit log of one kind, newest first.
    pub(crate) fn rows(&self, kind: &str) -> Vec<AuditRow> {
        let filter = AuditFilter { kind: Some(kind.to_owned()), ..AuditFilter::default() };
        self.host.store().audit().list(&filter).unwrap()
    }
}

/// Examines a component as it comes from a file.
pub(crate) fn examine(host: &Host, bytes: &[u8]) -> Result<Candidate, Refusal> {
    Candidate::examine(host, Package::component(bytes.to_vec(), Source::File("guest.wasm".to_owned())), None)
}

/// A call of the one action that guests have.
pub(crate) fn invocation(input: &str) -> Invocation {
    Invocation {
        action: "hostile/forecast".parse().unwrap(),
        input: input.to_owned(),
        agent: "tester".parse().unwrap(),
    }
}

/// A sandbox of its own, without a host around it.
pub(crate) fn sandbox(cache: &Path, tier: Tier, limits: HostLimits) -> Sandbox {
    Sandbox::new(SandboxConfig {
        cache_dir: cache.to_owned(),
        compiler: acceptance::portcullis(),
        compiler_verb: COMPILE_VERB.to_owned(),
        tier,
        limits,
    })
    .unwrap()
}

/// The default limits, but time enough for an honest plugin on a machine that is busy with other tests.
pub(crate) fn patient() -> Limits {
    Limits { wall_time_ms: 1_000, ..Limits::default() }
}

/// A guest, loaded in a sandbox of its own.
pub(crate) fn loaded(bytes: &[u8], limits: Limits) -> Result<Arc<Plugin>, Refusal> {
    let folder = tempfile::tempdir().unwrap();
    sandbox(folder.path(), Tier::Sealed, HostLimits::default()).load(bytes, limits, &|_| {})
}

/// Loads a component and says how often something was compiled for it.
pub(crate) fn compiles(sandbox: &Sandbox, bytes: &[u8]) -> (usize, Result<Arc<Plugin>, Refusal>) {
    let begun = AtomicUsize::new(0);
    let plugin = sandbox.load(bytes, patient(), &|event| {
        if matches!(event, CompileEvent::Started { .. }) {
            begun.fetch_add(1, Ordering::SeqCst);
        }
    });
    (begun.into_inner(), plugin)
}
