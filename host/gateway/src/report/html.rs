//! The report as one page of HTML: no script, nothing loaded, fit for printing.
//!
//! Whatever a stranger wrote goes through [`Visible`], and stands where the page says whose words they are.

use anyhow::{Context as _, Result};
use askama::Template;
use portcullis_model::{Action, ApprovalMode, Auth, BodyMode, DeclaredHeader, Effect, QueryKey};
use portcullis_sandbox::Producer;

use super::page::{flags, in_words, request};
use super::{Report, Warning, field};
use crate::pretty::pretty;
use crate::visible::Visible;

/// Most bytes of one schema or example that are laid out.
const JSON_BYTES: usize = 64 << 10;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    slug: String,
    origin: String,
    declared_origin: Option<String>,
    credential: Option<String>,
    digest: String,
    bytes: usize,
    tier: String,
    sealed: bool,
    imports: &'a [String],
    source: Visible,
    vouched: Option<Visible>,
    reviewed: Visible,
    ours: bool,
    toolchain: Vec<Tool>,
    limits: String,
    label: Visible,
    description: Visible,
    version: Visible,
    publisher: Visible,
    website: Option<Visible>,
    warnings: Vec<Warned>,
    /// Whether any action may set a header; most may not.
    sets_headers: bool,
    routes: Vec<Route>,
    /// Names of the actions that change something, and of those a person must approve.
    writes: Vec<String>,
    approved: Vec<String>,
}

struct Warned {
    level: &'static str,
    rule: &'static str,
    about: String,
    what: Visible,
}

struct Tool {
    field: Visible,
    name: Visible,
    version: Visible,
}

/// Everything about one action.
struct Route {
    slug: String,
    label: Visible,
    description: Visible,
    method: &'static str,
    path: Visible,
    query: String,
    headers: String,
    body: &'static str,
    effect: &'static str,
    automatic: bool,
    flags: Vec<&'static str>,
    added: bool,
    fields: Vec<Line>,
    schema: Visible,
    examples: Vec<Worked>,
}

struct Line {
    place: Visible,
    kind: Visible,
    required: bool,
    bounds: Visible,
    says: Visible,
}

struct Worked {
    title: Visible,
    input: Visible,
    request: Visible,
}

impl Report<'_> {
    /// As a page of HTML.
    ///
    /// # Errors
    /// Never for data of these types.
    pub(crate) fn html(&self) -> Result<String> {
        let Self { port, plugin, .. } = self;
        let declared = port.manifest().port();
        let actions = port.manifest().actions();
        let named = |wanted: &dyn Fn(&Action) -> bool| {
            actions.iter().filter(|action| wanted(action)).map(|action| action.slug.to_string()).collect()
        };
        let page = Page {
            slug: declared.slug.to_string(),
            origin: port.origin().to_string(),
            declared_origin: port.origin_overridden().then(|| declared.origin.to_string()),
            credential: match &declared.auth {
                Auth::Header(header) => Some(header.to_string()),
                Auth::None => None,
            },
            digest: port.digest().to_string(),
            bytes: self.bytes,
            tier: self.tier_in_words(),
            sealed: plugin.census().imports.is_empty(),
            imports: &plugin.census().imports,
            source: Visible::line(&self.source),
            vouched: self.vouched.as_ref().map(|_| Visible::line(&self.vouched_in_words())),
            reviewed: Visible::shown(&self.reviewed_in_words()),
            ours: self.is_ours(),
            toolchain: self.toolchain.iter().map(Tool::new).collect(),
            limits: in_words(plugin.limits()),
            label: Visible::line(&declared.label),
            description: Visible::block(&declared.description),
            version: Visible::line(port.manifest().version()),
            publisher: Visible::line(&declared.publisher.name),
            website: declared.publisher.website_url.as_deref().map(Visible::line),
            warnings: self.warnings.iter().map(Warned::new).collect(),
            sets_headers: actions.iter().any(|action| !action.headers.is_empty()),
            routes: actions.iter().map(|action| Route::new(action, self.is_added(action))).collect(),
            writes: named(&|action| action.effect != Effect::Read),
            // The host asks for whatever changes something, whatever the plugin would like.
            approved: named(&|action| {
                action.approval == ApprovalMode::RequireApproval || action.effect != Effect::Read
            }),
        };
        page.render().context("the report cannot be laid out")
    }
}

impl Warned {
    fn new(warning: &Warning) -> Self {
        Self {
            level: warning.level.as_str(),
            rule: warning.rule,
            about: warning.action.as_ref().map_or_else(|| "the plugin".to_owned(), ToString::to_string),
            // The host's words; what they quote went through `Shown`.
            what: Visible::shown(&warning.what),
        }
    }
}

impl Tool {
    fn new(producer: &Producer) -> Self {
        let Producer { field, name, version } = producer;
        Self { field: Visible::line(field), name: Visible::line(name), version: Visible::line(version) }
    }
}

impl Route {
    fn new(action: &Action, added: bool) -> Self {
        let list = |names: Vec<&str>| names.join(", ");
        Self {
            slug: action.slug.to_string(),
            label: Visible::line(&action.label),
            description: Visible::block(&action.description),
            method: action.method.as_str(),
            path: Visible::line(&action.path.to_string()),
            query: list(action.query.iter().map(QueryKey::as_str).collect()),
            headers: list(action.headers.iter().map(DeclaredHeader::as_str).collect()),
            body: if action.body == BodyMode::None { "" } else { action.body.as_str() },
            effect: action.effect.as_str(),
            automatic: action.approval == ApprovalMode::Automatic && action.effect == Effect::Read,
            flags: flags(action.traits),
            added,
            fields: field::all(&action.input_schema).iter().map(Line::new).collect(),
            schema: laid_out(&action.input_schema.to_string()),
            examples: action.examples.iter().map(Worked::new).collect(),
        }
    }
}

impl Line {
    fn new(field: &field::Field) -> Self {
        Self {
            place: Visible::line(&field.place),
            kind: Visible::line(&field.kind),
            required: field.required,
            bounds: Visible::line(&field.bounds),
            says: Visible::line(field.says.as_deref().unwrap_or_default()),
        }
    }
}

impl Worked {
    fn new(example: &portcullis_model::Example) -> Self {
        Self {
            title: Visible::line(&example.title),
            input: laid_out(&example.input),
            request: Visible::line(&request(&example.expected)),
        }
    }
}

/// JSON on lines of its own, cut where it is long.
fn laid_out(json: &str) -> Visible {
    let (text, used) = pretty(json, JSON_BYTES);
    let rest = json.len() - used;
    Visible::block(&if rest == 0 { text } else { format!("{text}… ({rest} bytes more)") })
}
