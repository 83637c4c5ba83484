//! The component that a document may refer to, and whether what the document says of it is so.
//!
//! Does not fetch or load it.

use portcullis_model::{ActionDraft, Digest, ManifestDraft, Refusal, Shown};

use crate::documents::document::{ComponentRef, Document};
use crate::documents::found::{Found, item};
use crate::documents::rules::judge;

/// Longest reference in bytes.
const MAX_REFERENCE_BYTES: usize = 512;

/// Before the name of a component that comes with the host.
const SHIPPED: &str = "shipped:";

impl ComponentRef {
    /// Name of a component that comes with the host, where it is one.
    #[must_use]
    pub fn shipped(&self) -> Option<&str> {
        self.reference.strip_prefix(SHIPPED)
    }

    /// The digest that the bytes must have, where one is given.
    #[must_use]
    pub fn pinned(&self) -> Option<Digest> {
        self.digest.as_deref()?.parse().ok()
    }

    pub(crate) fn check(&self, found: &mut Found) {
        let digest = self.digest.as_deref().map(str::parse::<Digest>);
        match (&digest, self.shipped()) {
            (Some(Err(problem)), _) => found.add("/component/digest", problem.to_string()),
            (None, None) => found.add("/component/digest", "is missing: expected `sha256:` and 64 hexadecimal digits"),
            _ => {}
        }
        let reference = &self.reference;
        let is_known = match self.shipped() {
            Some(name) => name.parse::<portcullis_model::PortSlug>().is_ok(),
            None => is_reference(reference),
        };
        if !is_known {
            let what = format!(
                "`{}` is no reference: expected such as `registry.example.com/weather/plugin:1.0.0` or `shipped:NAME`",
                Shown::new(reference)
            );
            found.add("/component/ref", what);
        }
        // Two digests that differ would leave it open which one is meant.
        if let (Some((_, pinned)), Some(Ok(digest))) = (reference.split_once('@'), &digest)
            && pinned != digest.to_string()
        {
            found.add("/component/digest", "is another digest than the one in `ref`");
        }
    }
}

/// Host, at least one name, perhaps a tag, perhaps a digest; no scheme, no user. Whoever fetches it parses it in full.
fn is_reference(text: &str) -> bool {
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    let plain = |piece: &str| {
        !piece.is_empty() && piece.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:".contains(&b)) && piece != ".."
    };
    text.len() <= MAX_REFERENCE_BYTES
        && name.contains('/')
        && name.split('/').all(plain)
        && digest.is_none_or(|digest| digest.parse::<Digest>().is_ok())
}

impl Document {
    /// Whether a component is what this document says of it: the same origin, credential and actions, each with the
    /// same request and the same demands. The port's name and words for people may differ.
    ///
    /// # Errors
    /// `bad-document` with every difference at its JSON Pointer.
    pub fn agrees_with(&self, manifest: &ManifestDraft) -> Result<(), Refusal> {
        let (said, mut found) = judge(self);
        if said.port.origin != manifest.port.origin {
            found.add("/portTemplates/0/baseUrl", differs(&manifest.port.origin));
        }
        if said.port.auth != manifest.port.auth {
            found.add("/portTemplates/0/authMode", "the component's credential goes elsewhere");
        }
        for (index, said) in said.actions.iter().enumerate() {
            let at = item("/actionTemplates", index);
            match manifest.actions.iter().find(|action| action.slug == said.slug) {
                Some(action) => compare(said, action, &at, &mut found),
                None => found.add(at, format!("the component has no action `{}`", Shown::new(&said.slug))),
            }
        }
        for action in &manifest.actions {
            if !said.actions.iter().any(|said| said.slug == action.slug) {
                let what = format!("the component has an action `{}`, too", Shown::new(&action.slug));
                found.add("/actionTemplates", what);
            }
        }
        if found.is_empty() { Ok(()) } else { Err(found.into_refusal("the document and its component disagree")) }
    }
}

fn compare(said: &ActionDraft, action: &ActionDraft, at: &str, found: &mut Found) {
    let pairs = [
        ("method", said.method.as_str(), action.method.as_str()),
        ("path", said.path.as_str(), action.path.as_str()),
        ("requestBodyMode", said.body.as_str(), action.body.as_str()),
        ("approvalMode", said.approval.as_str(), action.approval.as_str()),
        ("effect", said.effect.as_str(), action.effect.as_str()),
        ("promptBearing", flag(said.traits.prompt_bearing), flag(action.traits.prompt_bearing)),
        ("billable", flag(said.traits.billable), flag(action.traits.billable)),
    ];
    for (name, said, is) in pairs {
        if said != is {
            found.add(format!("{at}/{name}"), differs(is));
        }
    }
}

fn flag(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

fn differs(is: &str) -> String {
    format!("the component has `{}`", Shown::new(is))
}

#[cfg(test)]
mod tests;
