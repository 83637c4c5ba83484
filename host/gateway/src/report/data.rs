//! The report as data.

use serde_json::{Value, json};

use super::Report;

impl Report<'_> {
    /// As JSON. Names of members are kept from version to version.
    pub(crate) fn data(&self) -> Value {
        let Self { port, plugin, .. } = self;
        json!({
            "warnings": self.warnings,
            "digest": port.digest(), "bytes": self.bytes, "tier": plugin.census().tier,
            "imports": plugin.census().imports, "declarative": plugin.definition().is_some(), "source": self.source,
            "signedBy": self.vouched, "reviewedBy": self.reviewed, "toolchain": self.toolchain,
            "origin": port.origin(), "originOverridden": port.origin_overridden(),
            "limits": plugin.limits(), "manifest": port.manifest(), "ignored": self.ignored,
            "additions": port.additions().map(|additions| {
                json!({"digest": additions.digest, "actions": additions.actions})
            }),
        })
    }

    /// What a review says was looked at: everything that could be sent, without schemas and examples.
    pub(crate) fn in_short(&self) -> Value {
        let Self { port, plugin, .. } = self;
        let manifest = port.manifest();
        let declared = manifest.port();
        let actions: Vec<Value> = manifest.actions().iter().map(|action| {
            json!({
                "slug": action.slug, "method": action.method, "path": action.path, "query": action.query,
                "headers": action.headers, "body": action.body, "effect": action.effect, "approval": action.approval,
            })
        }).collect();
        json!({
            "bytes": self.bytes, "tier": plugin.census().tier, "imports": plugin.census().imports,
            "declarative": plugin.definition().is_some(), "toolchain": self.toolchain, "port": declared.slug,
            "version": manifest.version(), "origin": declared.origin, "credential": declared.auth,
            "warnings": self.warnings, "actions": actions,
        })
    }
}
