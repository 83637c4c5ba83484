//! A loaded plugin: describes requests, each call in a fresh instance that nothing survives.

use std::sync::Arc;
use std::time::Duration;

use portcullis_model::Detail;
use portcullis_model::{Code, Definition, Description, Digest, Manifest, ManifestDraft, Refusal, Shown};
use wasmtime::{Engine, Store, Trap, UpdateDeadline};
use wasmtime_wasi::{WasiCtxView, WasiView};

use crate::bindings::{Plugin as World, PluginPre, PluginRefusal, RefusalReason, Request};
use crate::census::Census;
use crate::engine::ticks;
use crate::inert::Nowhere;
use crate::limits::{Limits, Meter};
use crate::probing::Probing;
use crate::stopwatch::Stopwatch;
use crate::templates::Template;
use crate::trap;

/// Most handles that one call may hold.
const MAX_HANDLES: usize = 4096;

/// What one call has: its meter and, in the inert tier, a world that leads nowhere; a template has what it serves.
pub(crate) struct State {
    pub(crate) meter: Meter,
    pub(crate) returned_bytes_limit: usize,
    pub(crate) definition: Option<Arc<str>>,
    pub(crate) nowhere: Option<Nowhere>,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        // Only the inert linker calls this, and only calls of inert plugins go through that linker.
        self.nowhere.get_or_insert_with(|| Nowhere::new(&Digest::of(b""), "", "")).view()
    }
}

/// A plugin, compiled, linked and ready to be instantiated.
pub struct Plugin {
    engine: Engine,
    pre: PluginPre<State>,
    census: Census,
    digest: Digest,
    definition: Option<Arc<Definition>>,
    limits: Limits,
}

impl Plugin {
    /// A component that is all there is to it.
    pub(crate) fn new(
        engine: Engine,
        pre: PluginPre<State>,
        census: Census,
        digest: Digest,
        limits: Limits,
    ) -> Arc<Self> {
        Arc::new(Self { engine, pre, census, digest, definition: None, limits })
    }

    /// A template with what it serves; `digest` is the definition's.
    pub(crate) fn serving(
        engine: Engine,
        template: Template,
        definition: Arc<Definition>,
        digest: Digest,
        limits: Limits,
    ) -> Arc<Self> {
        let Template { pre, census, .. } = template;
        Arc::new(Self { engine, pre, census, digest, definition: Some(definition), limits })
    }

    /// Its identity: the digest of the component, or of the definition, which names the template's.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What it serves, where it is a template.
    #[must_use]
    pub fn definition(&self) -> Option<&Definition> {
        self.definition.as_deref()
    }

    /// What it imports.
    #[must_use]
    pub fn census(&self) -> &Census {
        &self.census
    }

    /// The limits it runs under.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Asks the plugin what it declares, unchecked.
    ///
    /// # Errors
    /// `plugin-trapped`, `plugin-timeout` or `plugin-too-large`.
    pub fn manifest_draft(&self) -> Result<ManifestDraft, Refusal> {
        let told = self.definition().map(|definition| Arc::from(definition.as_str()));
        let (mut store, world) = self.instance(self.world("", ""), told, self.limits.manifest_bytes)?;
        let manifest = world
            .portcullis_action_contract()
            .call_declare(&mut store)
            .map_err(|e| trap::refusal(&e, &store, &self.limits))?;
        Ok(manifest.into())
    }

    /// Asks the plugin what it declares, and checks it.
    ///
    /// # Errors
    /// As [`Self::manifest_draft`], or `bad-manifest` with every problem.
    pub fn manifest(&self) -> Result<Manifest, Refusal> {
        Manifest::check(self.manifest_draft()?).map_err(|problems| {
            let details = problems.into_iter().map(|p| Detail { at: p.at, what: p.what });
            Refusal::new(Code::BadManifest, "the plugin declares what no plugin may").details(details)
        })
    }

    /// Describes one call. Blocks for up to the wall time limit.
    ///
    /// # Errors
    /// `plugin-refused` with the plugin's words, `plugin-trapped`, `plugin-timeout` or `plugin-too-large`.
    pub fn describe(&self, action: &str, input: &str) -> Result<Description, Refusal> {
        let (mut store, world) = self.for_call(action, input, self.world(action, input))?;
        self.call(&mut store, &world, action, input)
    }

