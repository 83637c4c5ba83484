//! Which guards are deleted together, so that one build tries many.
//!
//! Never two whose patches meet, nor two of one test, unless each says by which words its own failure is known: a failure
//! must be the doing of one guard.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::Attack;

/// Batches of at most so many attacks.
#[must_use]
pub fn batches<'a>(attacks: &[&'a Attack], most: usize, root: &Path) -> Vec<Vec<&'a Attack>> {
    let mut batches: Vec<Batch<'a>> = Vec::new();
    for attack in attacks {
        match batches.iter_mut().find(|batch| batch.takes(attack, most, root)) {
            Some(batch) => batch.add(attack, root),
            None => {
                let mut batch = Batch { attacks: Vec::new(), texts: BTreeMap::new() };
                batch.add(attack, root);
                batches.push(batch);
            }
        }
    }
    batches.into_iter().map(|batch| batch.attacks).collect()
}

struct Batch<'a> {
    attacks: Vec<&'a Attack>,
    /// What is patched so far.
    texts: BTreeMap<String, String>,
}

impl<'a> Batch<'a> {
    fn takes(&self, attack: &Attack, most: usize, root: &Path) -> bool {
        let one_test = |other: &&&Attack| {
            let (a, b) = (&attack.test, &other.test);
            (&a.package, &a.target, &a.name) == (&b.package, &b.target, &b.name)
                && (a.says.is_none() || b.says.is_none())
        };
        if attack.alone || self.attacks.iter().any(|other| other.alone) {
            return false;
        }
        // Side by side, a patch must find its place both before and after the others.
        self.attacks.len() < most
            && !self.attacks.iter().any(|other| one_test(&other))
            && self.patched(attack, root).is_ok()
    }

    fn patched(&self, attack: &Attack, root: &Path) -> Result<Vec<(String, String)>, String> {
        attack.patch.apply(|file| self.texts.get(file).cloned().or_else(|| fs::read_to_string(root.join(file)).ok()))
    }

    fn add(&mut self, attack: &'a Attack, root: &Path) {
        self.texts.extend(self.patched(attack, root).unwrap_or_default());
        self.attacks.push(attack);
    }
}
