//! Finding: ports, actions and their schemas, as far as they exist for the caller.

use std::sync::Arc;

use portcullis_model::{ActionId, Code, PortSlug, Refusal};

use super::caller::{Agent, Caller};
use super::directory::{Declared, Entry, Listed};
use super::service::Service;
use super::wire::{ActionDetail, ActionView, PortView};

impl Service {
    /// The ports that exist for a caller.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn ports(&self, caller: &Caller) -> Result<Vec<PortView>, Refusal> {
        let directory = self.directory()?;
        let granted = |listed: &Listed| listed.entries().iter().filter(|entry| may(caller, entry.id())).count();
        let views = directory.ports().map(|listed| PortView::new(listed, granted(listed)));
        Ok(views.filter(|view| view.actions > 0 || matches!(caller, Caller::Operator(_))).collect())
    }

    /// The actions of a port that exist for a caller.
    ///
    /// # Errors
    /// `unknown-action` where there is none.
    pub fn actions(&self, caller: &Caller, port: &PortSlug) -> Result<Vec<ActionView>, Refusal> {
        let directory = self.directory()?;
        let listed = directory.port(port).ok_or_else(|| unknown_port(port))?;
        let entries = listed.entries().iter().filter(|entry| may(caller, entry.id()));
        let views: Vec<ActionView> = entries.map(|entry| ActionView::new(entry, self.approval_mode(entry))).collect();
        let hidden = views.is_empty() && matches!(caller, Caller::Agent(_));
        if hidden { Err(unknown_port(port)) } else { Ok(views) }
    }

    /// One action.
    ///
    /// # Errors
    /// `unknown-action` where it does not exist for the caller.
    pub fn action(&self, caller: &Caller, id: &ActionId) -> Result<ActionDetail, Refusal> {
        let directory = self.directory()?;
        let entry = directory.entry(id).filter(|_| may(caller, id)).ok_or_else(|| unknown_action(id))?;
        Ok(ActionDetail::new(entry, self.declared(entry)?.action(), self.approval_mode(entry)))
    }

    /// One action, where it exists for an agent.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tool(&self, agent: &Agent, id: &ActionId) -> Result<Option<Arc<Entry>>, Refusal> {
        Ok(self.directory()?.entry(id).filter(|_| agent.grants().allow(id)).cloned())
    }

    /// Every action that exists for an agent, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tools(&self, agent: &Agent) -> Result<Vec<Arc<Entry>>, Refusal> {
        let directory = self.directory()?;
        Ok(directory.entries().iter().filter(|entry| agent.grants().allow(entry.id())).cloned().collect())
    }

    /// All that a plugin declares of an action.
    ///
    /// # Errors
    /// `digest-mismatch` where the plugin was replaced since it was listed.
    pub fn declared(&self, entry: &Entry) -> Result<Declared, Refusal> {
        self.directory.declared(&self.host, entry)
    }

    /// What will be done about an action, the operator's word included.
    pub(super) fn approval_mode(&self, entry: &Entry) -> &'static str {
        self.host.approval_mode(entry.id(), entry.unattended)
    }
}

fn may(caller: &Caller, id: &ActionId) -> bool {
    match caller {
        Caller::Agent(agent) => agent.grants().allow(id),
        Caller::Operator(_) => true,
    }
}

fn unknown_port(port: &PortSlug) -> Refusal {
    Refusal::new(Code::UnknownAction, format!("there is no port `{port}` for this caller")).fix("list the ports")
}

/// The refusal for an action that is not there, or not for this caller.
pub(super) fn unknown_action(id: &ActionId) -> Refusal {
    Refusal::new(Code::UnknownAction, format!("there is no action `{id}` for this caller")).fix("list the actions")
}
