//! The import from one end to the other.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_model::{Code, Detail, Refusal};

use super::check::SchemaCheck;
use super::description::Description;
use super::imported::Imported;
use super::operation::Draft;
use super::operations::{Operation, Operations};
use super::pool::Pool;
use super::reason::Reason;
use super::remark::Remark;
use super::report::{LeftOut, Note, shown};
use super::server::Server;
use super::wishes::Wishes;
use super::{assemble, scrub, security, trial};
use crate::Document;
use crate::documents::definitions::Definitions;

/// Most actions of a port, as a manifest has it.
const MAX_ACTIONS: usize = 512;

/// Operations that are worked on; far more than a port may have actions, since many are left out.
const MAX_OPERATIONS: usize = 2_000;

/// Most bytes of a manifest, as the sandbox takes it by default.
const MAX_MANIFEST_BYTES: usize = 4 << 20;

/// Inputs of which the description's own examples are tried.
const MAX_EXAMPLES: usize = 5_000;

/// What to do where there is too much.
const FEWER: &str = "choose fewer operations, such as by `--only '/v1/models*'`";

/// Makes a document of an OpenAPI description.
///
/// # Errors
/// `bad-document` where the text is no such description or too much for one port, where it names no server that could
/// be an origin, and where nothing of it is left.
pub fn import(text: &str, wishes: &Wishes, checker: &dyn SchemaCheck) -> Result<Imported, Refusal> {
    let description = Description::read(text)?;
    let mut whole = Vec::new();
    let server = Server::choose(description.root(), wishes.server.as_deref(), &mut whole)?;
    let operations = Operations::of(&description)?;
    let chosen = chosen(&operations, wishes)?;
    let not_chosen = operations.all.len() - chosen.len();

    let mut pool = Pool::new(&description, checker);
    let mut left_out = operations.unread.clone();
    let mut drafts = Vec::new();
    for operation in chosen {
        match Draft::of(&mut pool, &server, operation, operations.may_stream(operation)) {
            Ok(draft) => drafts.push(draft),
            Err(reason) => left_out.push(LeftOut { operation: operation.title.clone(), reason }),
        }
    }
    if pool.is_spent() {
        return Err(Refusal::new(Code::BadDocument, Reason::TooMuch.to_string()).fix(FEWER));
    }
    if drafts.len() > MAX_ACTIONS {
        let what = format!("{} operations could be imported, and a port has at most {MAX_ACTIONS}", drafts.len());
        return Err(Refusal::new(Code::BadDocument, what).fix(FEWER));
    }
    let way = security::choose(drafts.iter().map(|draft| &draft.asks)).cloned();
    for draft in &mut drafts {
        draft.remarks.extend(draft.asks.remark(way.as_ref()));
    }
    if let Some(way) = &way {
        whole.extend(about(way));
    }
    let unknown =
        "no description says which actions carry prompts or cost money: none is marked `promptBearing` or `billable`";
    whole.push(Remark::Whole(unknown.to_owned()));

    let names = needed(&mut pool, &drafts)?;
    let actions = drafts.iter().map(|draft| draft.template.clone()).collect();
    let defs = pool.definitions(&names);
    let service = assemble::Service {
        root: description.root(),
        port: &wishes.port,
        server: &server,
        way: way.as_ref(),
        tags: common_tags(&drafts),
    };
    let document = assemble::document(service, actions, defs, &mut whole);
    let mut imported =
        Imported { document, operations: operations.all.len(), not_chosen, left_out, notes: Vec::new(), examples: 0 };
    imported.without_credentials(&mut pool, &mut drafts)?;
    imported.try_out(&mut drafts, checker)?;
    if imported.document.action_templates.is_empty() {
        let details = imported.left_out.iter().take(20);
        let details = details.map(|l| Detail { at: l.operation.clone(), what: l.reason.to_string() });
        return Err(Refusal::new(Code::BadDocument, "nothing of the description can be imported")
            .fix("choose other operations with `--only`, or write a component")
            .details(details));
    }
    let names = needed(&mut pool, &drafts)?;
    imported.document.defs.retain(|name, _| names.contains(name));
    imported.tell(&pool, drafts, whole, &names, &operations);
    imported.hold()?;
    Ok(imported)
}

fn chosen<'o, 'd>(operations: &'o Operations<'d>, wishes: &Wishes) -> Result<Vec<&'o Operation<'d>>, Refusal> {
    let all = operations.all.iter();
    let chosen: Vec<_> = match &wishes.only {
        Some(only) => all.filter(|operation| only.fits(&[operation.path, operation.route, &operation.slug])).collect(),
        None => all.collect(),
    };
    if chosen.is_empty() && !operations.all.is_empty() {
        return Err(Refusal::new(Code::BadDocument, "no operation has such a path or name")
            .fix("a pattern is a whole path or name, with `*` for any part: `--only '/v1/models*,list-*'`"));
    }
    if chosen.len() > MAX_OPERATIONS {
        let what = format!("the description has {} operations, expected at most {MAX_OPERATIONS}", chosen.len());
        return Err(Refusal::new(Code::BadDocument, what).fix(FEWER));
    }
    Ok(chosen)
}

fn about(way: &security::Way) -> Vec<Remark> {
    let scheme = shown(&way.scheme);
    let header = &way.carrier.header;
    let mut remarks = vec![Remark::Whole(format!("the port's credential is `{scheme}`, in the header `{header}`"))];
    if let Some(kind) = way.issued_by {
        remarks.push(Remark::Whole(format!(
            "`{scheme}` is {kind}: a token is sent as it is stored, and neither fetched nor renewed"
        )));
    }
    if way.carrier.prefix.is_none() && header == "authorization" {
        remarks.push(Remark::Whole(format!(
            "`{scheme}` has no word before the credential: store it with the word, such as `Token …`, where there is one"
        )));
    }
    remarks
}

