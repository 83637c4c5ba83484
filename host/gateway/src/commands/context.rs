//! What every command has at hand.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use portcullis_egress::{Environment, FileKey, Passphrase};
use portcullis_model::{Code, Refusal};
use zeroize::Zeroizing;

use crate::home::Home;
use crate::host::{Host, HostConfig};
use crate::settings::Settings;
use crate::terminal;
use crate::watch::Watch;

/// The command line's wishes, and the way to the host.
pub(crate) struct Context {
    /// Data goes out as JSON.
    pub(crate) json: bool,
    environment: Environment,
    token: Option<Zeroizing<String>>,
    watch: Watch,
}

impl Context {
    pub(crate) fn new(json: bool, mut environment: Environment, watch: Watch) -> Self {
        let token = environment.token();
        Self { json, environment, token, watch }
    }

    /// The token of the agent for whom the command is typed, if any.
    pub(crate) fn token(&self) -> Option<Zeroizing<String>> {
        self.token.clone()
    }

    /// That no agent's token came along: what the operator does is no agent's business.
    ///
    /// # Errors
    /// `forbidden`.
    pub(crate) fn operator_only(&self, verb: &str) -> Result<(), Refusal> {
        if self.token.is_none() {
            return Ok(());
        }
        let what = format!("`{verb}` is the operator's, and PORTCULLIS_TOKEN is set, so an agent may be typing");
        Err(Refusal::new(Code::Forbidden, what).fix("unset PORTCULLIS_TOKEN"))
    }

    /// Opens the host of this account.
    pub(crate) fn host(self) -> Result<Host> {
        let home = Home::find()?;
        let settings = Settings::read(home.settings())?;
        Ok(open(home, settings, self.environment)?.watched(self.watch))
    }
}

/// Opens a host whose components are compiled by this very program.
pub(crate) fn open(home: Home, settings: Settings, mut environment: Environment) -> Result<Host> {
    let file_key = match (environment.passphrase(), &settings.credentials.key_file) {
        (Some(passphrase), _) => Some(FileKey::Passphrase(passphrase)),
        (None, Some(file)) => Some(FileKey::KeyFile(file.clone())),
        (None, None) => Some(FileKey::Ask(Box::new(ask_passphrase))),
    };
    Host::open(HostConfig {
        home,
        settings,
        environment,
        file_key,
        compiler: this_program()?,
        watch: terminal::watch_compiling(),
    })
}

fn this_program() -> Result<PathBuf> {
    std::env::current_exe().context("the path of this program is not known")
}

fn ask_passphrase() -> Result<Passphrase, Refusal> {
    let missing = || {
        Refusal::new(Code::CredentialUnavailable, "the encrypted credential file needs its passphrase")
            .fix("set PORTCULLIS_PASSPHRASE, or name a `key_file` under [credentials] in portcullis.toml")
    };
    if !terminal::can_ask() {
        return Err(missing());
    }
    Passphrase::new(rpassword::prompt_password("passphrase of the credential file: ").map_err(|_| missing())?)
}
