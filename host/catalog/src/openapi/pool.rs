//! Schemas of a description, each converted once and named, and which of them lead to which.
//!
//! References are queued, never followed by recursion: a description of references to references is worked through in
//! the time of its length. What cannot be converted breaks only what leads to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::check::SchemaCheck;
use super::description::Description;
use super::keyword::size;
use super::kinds::Looker;
use super::reason::Reason;
use super::remark::Remark;

/// Places of schemas that are worked on, over the whole import. A part that many operations refer to counts for each of
/// them.
const MAX_PLACES: usize = 4_000_000;

/// Bytes of text that count as one place.
const BYTES_OF_PLACE: usize = 32;

/// As how many places a pattern counts, which must be compiled.
const PLACES_OF_PATTERN: usize = 500;

/// Longest name of a definition, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// All schemas that were asked for.
pub(super) struct Pool<'d> {
    pub(super) description: &'d Description,
    checker: &'d dyn SchemaCheck,
    patterns: BTreeMap<String, bool>,
    names: BTreeMap<String, String>,
    taken: BTreeSet<String>,
    next_numbers: BTreeMap<String, usize>,
    waiting: Vec<(String, String)>,
    made: BTreeMap<String, Result<Converted, Reason>>,
    places_left: usize,
}

/// A schema of JSON Schema 2020-12.
#[derive(Debug, Default)]
pub(super) struct Converted {
    pub(super) schema: Value,
    /// Names of the definitions that it refers to itself.
    pub(super) needs: BTreeSet<String>,
    /// What could not be kept.
    pub(super) remarks: Vec<Remark>,
}

impl<'d> Pool<'d> {
    pub(super) fn new(description: &'d Description, checker: &'d dyn SchemaCheck) -> Self {
        Self {
            description,
            checker,
            patterns: BTreeMap::new(),
            names: BTreeMap::new(),
            taken: BTreeSet::new(),
            next_numbers: BTreeMap::new(),
            waiting: Vec::new(),
            made: BTreeMap::new(),
            places_left: MAX_PLACES,
        }
    }

    /// Converts a schema and everything that it leads to.
    pub(super) fn take(&mut self, schema: &Value) -> Result<Converted, Reason> {
        self.weigh(schema)?;
        let converted = self.convert(schema)?;
        while let Some((pointer, name)) = self.waiting.pop() {
            let description = self.description;
            let target = description.target(&pointer);
            let made = target.and_then(|target| self.weigh(target).and_then(|()| self.convert(target)));
            self.made.insert(name, made);
        }
        self.reach(&converted.needs)?;
        Ok(converted)
    }

    /// Every definition that these lead to, themselves included.
    pub(super) fn reach(&mut self, needs: &BTreeSet<String>) -> Result<BTreeSet<String>, Reason> {
        let mut reached = needs.clone();
        let mut waiting: Vec<&String> = needs.iter().collect();
        let mut places = 0;
        while let Some(name) = waiting.pop() {
            places += 1;
            match self.made.get(name) {
                Some(Ok(converted)) => {
                    places += converted.needs.len();
                    waiting.extend(converted.needs.iter().filter(|next| reached.insert((*next).clone())));
                }
                Some(Err(reason)) => return Err(reason.clone()),
                None => return Err(Reason::Schema(format!("its definition `{name}` is missing"))),
            }
        }
        self.spend(places)?;
        Ok(reached)
    }

    /// A definition.
    pub(super) fn definition(&self, name: &str) -> Option<&Converted> {
        self.made.get(name)?.as_ref().ok()
    }

    /// Definitions by name, in the order of their names.
    pub(super) fn definitions(&self, names: &BTreeSet<String>) -> Map<String, Value> {
        let schema = |name: &String| Some((name.clone(), self.definition(name)?.schema.clone()));
        names.iter().filter_map(schema).collect()
    }

    /// Looks into converted schemas.
    pub(super) fn look<T>(&mut self, with: impl FnOnce(&mut Looker<'_>) -> T) -> Result<T, Reason> {
        let definition = |name: &str| self.definition(name).map(|converted| &converted.schema);
        let mut looker = Looker::new(&definition);
        let seen = with(&mut looker);
        let places = looker.steps();
        self.spend(places)?;
        Ok(seen)
    }

    /// Counts places.
    pub(super) fn spend(&mut self, places: usize) -> Result<(), Reason> {
        let left = self.places_left.checked_sub(places);
        self.places_left = left.unwrap_or(0);
        left.map(|_| ()).ok_or(Reason::TooMuch)
    }

    /// Counts everything in a value, before anything is done with it.
    pub(super) fn weigh(&mut self, value: &Value) -> Result<(), Reason> {
        if self.is_spent() {
            return Err(Reason::TooMuch);
        }
        self.spend(size(value) / BYTES_OF_PLACE)
    }

    /// Whether the import had to stop converting.
    pub(super) fn is_spent(&self) -> bool {
        self.places_left == 0
    }

    /// The name of what a reference leads to, which is converted later.
    pub(super) fn name_of(&mut self, reference: &str) -> Result<String, Reason> {
        self.description.target(reference)?;
        if let Some(name) = self.names.get(reference) {
            return Ok(name.clone());
        }
        let last = reference.rsplit('/').next().unwrap_or_default().trim_start_matches('#');
        let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
        let base: String = last.chars().take(MAX_NAME_BYTES).map(plain).collect();
        let base = if base.is_empty() { "schema".to_owned() } else { base };
        let mut name = base.clone();
        // Where the last one ended: a name that a hundred thousand share must not be counted through for each.
        let number = self.next_numbers.entry(base.clone()).or_insert(2);
        while !self.taken.insert(name.clone()) {
            name = format!("{}-{number}", base.get(..MAX_NAME_BYTES - 8).unwrap_or(&base));
            *number += 1;
        }
        self.names.insert(reference.to_owned(), name.clone());
        self.waiting.push((reference.to_owned(), name.clone()));
        Ok(name)
    }

    /// Whether the registry compiles a pattern.
    pub(super) fn is_pattern(&mut self, pattern: &str) -> Result<bool, Reason> {
        if let Some(known) = self.patterns.get(pattern) {
            return Ok(*known);
        }
        self.spend(PLACES_OF_PATTERN)?;
        let fine = self.checker.check(&json!({"pattern": pattern}), &[]).is_ok();
        self.patterns.insert(pattern.to_owned(), fine);
        Ok(fine)
    }
}