    /// Ways to describe that no call takes; see [`Probing`].
    #[must_use]
    pub fn probing(&self) -> Probing<'_> {
        Probing::of(self)
    }

    /// A fresh instance for one call.
    pub(crate) fn for_call(
        &self,
        action: &str,
        input: &str,
        nowhere: Option<Nowhere>,
    ) -> Result<(Store<State>, World), Refusal> {
        self.takes(input)?;
        let told = self.definition().map(|definition| of_action(definition, action)).transpose()?;
        self.instance(nowhere, told, self.limits.output_bytes)
    }

    pub(crate) fn takes(&self, input: &str) -> Result<(), Refusal> {
        if input.len() <= self.limits.input_bytes {
            return Ok(());
        }
        let what = format!("the input has {} bytes, expected at most {}", input.len(), self.limits.input_bytes);
        Err(Refusal::new(Code::PluginTooLarge, what))
    }

    /// Describes in an instance, and takes no more from it than it may return.
    pub(crate) fn call(
        &self,
        store: &mut Store<State>,
        world: &World,
        action: &str,
        input: &str,
    ) -> Result<Description, Refusal> {
        let answer = world
            .portcullis_action_contract()
            .call_describe(&mut *store, action, input)
            .map_err(|e| trap::refusal(&e, store, &self.limits))?;
        let request = answer.map_err(|refusal| spoken(&refusal))?;
        let size = size(&request);
        if size > self.limits.output_bytes {
            let what = format!("the description has {size} bytes, expected at most {}", self.limits.output_bytes);
            return Err(Refusal::new(Code::PluginTooLarge, what));
        }
        Ok(request.into())
    }

    /// What a call has of WASI, where the plugin is of the tier that has any.
    fn world(&self, action: &str, input: &str) -> Option<Nowhere> {
        (!self.census.imports.is_empty()).then(|| Nowhere::new(&self.digest, action, input))
    }

    /// Starts the time of one call.
    pub(crate) fn begin(&self, store: &mut Store<State>) {
        let (watch, limit) = (Stopwatch::start(), Duration::from_millis(self.limits.wall_time_ms));
        store.set_epoch_deadline(ticks(limit));
        store.epoch_deadline_callback(move |_| match watch.left(limit) {
            Some(left) => Ok(UpdateDeadline::Continue(ticks(left))),
            None => Err(Trap::Interrupt.into()),
        });
    }

    /// A fresh store and instance, metered from its first instruction.
    fn instance(
        &self,
        nowhere: Option<Nowhere>,
        definition: Option<Arc<str>>,
        returned: usize,
    ) -> Result<(Store<State>, World), Refusal> {
        let state = State { meter: Meter::new(self.limits), returned_bytes_limit: returned, definition, nowhere };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.meter);
        self.begin(&mut store);
        // Handles are kept in the host's memory, which the meter does not see.
        store.set_max_component_handles(MAX_HANDLES);
        // Refuses a giant string before it is copied out of the plugin.
        store.set_hostcall_fuel(returned);
        match self.pre.instantiate(&mut store) {
            Ok(world) => Ok((store, world)),
            Err(error) => Err(trap::refusal(&error, &store, &self.limits)),
        }
    }
}

/// What a call of one action may read of a definition: that action. A call never sees what others declare, and costs the
/// same however many there are.
fn of_action(definition: &Definition, action: &str) -> Result<Arc<str>, Refusal> {
    definition.of_action(action).map(Arc::from).ok_or_else(|| {
        let what = format!("the definition has no action `{}`", Shown::new(action).limit_bytes(100));
        Refusal::new(Code::PluginRefused, what)
    })
}

/// The plugin's no, marked as its own words.
fn spoken(refusal: &PluginRefusal) -> Refusal {
    let what = match refusal.reason {
        RefusalReason::UnknownAction => "the plugin does not know this action",
        RefusalReason::InvalidInput => "the plugin cannot make a request of this input",
    };
    let words = Shown::new(&refusal.message).limit_bytes(500).to_string();
    let answer = Refusal::new(Code::PluginRefused, format!("{what}; it says: \"{words}\""));
    match &refusal.pointer {
        Some(pointer) => answer.details([Detail { at: Shown::new(pointer).limit_bytes(500).to_string(), what: words }]),
        None => answer,
    }
}

/// Bytes of text in a description.
fn size(request: &Request) -> usize {
    use crate::bindings::exports::portcullis::action::contract::Body;
    let pairs = |list: &[(String, String)]| list.iter().map(|(a, b)| a.len() + b.len()).sum::<usize>();
    let body = match &request.body {
        Some(Body::Json(text) | Body::Text(text)) => text.len(),
        Some(Body::Form(fields)) => pairs(fields),
        None => 0,
    };
    request.path.iter().map(String::len).sum::<usize>() + pairs(&request.query) + pairs(&request.headers) + body
}