fn needed(pool: &mut Pool<'_>, drafts: &[Draft]) -> Result<BTreeSet<String>, Refusal> {
    let direct = drafts.iter().flat_map(|draft| draft.needs.iter().cloned()).collect();
    pool.reach(&direct).map_err(|reason| Refusal::new(Code::BadDocument, reason.to_string()).fix(FEWER))
}

fn common_tags(drafts: &[Draft]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for tag in drafts.iter().flat_map(|draft| &draft.tags) {
        *counts.entry(tag).or_default() += 1;
    }
    let mut tags: Vec<(&str, usize)> = counts.into_iter().collect();
    tags.sort_by_key(|(tag, count)| (std::cmp::Reverse(*count), *tag));
    tags.into_iter().map(|(tag, _)| tag.to_owned()).collect()
}

impl Imported {
    /// Takes out what looks like a credential, and the actions that cannot do without it.
    fn without_credentials(&mut self, pool: &mut Pool<'_>, drafts: &mut Vec<Draft>) -> Result<(), Refusal> {
        loop {
            let value = serde_json::to_value(&self.document).unwrap_or_default();
            let scrubbed = scrub::scrub(value);
            for (at, what) in scrubbed.gone {
                let index = index_of_action(&at);
                let operation = index.and_then(|index| drafts.get(index)).map(|draft| draft.title.clone());
                let remark = Remark::Whole(format!("`{}` is left out: it {what}", shown(below_action(&at))));
                self.notes.push(Note { operation, remark });
            }
            self.document = serde_json::from_value(scrubbed.document).map_err(|_| lost())?;
            if scrubbed.stuck.is_empty() {
                return Ok(());
            }
            let mut bad = BTreeSet::new();
            let shared = self.document.defs.len();
            for at in scrubbed.stuck {
                if let Some(index) = index_of_action(&at) {
                    bad.insert(index);
                } else if let Some(name) = at.strip_prefix("/$defs/").and_then(|rest| rest.split('/').next()) {
                    for (index, draft) in drafts.iter().enumerate() {
                        if pool.reach(&draft.needs).is_ok_and(|names| names.contains(name)) {
                            bad.insert(index);
                        }
                    }
                    self.document.defs.shift_remove(name);
                }
            }
            if bad.is_empty() && self.document.defs.len() == shared {
                return Err(lost());
            }
            let reason = Reason::Schema("it carries something like a credential".to_owned());
            self.remove(drafts, &bad, |_| reason.clone());
        }
    }

    /// Tries every action, and leaves out the ones that do not hold.
    fn try_out(&mut self, drafts: &mut Vec<Draft>, checker: &dyn SchemaCheck) -> Result<(), Refusal> {
        let definitions = Definitions::of(&self.document.defs);
        let mut bad = BTreeMap::new();
        let (mut bytes, mut untried) = (0, 0);
        let mut places_left = MAX_EXAMPLES;
        for (index, (template, draft)) in self.document.action_templates.iter_mut().zip(drafts.iter_mut()).enumerate() {
            match trial::try_out(template, &draft.examples, &definitions, checker, &mut places_left) {
                Ok(tried) => {
                    bytes += tried.bytes;
                    self.examples += tried.fitting;
                    untried += tried.untried;
                    draft.remarks.extend(tried.remarks);
                }
                Err(reason) => {
                    bad.insert(index, reason);
                }
            }
            if bytes > MAX_MANIFEST_BYTES {
                let what = format!("the actions would take more than {} MiB", MAX_MANIFEST_BYTES >> 20);
                return Err(Refusal::new(Code::BadDocument, what).fix(FEWER));
            }
        }
        if untried > 0 {
            let remark = Remark::Whole(format!("{untried} of the description's examples were not tried"));
            self.notes.push(Note { operation: None, remark });
        }
        let indices = bad.keys().copied().collect();
        self.remove(drafts, &indices, |index| bad.get(&index).cloned().unwrap_or(Reason::TooMuch));
        Ok(())
    }

    /// Reads the document back, as whoever installs it will.
    fn hold(&mut self) -> Result<(), Refusal> {
        let text = serde_json::to_string(&self.document).map_err(|_| lost())?;
        let read = Document::parse(&text)?;
        self.document = read.document;
        for warning in read.warnings {
            let action = index_of_action(&warning.at).and_then(|index| self.document.action_templates.get(index));
            let operation = action.map(|action| format!("{} {}", action.method, action.path));
            let remark = Remark::Whole(format!("`{}` {}", shown(below_action(&warning.at)), warning.what));
            self.notes.push(Note { operation, remark });
        }
        Ok(())
    }
}

fn index_of_action(at: &str) -> Option<usize> {
    at.strip_prefix("/actionTemplates/")?.split('/').next()?.parse().ok()
}

/// A place within an action, where it is in one.
fn below_action(at: &str) -> &str {
    let index = index_of_action(at).map(|index| format!("/actionTemplates/{index}"));
    index.and_then(|action| at.strip_prefix(&action)).unwrap_or(at)
}

fn lost() -> Refusal {
    Refusal::new(Code::BadDocument, "the description carries something like a credential where it cannot go")
        .fix("take it out of the description")
}
