//! An action as it is installed: which component declares it, where it goes, whose credential it takes.

use crate::{Action, ActionId, ActionSlug, Auth, Digest, FixedOrigin, Manifest, PortSlug};

/// Everything about a call that does not depend on its input. Approvals are bound to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    port: PortSlug,
    digest: Digest,
    origin: FixedOrigin,
    overridden: bool,
    auth: Auth,
    publisher: String,
    category: String,
    action: Action,
}

impl Binding {
    /// Binds one action of a manifest to the component it came from. An origin set by the operator goes over the
    /// declared one. `None` where the manifest has no such action.
    #[must_use]
    pub fn new(
        manifest: &Manifest,
        slug: &ActionSlug,
        digest: Digest,
        operator_origin: Option<FixedOrigin>,
    ) -> Option<Self> {
        let port = manifest.port();
        let overridden = operator_origin.is_some();
        Some(Self {
            port: port.slug.clone(),
            digest,
            origin: operator_origin.unwrap_or_else(|| port.origin.clone()),
            overridden,
            auth: port.auth.clone(),
            publisher: port.publisher.slug.clone(),
            category: port.category.clone(),
            action: manifest.action(slug)?.clone(),
        })
    }

    /// Full name of the action.
    #[must_use]
    pub fn id(&self) -> ActionId {
        ActionId { port: self.port.clone(), action: self.action.slug.clone() }
    }

    /// The port; also the name of the slot its credential is kept under.
    #[must_use]
    pub fn slot(&self) -> &PortSlug {
        &self.port
    }

    /// Digest of the component.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Where requests go.
    #[must_use]
    pub fn origin(&self) -> &FixedOrigin {
        &self.origin
    }

    /// Whether the operator set the origin.
    #[must_use]
    pub fn origin_overridden(&self) -> bool {
        self.overridden
    }

    /// How the credential is attached.
    #[must_use]
    pub fn auth(&self) -> &Auth {
        &self.auth
    }

    /// Who publishes the plugin, by its own word.
    #[must_use]
    pub fn publisher(&self) -> &str {
        &self.publisher
    }

    /// What kind of service the port is, by its plugin's word.
    #[must_use]
    pub fn category(&self) -> &str {
        &self.category
    }

    /// The declared action.
    #[must_use]
    pub fn action(&self) -> &Action {
        &self.action
    }
}
