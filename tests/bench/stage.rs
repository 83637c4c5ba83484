//! A host in a folder of its own with the Mistral plugin installed, its credential, and the service it calls.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use portcullis_egress::{Credential, Environment, FileKey};
use portcullis_gateway::{
    Answer, Answered, Candidate, Home, Host, HostConfig, Invocation, Package, Settings, Source, built_in, install,
    invoke,
};
use tempfile::TempDir;

use crate::service::Service;

/// What the service demands.
pub(crate) const TOKEN: &str = "bench-4f1c09d2b7e85a3360c1";

/// What all measurements share.
pub(crate) struct Stage {
    pub(crate) host: Arc<Host>,
    pub(crate) service: Service,
    folder: TempDir,
}

impl Stage {
    pub(crate) async fn set() -> Result<Self> {
        let service = Service::start(TOKEN)?;
        let folder = tempfile::Builder::new().prefix("portcullis-bench").tempdir()?;
        let host = host(folder.path(), &service, "")?;
        take_in(&host, "mistral")?;
        host.egress().credentials().set(&"mistral".parse()?, Credential::new(TOKEN.to_owned())?).await?;
        let stage = Self { host: Arc::new(host), service, folder };
        call(&stage.host, "mistral/list-models", "{}").await?;
        Ok(stage)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// A host whose two ports go to the service. What it is set to stands in its folder, for the command line to read.
pub(crate) fn host(folder: &Path, service: &Service, more: &str) -> Result<Host> {
    let origin = &service.origin;
    let ports = format!("[ports.mistral]\norigin = \"{origin}\"\n[ports.hostile]\norigin = \"{origin}\"\n");
    std::fs::write(folder.join("portcullis.toml"), format!("{ports}{more}[credentials]\nstore = \"file\"\n"))?;
    open(folder)
}

/// The host that stands in a folder.
pub(crate) fn open(folder: &Path) -> Result<Host> {
    let home = Home::at(folder);
    let settings = Settings::read(home.settings())?;
    Host::open(HostConfig {
        home,
        settings,
        environment: Environment::default(),
        file_key: Some(FileKey::KeyFile(folder.join("bench.key"))),
        compiler: std::env::current_exe()?,
        watch: Box::new(|_| {}),
    })
}

/// Installs a built-in plugin.
pub(crate) fn take_in(host: &Host, name: &str) -> Result<()> {
    let bytes = built_in(name).with_context(|| format!("`{name}` is not built in"))?;
    let package = Package::component(bytes.to_vec(), Source::Shipped(name.to_owned()));
    install(host, &Candidate::examine(host, package, None)?, true)?;
    Ok(())
}

/// One call of an automatic read.
pub(crate) async fn call(host: &Host, action: &str, input: &str) -> Result<Answer> {
    let invocation = Invocation { action: action.parse()?, input: input.to_owned(), agent: "bench".parse()? };
    match invoke(host, invocation).await? {
        Answered::Done(answer) => Ok(answer),
        Answered::Held(_) => bail!("`{action}` was held"),
    }
}
