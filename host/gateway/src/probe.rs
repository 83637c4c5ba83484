//! Probing a plugin: the sandbox as a campaign sees it.
//!
//! Nothing here is part of a call: descriptions are compared and dropped, and nothing of them is ever sent.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::thread;

use portcullis_model::{ActionSlug, Code, Description, Refusal, Shown};
use portcullis_probe::{Campaign, Kept, Options, Progress, Report, Subject, Tried};
use portcullis_registry::{InstalledPort, ResolvedAction};
use portcullis_sandbox::{KeptInstance, Plugin};

use crate::install::Candidate;

/// Tries a plugin that was examined and need not be installed. Blocks, and uses every core.
///
/// `progress` is told after every few inputs, on any thread; `stop` ends it early, with a report of what was found.
///
/// # Errors
/// `bad-manifest` where a schema cannot be used.
pub fn probe(
    candidate: &Candidate,
    options: Options,
    progress: &(dyn Fn(Progress) + Sync),
    stop: &AtomicBool,
) -> Result<Report, Refusal> {
    Probe::new(candidate.port(), &[candidate.plugin()], candidate.component()).run(options, None, progress, stop)
}

/// A plugin that is about to be tried.
pub(crate) struct Probe<'a> {
    port: &'a InstalledPort,
    component: Option<&'a [u8]>,
    actions: BTreeMap<ActionSlug, (&'a Plugin, &'a ResolvedAction)>,
    plugin: Option<&'a Plugin>,
}

impl<'a> Probe<'a> {
    /// The actions of a port that these serve; the first is the port's own plugin. `component` is what code is looked for
    /// words in.
    pub(crate) fn new(port: &'a InstalledPort, plugins: &[&'a Plugin], component: Option<&'a [u8]>) -> Self {
        let serving = |action: &ResolvedAction| {
            plugins.iter().find(|plugin| plugin.digest() == action.binding().digest()).copied()
        };
        let actions = port.actions().filter_map(|action| {
            let slug = action.binding().action().slug.clone();
            Some((slug, (serving(action)?, action.as_ref())))
        });
        Self { port, component, actions: actions.collect(), plugin: plugins.first().copied() }
    }

    /// Tries every action, or one.
    ///
    /// # Errors
    /// `unknown-action` where there is no such one; `bad-manifest` where a schema cannot be used.
    pub(crate) fn run(
        &self,
        options: Options,
        only: Option<&ActionSlug>,
        progress: &(dyn Fn(Progress) + Sync),
        stop: &AtomicBool,
    ) -> Result<Report, Refusal> {
        let manifest = self.port.manifest();
        if let Some(only) = only {
            self.port.resolve(only)?;
        }
        let wanted = self.actions.iter().filter(|(slug, _)| only.is_none_or(|only| only == *slug));
        let Some(plugin) = self.plugin else {
            return Err(Refusal::new(Code::UnknownAction, "nothing serves the actions of the port"));
        };
        let input_bytes = options.input_bytes.min(plugin.limits().input_bytes);
        let campaign = Campaign {
            subject: self,
            tried: Tried::new(
                manifest.port().slug.as_str(),
                plugin.digest(),
                plugin.census().tier.as_str(),
                &Shown::new(manifest.version()).to_string(),
            ),
            manifest,
            component: self.component,
            actions: wanted.map(|(_, (_, action))| *action).collect(),
            options: Options { input_bytes, ..options },
            threads: thread::available_parallelism().map_or(1, usize::from),
        };
        campaign.run(progress, stop)
    }

    fn serving(&self, action: &ActionSlug) -> Result<&'a Plugin, Refusal> {
        self.actions.get(action).map(|(plugin, _)| *plugin).ok_or_else(|| {
            let what = format!("nothing serves the action `{}`", Shown::new(action.as_str()));
            Refusal::new(Code::UnknownAction, what)
        })
    }
}

impl Subject for Probe<'_> {
    fn fresh(&self, action: &ActionSlug, input: &str) -> Result<Description, Refusal> {
        self.serving(action)?.describe(action.as_str(), input)
    }

    fn elsewhere(&self, action: &ActionSlug, input: &str, other: u64) -> Result<Description, Refusal> {
        self.serving(action)?.probing().elsewhere(action.as_str(), input, other)
    }

    fn has_world(&self) -> bool {
        self.plugin.is_some_and(|plugin| plugin.probing().has_world())
    }

    fn keep(&self, action: &ActionSlug) -> Result<Box<dyn Kept + '_>, Refusal> {
        Ok(Box::new(Staying(self.serving(action)?.probing().keep(action.as_str())?)))
    }
}

struct Staying<'p>(KeptInstance<'p>);

impl Kept for Staying<'_> {
    fn describe(&mut self, input: &str) -> Result<Description, Refusal> {
        self.0.describe(input)
    }
}
