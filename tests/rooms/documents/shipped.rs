//! The document of the component that comes with the host says what that component says.

use portcullis_catalog::{ComponentRef, Document};
use portcullis_model::{
    ActionDraft, ApprovalMode, AuthDraft, BodyMode, Effect, ManifestDraft, Method, PortDraft, Publisher, ResultMode,
    Traits,
};
use portcullis_plugin_mistral::Mistral;
use portcullis_plugin_mistral::portcullis_plugin::{self as plugin, Plugin};

use super::{bundled, read};

#[test]
fn the_document_of_the_shipped_component_agrees_with_it() {
    let (place, text) = bundled().into_iter().find(|(place, _)| place == "mistral/mistral.json").unwrap();
    let document = read(&place, &text);
    assert_eq!(document.component.as_ref().and_then(ComponentRef::shipped), Some("mistral"));
    let manifest = manifest(Mistral::manifest());
    document.agrees_with(&manifest).unwrap_or_else(|refusal| panic!("{:#?}", refusal.places()));
    assert_eq!(document.version, manifest.version);
    assert_eq!(document.slug, manifest.port.slug);

    let mut wider = manifest.clone();
    wider.actions[0].method = Method::Delete;
    assert!(document.agrees_with(&wider).is_err());
    let exported = Document::of_port(&manifest, document.component.clone()).unwrap();
    assert_eq!(exported.action_templates, document.action_templates);
    assert_eq!(exported.port_templates, document.port_templates);
}

/// The manifest as the host has it, without schemas and examples.
fn manifest(manifest: plugin::Manifest) -> ManifestDraft {
    let port = manifest.port;
    ManifestDraft {
        version: manifest.version,
        port: PortDraft {
            slug: port.slug,
            label: port.label,
            description: port.description,
            origin: port.origin,
            auth: match port.auth {
                plugin::Auth::None => AuthDraft::None,
                plugin::Auth::Bearer => AuthDraft::Bearer,
                plugin::Auth::Header(header) => AuthDraft::Header { name: header.name, prefix: header.prefix },
            },
            category: port.category,
            tags: port.tags,
            publisher: Publisher {
                slug: port.publisher.slug,
                name: port.publisher.name,
                website_url: port.publisher.website_url,
            },
        },
        actions: manifest.actions.into_iter().map(action).collect(),
    }
}

fn action(action: plugin::Action) -> ActionDraft {
    ActionDraft {
        slug: action.slug,
        label: action.label,
        description: action.description,
        method: match action.method {
            plugin::Method::Get => Method::Get,
            plugin::Method::Head => Method::Head,
            plugin::Method::Post => Method::Post,
            plugin::Method::Put => Method::Put,
            plugin::Method::Patch => Method::Patch,
            plugin::Method::Delete => Method::Delete,
        },
        path: action.path,
        query: action.query,
        headers: action.headers,
        body: match action.body {
            plugin::BodyMode::None => BodyMode::None,
            plugin::BodyMode::Json => BodyMode::Json,
            plugin::BodyMode::Form => BodyMode::Form,
            plugin::BodyMode::Text => BodyMode::Text,
        },
        input_schema: action.input_schema,
        output_schema: action.output_schema,
        approval: match action.approval {
            plugin::ApprovalMode::Automatic => ApprovalMode::Automatic,
            plugin::ApprovalMode::RequireApproval => ApprovalMode::RequireApproval,
        },
        effect: match action.effect {
            plugin::Effect::Read => Effect::Read,
            plugin::Effect::Write => Effect::Write,
            plugin::Effect::Destructive => Effect::Destructive,
        },
        result: match action.result {
            plugin::ResultMode::Json => ResultMode::Json,
            plugin::ResultMode::JsonSummary => ResultMode::JsonSummary,
            plugin::ResultMode::Text => ResultMode::Text,
        },
        traits: Traits {
            prompt_bearing: action.traits.contains(plugin::Traits::PROMPT_BEARING),
            billable: action.traits.contains(plugin::Traits::BILLABLE),
        },
        examples: Vec::new(),
    }
}
