//! Loads components: census, compile or cached code, link, and a bounded set of loaded plugins.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use portcullis_model::{Code, Definition, Digest, Refusal, Shown};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use crate::bindings::PluginPre;
use crate::cache::CodeCache;
use crate::census::{Census, Tier};
use crate::compile::{CompileEvent, about, compile};
use crate::engine::{engine, settings_hash, start_ticker};
use crate::inert;
use crate::limits::{HostLimits, Limits};
use crate::plugin::{Plugin, State};
use crate::templates::{self, Template, Templates};

/// How a sandbox is set up.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// Folder for compiled code; made private if missing.
    pub cache_dir: PathBuf,
    /// The program that compiles when started with `compiler_verb`: it calls [`compile_child`](crate::compile_child).
    pub compiler: PathBuf,
    /// The argument that makes it do so.
    pub compiler_verb: String,
    /// The weakest tier accepted.
    pub tier: Tier,
    /// Limits that hold for all plugins.
    pub limits: HostLimits,
}

/// Where plugins run.
pub struct Sandbox {
    config: SandboxConfig,
    engine: Engine,
    cache: Option<CodeCache>,
    sealed: Linker<State>,
    inert: Linker<State>,
    template: Linker<State>,
    templates: Templates,
    loaded: Mutex<Vec<Arc<Plugin>>>,
}

impl Sandbox {
    /// Sets up the engine.
    ///
    /// # Errors
    /// `compile-failed` when the machine cannot run it. A cache folder that cannot be used costs time, not function.
    pub fn new(config: SandboxConfig) -> Result<Self, Refusal> {
        let failed = |what: String| Refusal::new(Code::CompileFailed, what);
        let engine = engine(&config.limits).map_err(|e| failed(format!("the sandbox cannot be set up: {e:#}")))?;
        start_ticker(&engine).map_err(|e| failed(format!("the clock of the sandbox cannot be started: {e}")))?;
        let cache = match CodeCache::open(&config.cache_dir, settings_hash(&engine)) {
            Ok(cache) => Some(cache),
            Err(error) => {
                tracing::warn!(%error, "compiled code is not kept: the cache folder cannot be used");
                None
            }
        };
        let sealed = Linker::new(&engine);
        let mut inert = Linker::new(&engine);
        inert::add_to_linker(&mut inert).map_err(|e| failed(format!("the inert tier cannot be set up: {e:#}")))?;
        let template = templates::linker(&engine).map_err(|e| failed(format!("templates cannot be set up: {e:#}")))?;
        let (templates, loaded) = (Templates::new(), Mutex::new(Vec::new()));
        Ok(Self { config, engine, cache, sealed, inert, template, templates, loaded })
    }

    /// Loads a component, compiling it unless that was done before. Blocks; `watch` is told when compiling begins and ends.
    ///
    /// # Errors
    /// `plugin-too-large`, `not-a-plugin`, `forbidden-import` or `compile-failed`.
    pub fn load(&self, bytes: &[u8], limits: Limits, watch: &dyn Fn(CompileEvent)) -> Result<Arc<Plugin>, Refusal> {
        small_enough(bytes, &limits)?;
        let digest = Digest::of(bytes);
        if let Some(plugin) = self.loaded(&digest, &limits) {
            return Ok(plugin);
        }
        let census = Census::of(bytes)?;
        census.accept(self.config.tier)?;
        let component = self.component(bytes, &digest, watch)?;
        let linker = match census.tier {
            Tier::Sealed => &self.sealed,
            Tier::Inert => &self.inert,
        };
        let pre = linked(linker, &component)?;
        Ok(self.keep(Plugin::new(self.engine.clone(), pre, census, digest, limits)))
    }

