//! Templates: components that serve a definition, compiled and linked once for all the definitions they serve.
//!
//! A thousand declarative ports are one component and a thousand texts.

use std::sync::{Mutex, PoisonError};

use portcullis_model::Digest;
use wasmtime::component::Linker;
use wasmtime::{Engine, StoreContextMut, format_err};

use crate::bindings::PluginPre;
use crate::census::{Census, DEFINITION};
use crate::plugin::State;

/// How many are kept. One is shipped; ports from before an update may name an older one.
const MAX_TEMPLATES: usize = 4;

/// A template, ready to be instantiated. Clones share the compiled code.
#[derive(Clone)]
pub(crate) struct Template {
    pub(crate) digest: Digest,
    pub(crate) census: Census,
    pub(crate) pre: PluginPre<State>,
}

/// The templates in use.
pub(crate) struct Templates(Mutex<Vec<Template>>);

impl Templates {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(crate) fn get(&self, digest: &Digest) -> Option<Template> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|template| template.digest == *digest).cloned()
    }

    /// Keeps a template. Where another thread was quicker, its is the one.
    pub(crate) fn keep(&self, template: Template) -> Template {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = kept.iter().find(|kept| kept.digest == template.digest) {
            return first.clone();
        }
        if kept.len() >= MAX_TEMPLATES {
            kept.remove(0);
        }
        kept.push(template.clone());
        template
    }
}

/// A linker with the one import of a template, and nothing else.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    linker.root().func_wrap(DEFINITION, |store: StoreContextMut<'_, State>, (): ()| {
        let told = store.data().definition.clone();
        told.map(|text| (text,)).ok_or_else(|| format_err!("there is no definition to read"))
    })?;
    Ok(linker)
}
