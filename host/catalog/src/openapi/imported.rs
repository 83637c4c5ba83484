//! What comes of an import: a document, and everything that is different from the description.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::operation::Draft;
use super::operations::Operations;
use super::pool::Pool;
use super::reason::Reason;
use super::remark::Remark;
use super::report::{LeftOut, Note};
use crate::Document;

/// A description as a document, and everything that is different from it.
#[derive(Debug)]
pub struct Imported {
    /// The document. It keeps every rule for documents.
    pub document: Document,
    /// Operations of the description.
    pub operations: usize,
    /// Operations that were not wished for.
    pub not_chosen: usize,
    /// Operations that are no action, in the order of the description.
    pub left_out: Vec<LeftOut>,
    /// What a person should know of the others.
    pub notes: Vec<Note>,
    /// Examples of the description that the actions take.
    pub examples: usize,
}

/// One remark with all that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told<'a> {
    /// What.
    pub remark: String,
    /// Operations, where it is about some and not about the whole.
    pub operations: Vec<&'a str>,
}

impl Imported {
    /// The notes with each remark once, for people: forty operations may lack the same.
    #[must_use]
    pub fn told(&self) -> Vec<Told<'_>> {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut told: Vec<Told<'_>> = Vec::new();
        for note in &self.notes {
            let remark = note.remark.to_string();
            let place = *places.entry(remark.clone()).or_insert(told.len());
            if place == told.len() {
                told.push(Told { remark, operations: Vec::new() });
            }
            told[place].operations.extend(note.operation.as_deref());
        }
        told
    }

    /// Leaves out actions after all.
    pub(super) fn remove(&mut self, drafts: &mut Vec<Draft>, bad: &BTreeSet<usize>, reason: impl Fn(usize) -> Reason) {
        for index in bad.iter().rev() {
            if *index < drafts.len() {
                let draft = drafts.remove(*index);
                self.document.action_templates.remove(*index);
                self.left_out.push(LeftOut { operation: draft.title, reason: reason(*index) });
            }
        }
    }

    /// Gathers the notes, and puts what was left out in the order of the description.
    pub(super) fn tell(
        &mut self,
        pool: &Pool<'_>,
        drafts: Vec<Draft>,
        whole: Vec<Remark>,
        names: &BTreeSet<String>,
        operations: &Operations<'_>,
    ) {
        let mut notes: Vec<Note> = whole.into_iter().map(|remark| Note { operation: None, remark }).collect();
        for name in names {
            let remarks = pool.definition(name).map(|converted| converted.remarks.as_slice()).unwrap_or_default();
            notes.extend(remarks.iter().map(|remark| Note { operation: None, remark: remark.in_definition(name) }));
        }
        for draft in drafts {
            let operation = Some(draft.title);
            notes.extend(draft.remarks.into_iter().map(|remark| Note { operation: operation.clone(), remark }));
        }
        notes.append(&mut self.notes);
        self.notes = notes;
        let order: BTreeMap<&str, usize> =
            operations.all.iter().enumerate().map(|(index, operation)| (operation.title.as_str(), index)).collect();
        self.left_out.sort_by_key(|left| order.get(left.operation.as_str()).copied());
    }
}
