//! The contract as Rust types, and its translation into the words of `model`.

use portcullis_model as model;

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "plugin",
});

use exports::portcullis::action::contract as wit;
pub(crate) use exports::portcullis::action::contract::{Refusal as PluginRefusal, RefusalReason, Request};

impl From<wit::Method> for model::Method {
    fn from(method: wit::Method) -> Self {
        match method {
            wit::Method::Get => Self::Get,
            wit::Method::Head => Self::Head,
            wit::Method::Post => Self::Post,
            wit::Method::Put => Self::Put,
            wit::Method::Patch => Self::Patch,
            wit::Method::Delete => Self::Delete,
        }
    }
}

impl From<wit::Request> for model::Description {
    fn from(request: wit::Request) -> Self {
        Self {
            method: request.method.into(),
            path: request.path,
            query: request.query,
            headers: request.headers,
            body: request.body.map(|body| match body {
                wit::Body::Json(text) => model::Body::Json(text),
                wit::Body::Form(fields) => model::Body::Form(fields),
                wit::Body::Text(text) => model::Body::Text(text),
            }),
        }
    }
}

impl From<wit::Manifest> for model::ManifestDraft {
    fn from(manifest: wit::Manifest) -> Self {
        Self {
            version: manifest.version,
            port: manifest.port.into(),
            actions: manifest.actions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<wit::Port> for model::PortDraft {
    fn from(port: wit::Port) -> Self {
        Self {
            slug: port.slug,
            label: port.label,
            description: port.description,
            origin: port.origin,
            auth: match port.auth {
                wit::Auth::Bearer => model::AuthDraft::Bearer,
                wit::Auth::Header(header) => model::AuthDraft::Header { name: header.name, prefix: header.prefix },
                wit::Auth::None => model::AuthDraft::None,
            },
            category: port.category,
            tags: port.tags,
            publisher: model::Publisher {
                slug: port.publisher.slug,
                name: port.publisher.name,
                website_url: port.publisher.website_url,
            },
        }
    }
}

impl From<wit::Action> for model::ActionDraft {
    fn from(action: wit::Action) -> Self {
        Self {
            slug: action.slug,
            label: action.label,
            description: action.description,
            method: action.method.into(),
            path: action.path,
            query: action.query,
            headers: action.headers,
            body: match action.body {
                wit::BodyMode::None => model::BodyMode::None,
                wit::BodyMode::Json => model::BodyMode::Json,
                wit::BodyMode::Form => model::BodyMode::Form,
                wit::BodyMode::Text => model::BodyMode::Text,
            },
            input_schema: action.input_schema,
            output_schema: action.output_schema,
            approval: match action.approval {
                wit::ApprovalMode::Automatic => model::ApprovalMode::Automatic,
                wit::ApprovalMode::RequireApproval => model::ApprovalMode::RequireApproval,
            },
            effect: match action.effect {
                wit::Effect::Read => model::Effect::Read,
                wit::Effect::Write => model::Effect::Write,
                wit::Effect::Destructive => model::Effect::Destructive,
            },
            result: match action.result {
                wit::ResultMode::Json => model::ResultMode::Json,
                wit::ResultMode::JsonSummary => model::ResultMode::JsonSummary,
                wit::ResultMode::Text => model::ResultMode::Text,
            },
            traits: model::Traits {
                prompt_bearing: action.traits.contains(wit::Traits::PROMPT_BEARING),
                billable: action.traits.contains(wit::Traits::BILLABLE),
            },
            examples: action.examples.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<wit::Example> for model::Example {
    fn from(example: wit::Example) -> Self {
        Self { title: example.title, input: example.input, expected: example.expected.into() }
    }
}
