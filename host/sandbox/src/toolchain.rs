//! What a component says it was built with: the `producers` sections of its modules (WebAssembly tool conventions).
//!
//! A claim like any other text in the bytes: nothing is decided by it, and whoever wrote the bytes wrote it.

use std::collections::BTreeSet;

use serde::Serialize;
use wasmparser::{KnownCustom, Parser, Payload};

/// Most entries that are read; a component of thirty libraries names some ten.
const MAX_ENTRIES: usize = 64;

/// Longest name or version in bytes; a longer one is left out.
const MAX_TEXT_BYTES: usize = 200;

/// One language or tool.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Producer {
    /// `language`, `processed-by` or `sdk`.
    pub field: String,
    /// Its name.
    pub name: String,
    /// Its version, perhaps empty.
    pub version: String,
}

impl Producer {
    /// Every one that is named in the bytes, each once, in order. Where the bytes cannot be read further, those before.
    #[must_use]
    pub fn named_in(bytes: &[u8]) -> Vec<Self> {
        let mut found = BTreeSet::new();
        for payload in Parser::new(0).parse_all(bytes) {
            let Ok(payload) = payload else { break };
            let Payload::CustomSection(section) = payload else { continue };
            let KnownCustom::Producers(fields) = section.as_known() else { continue };
            for field in fields.into_iter().map_while(Result::ok) {
                for value in field.values.into_iter().map_while(Result::ok) {
                    let texts = [field.name, value.name, value.version];
                    if texts.iter().any(|text| text.len() > MAX_TEXT_BYTES) {
                        continue;
                    }
                    let [field, name, version] = texts.map(str::to_owned);
                    found.insert(Self { field, name, version });
                    if found.len() == MAX_ENTRIES {
                        return found.into_iter().collect();
                    }
                }
            }
        }
        found.into_iter().collect()
    }
}
