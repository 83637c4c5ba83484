//! A port with its actions, made from a manifest and the operator's word on its origin.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use portcullis_model::{ActionSlug, Binding, Code, Digest, FixedOrigin, Manifest, Refusal, Shown};

use crate::resolved::ResolvedAction;

/// An installed port.
pub struct InstalledPort {
    manifest: Manifest,
    digest: Digest,
    additions: Option<Additions>,
    origin: Option<FixedOrigin>,
    actions: BTreeMap<ActionSlug, Arc<ResolvedAction>>,
}

/// Actions that were added to a port beside those of its plugin: something else serves them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Additions {
    /// Digest of the definition that serves them.
    pub digest: Digest,
    /// Which actions they are.
    pub actions: BTreeSet<ActionSlug>,
}

impl InstalledPort {
    /// Binds every action of a manifest to its plugin.
    #[must_use]
    pub fn new(manifest: Manifest, digest: Digest, operator_origin: Option<FixedOrigin>) -> Self {
        Self::with_additions(manifest, digest, None, operator_origin)
    }

    /// Binds every action of a manifest to its plugin, or to what was added beside it.
    #[must_use]
    pub fn with_additions(
        manifest: Manifest,
        digest: Digest,
        additions: Option<Additions>,
        operator_origin: Option<FixedOrigin>,
    ) -> Self {
        let serving = |slug: &ActionSlug| match &additions {
            Some(additions) if additions.actions.contains(slug) => additions.digest,
            _ => digest,
        };
        let bind = |slug: &ActionSlug| Binding::new(&manifest, slug, serving(slug), operator_origin.clone());
        let actions = manifest
            .actions()
            .iter()
            .filter_map(|action| Some((action.slug.clone(), ResolvedAction::new(bind(&action.slug)?))))
            .collect();
        Self { manifest, digest, additions, origin: operator_origin, actions }
    }

    /// What the plugin declares, and after it what was added.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Digest of its component.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// What was added beside the plugin.
    #[must_use]
    pub fn additions(&self) -> Option<&Additions> {
        self.additions.as_ref()
    }

    /// Where its requests go.
    #[must_use]
    pub fn origin(&self) -> &FixedOrigin {
        self.origin.as_ref().unwrap_or(&self.manifest.port().origin)
    }

    /// Whether the operator set the origin.
    #[must_use]
    pub fn origin_overridden(&self) -> bool {
        self.origin.is_some()
    }

    /// Every action, by name.
    pub fn actions(&self) -> impl Iterator<Item = &Arc<ResolvedAction>> {
        self.actions.values()
    }

    /// Finds an action.
    ///
    /// # Errors
    /// `unknown-action`, listing the nearest names.
    pub fn resolve(&self, slug: &ActionSlug) -> Result<&Arc<ResolvedAction>, Refusal> {
        self.actions.get(slug).ok_or_else(|| {
            let port = &self.manifest.port().slug;
            let what = format!("port `{port}` has no action `{}`", Shown::new(slug.as_str()));
            Refusal::new(Code::UnknownAction, what).fix(format!("portcullis actions {port}"))
        })
    }
}
