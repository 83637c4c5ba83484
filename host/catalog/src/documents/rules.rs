//! Every rule for a whole document, applied at once, and the manifest of one that keeps them.
//!
//! The rules for what may be declared at all are `model`'s; its problems are reported here at the places of the document
//! they come from.

use portcullis_model::{AuthDraft, Manifest, ManifestDraft, PortDraft, Publisher, Refusal, Shown};

use crate::documents::credential;
use crate::documents::declare;
use crate::documents::definitions::Definitions;
use crate::documents::document::{Document, PortTemplate};
use crate::documents::found::{Found, item};
use crate::documents::text::{line, prose};

/// What the refusal says.
pub(crate) const MESSAGE: &str = "the document breaks the rules for integration documents";

/// Most bytes of input schemas in one document, shared schemas counted with each action that takes them along.
const MAX_SCHEMAS_BYTES: usize = 16 << 20;

const MAX_TITLE_CHARS: usize = 80;
const MAX_SUMMARY_CHARS: usize = 200;
const MAX_DESCRIPTION_CHARS: usize = 2000;
const MAX_HELP_CHARS: usize = 4000;

impl Document {
    /// Holds the document to every rule. One that was read has been; one that was put together has not.
    ///
    /// # Errors
    /// `bad-document` with every problem at its JSON Pointer.
    pub fn check(&self) -> Result<(), Refusal> {
        self.without_credentials()?;
        check(self).into_result(MESSAGE)
    }

    /// The manifest that the template component serves: one declaration an action, each with its input schema and one
    /// worked example whose request is reckoned here.
    ///
    /// # Errors
    /// `bad-document` with every problem; and where the document refers to a component, which has a manifest of its own.
    pub fn manifest(&self) -> Result<ManifestDraft, Refusal> {
        self.without_credentials()?;
        let (manifest, mut found) = judge(self);
        if self.component.is_some() {
            found.add("/component", "the component has its own manifest: install that");
        }
        found.into_result(MESSAGE)?;
        Ok(manifest)
    }

    fn without_credentials(&self) -> Result<(), Refusal> {
        credential::scan_written(self).into_result(credential::MESSAGE)
    }
}

/// Every problem but credentials.
pub(crate) fn check(document: &Document) -> Found {
    judge(document).1
}

/// The manifest as far as it can be made, and every problem. A document with a component makes one of claims.
pub(crate) fn judge(document: &Document) -> (ManifestDraft, Found) {
    let mut found = Found::default();
    check_head(document, &mut found);
    if let Some(component) = &document.component {
        component.check(&mut found);
    }
    let definitions = Definitions::of(&document.defs);
    definitions.check(&mut found);
    let mut actions = Vec::new();
    let mut schema_bytes = 0;
    for (index, template) in document.action_templates.iter().enumerate() {
        let at = item("/actionTemplates", index);
        let (draft, below) = if document.component.is_some() { template.claim() } else { template.judge(&definitions) };
        found.take(&at, below);
        schema_bytes += draft.input_schema.len();
        if schema_bytes > MAX_SCHEMAS_BYTES {
            found.add("/actionTemplates", format!("the actions' schemas have more than {MAX_SCHEMAS_BYTES} bytes"));
            break;
        }
        actions.push(draft);
    }
    let manifest = ManifestDraft { version: document.version.clone(), port: port(document, &mut found), actions };
    if let Err(problems) = Manifest::check(manifest.clone()) {
        // Of a port that is not there everything would be missing.
        let told = |at: &str| !document.port_templates.is_empty() || !at.starts_with("/portTemplates/");
        for (at, what) in problems.into_iter().map(|p| (place(&p.at, document), p.what)) {
            if told(&at) {
                found.add(at, what);
            }
        }
    }
    (manifest, found)
}