    /// Loads what a template and a definition are together. The template is compiled once for all the definitions that
    /// it serves, and its compiled code is in memory once. Blocks as [`Self::load`] does.
    ///
    /// # Errors
    /// `digest-mismatch` when the definition names another template, `plugin-too-large` when it has more than
    /// `manifest_bytes`, or as [`Self::load`].
    pub fn load_template(
        &self,
        bytes: &[u8],
        definition: Arc<Definition>,
        limits: Limits,
        watch: &dyn Fn(CompileEvent),
    ) -> Result<Arc<Plugin>, Refusal> {
        small_enough(bytes, &limits)?;
        let size = definition.as_str().len();
        if size > limits.manifest_bytes {
            let what = format!("the definition has {size} bytes, expected at most {}", limits.manifest_bytes);
            return Err(Refusal::new(Code::PluginTooLarge, what)
                .fix("the operator can raise `manifest_bytes` under [sandbox.limits] in portcullis.toml"));
        }
        let named = definition.template();
        let found = Digest::of(bytes);
        if named != found {
            let what = format!("the definition is of the template {named}, and this one is {found}");
            return Err(Refusal::new(Code::DigestMismatch, what).fix("install the port again, with `--replace`"));
        }
        let digest = definition.digest();
        if let Some(plugin) = self.loaded(&digest, &limits) {
            return Ok(plugin);
        }
        let template = match self.templates.get(&found) {
            Some(template) => template,
            None => {
                let census = Census::of_template(bytes)?;
                let component = self.component(bytes, &found, watch)?;
                let pre = linked(&self.template, &component)?;
                self.templates.keep(Template { digest: found, census, pre })
            }
        };
        Ok(self.keep(Plugin::serving(self.engine.clone(), template, definition, digest, limits)))
    }

    /// Keeps a plugin loaded, in the place of the one that was not used for longest.
    fn keep(&self, plugin: Arc<Plugin>) -> Arc<Plugin> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if loaded.len() >= self.config.limits.loaded_plugins {
            loaded.remove(0);
        }
        loaded.push(plugin.clone());
        plugin
    }

    /// A plugin that is loaded under these limits; it becomes the last to be dropped.
    #[must_use]
    pub fn loaded(&self, digest: &Digest, limits: &Limits) -> Option<Arc<Plugin>> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let at = loaded.iter().position(|p| p.digest() == *digest && p.limits() == limits)?;
        let plugin = if at + 1 == loaded.len() {
            loaded[at].clone()
        } else {
            let plugin = loaded.remove(at);
            loaded.push(plugin.clone());
            plugin
        };
        Some(plugin)
    }

    fn component(&self, bytes: &[u8], digest: &Digest, watch: &dyn Fn(CompileEvent)) -> Result<Component, Refusal> {
        if let Some(component) = self.cache.as_ref().and_then(|c| c.get(digest)).and_then(|code| self.trusted(&code)) {
            return Ok(component);
        }
        let SandboxConfig { compiler, compiler_verb, limits, .. } = &self.config;
        let code = compile(compiler, compiler_verb, limits, bytes, watch).map_err(|r| about(&r, digest))?;
        if let Some(cache) = &self.cache
            && let Err(error) = cache.put(digest, &code)
        {
            tracing::warn!(%error, "compiled code is not kept");
        }
        self.trusted(&code).ok_or_else(|| Refusal::new(Code::CompileFailed, "the compiler's output cannot be loaded"))
    }

    /// Loads compiled code.
    fn trusted(&self, code: &[u8]) -> Option<Component> {
        // SAFETY: `code` was written by `Engine::precompile_component` of this very program: it comes from the pipe of
        // a child started from our own executable, or from a file whose MAC under a private key was just checked.
        // wasmtime itself checks that version and settings fit.
        #[allow(unsafe_code)]
        let component = unsafe { Component::deserialize(&self.engine, code) };
        match component {
            Ok(component) => Some(component),
            Err(error) => {
                tracing::debug!(%error, "compiled code does not fit this engine");
                None
            }
        }
    }
}

/// Refuses bytes before anything reads them.
fn small_enough(bytes: &[u8], limits: &Limits) -> Result<(), Refusal> {
    if bytes.len() <= limits.component_bytes {
        return Ok(());
    }
    let what = format!("the component has {} bytes, expected at most {}", bytes.len(), limits.component_bytes);
    Err(Refusal::new(Code::PluginTooLarge, what)
        .fix("the operator can raise `component_bytes` under [sandbox.limits] in portcullis.toml"))
}

/// Links a component to what its tier has, and finds the contract in it.
fn linked(linker: &Linker<State>, component: &Component) -> Result<PluginPre<State>, Refusal> {
    let pre = linker.instantiate_pre(component).map_err(|e| {
        let what = format!("the component cannot be linked: {}", Shown::new(&format!("{e:#}")).limit_bytes(300));
        Refusal::new(Code::ForbiddenImport, what)
    })?;
    PluginPre::new(pre).map_err(|e| {
        let what = format!("the component does not fit the contract: {}", Shown::new(&e.to_string()));
        Refusal::new(Code::NotAPlugin, what)
    })
}