fn check_head(document: &Document, found: &mut Found) {
    if document.format_version != 1 {
        found.add("/formatVersion", format!("version {} is not known: expected 1", document.format_version));
    }
    if document.kind != "dock_integration" {
        found.add("/kind", format!("`{}` is not known: expected `dock_integration`", Shown::new(&document.kind)));
    }
    line(found, "/title", &document.title, MAX_TITLE_CHARS);
    line(found, "/summary", &document.summary, MAX_SUMMARY_CHARS);
    prose(found, "/description", &document.description, MAX_DESCRIPTION_CHARS);
    if let Some(help) = &document.help_text {
        prose(found, "/helpText", help, MAX_HELP_CHARS);
    }
    match document.port_templates.as_slice() {
        [port] if port.kind == "http_api" => {}
        [port] => {
            let what = format!("`{}` is not known: expected `http_api`", Shown::new(&port.kind));
            found.add("/portTemplates/0/kind", what);
        }
        ports => found.add("/portTemplates", format!("has {}: expected exactly one", ports.len())),
    }
}

/// The port as `model` has it. What is missing was said before.
fn port(document: &Document, found: &mut Found) -> PortDraft {
    let template = document.port_templates.first();
    let text = |of: fn(&PortTemplate) -> &str| template.map(of).unwrap_or_default().to_owned();
    PortDraft {
        slug: document.slug.clone(),
        label: text(|t| &t.label),
        description: text(|t| &t.description),
        origin: text(|t| &t.base_url),
        auth: template.map_or(AuthDraft::None, |template| auth(template, found)),
        category: document.category.clone(),
        tags: document.tags.clone(),
        publisher: Publisher {
            slug: document.publisher.slug.clone(),
            name: document.publisher.name.clone(),
            website_url: document.publisher.website_url.clone(),
        },
    }
}

fn auth(template: &PortTemplate, found: &mut Found) -> AuthDraft {
    let name = template.auth_header_name.as_deref();
    let prefix = template.auth_token_prefix.as_deref().unwrap_or_default();
    match (template.auth_mode.as_str(), name) {
        ("none", None) if prefix.is_empty() => AuthDraft::None,
        ("none", _) => {
            found.add("/portTemplates/0/authMode", "`none` has neither a header nor a prefix: expected `header_token`");
            AuthDraft::None
        }
        ("header_token", Some(name)) => {
            if !is_word(prefix) {
                // Not quoted: what stands here instead of a word may be the credential itself.
                let what = "expected one short word such as `Bearer`, without the space after it, or nothing";
                found.add("/portTemplates/0/authTokenPrefix", what);
                return AuthDraft::None;
            }
            let name = name.to_ascii_lowercase();
            match (name.as_str(), prefix) {
                ("authorization", "Bearer") => AuthDraft::Bearer,
                (_, "") => AuthDraft::Header { name, prefix: String::new() },
                (_, word) => AuthDraft::Header { name, prefix: format!("{word} ") },
            }
        }
        ("header_token", None) => {
            found.add("/portTemplates/0/authHeaderName", "is missing: expected such as `Authorization`");
            AuthDraft::None
        }
        (other, _) => {
            let what = format!("`{}` is not known: expected `header_token` or `none`", Shown::new(other));
            found.add("/portTemplates/0/authMode", what);
            AuthDraft::None
        }
    }
}

/// A scheme's name and nothing that a credential could hide in.
pub(crate) fn is_word(prefix: &str) -> bool {
    prefix.len() <= 24 && prefix.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
}

/// Where in a document stands what a manifest calls by this name.
fn place(of_manifest: &str, document: &Document) -> String {
    let action = of_manifest.strip_prefix("actions[").and_then(|rest| rest.split_once(']'));
    if let Some((index, field)) = action
        && let Ok(index) = index.parse::<usize>()
        && let Some(template) = document.action_templates.get(index)
    {
        let at = item("/actionTemplates", index);
        return format!("{at}{}", declare::place(field.trim_start_matches('.'), template));
    }
    match of_manifest {
        "version" => "/version",
        "actions" => "/actionTemplates",
        "port.slug" => "/slug",
        "port.label" => "/portTemplates/0/label",
        "port.description" => "/portTemplates/0/description",
        "port.origin" => "/portTemplates/0/baseUrl",
        "port.auth" => "/portTemplates/0/authHeaderName",
        "port.category" => "/category",
        "port.publisher.slug" => "/publisher/slug",
        "port.publisher.name" => "/publisher/name",
        "port.publisher.website-url" => "/publisher/websiteUrl",
        other => match other.strip_prefix("port.tags[").and_then(|rest| rest.strip_suffix(']')) {
            Some(index) => return format!("/tags/{index}"),
            None => "/tags",
        },
    }
    .to_owned()
}
