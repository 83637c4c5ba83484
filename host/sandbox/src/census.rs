//! The import census: what a component could reach, read off its bytes before anything of it runs.
//!
//! An allowlist. Whatever is not on it is refused by name, and the name is a stranger's text.

use std::fmt;

use portcullis_model::{Code, Refusal, Shown};
use serde::{Deserialize, Serialize};
use wasmparser::{Parser, Payload};

/// How little a plugin can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// No imports at all.
    Sealed,
    /// Only interfaces of a fixed list, linked to nothing.
    Inert,
}

impl Tier {
    /// The tier as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sealed => "sealed",
            Self::Inert => "inert",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Interfaces of WASI 0.2 that an inert plugin may import.
const INERT: &[&str] = &[
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// What a plugin must export.
const CONTRACT: &str = "portcullis:action/contract@0.1.0";

/// What a component imports, and the tier that follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Census {
    /// The tier.
    pub tier: Tier,
    /// Names of the imports, as they stand in the bytes.
    pub imports: Vec<String>,
}

impl Census {
    /// Reads the import and export sections of a component.
    ///
    /// # Errors
    /// `not-a-plugin` for anything but a component of the contract; `forbidden-import`, naming the import, for one that
    /// is on no list.
    pub fn of(bytes: &[u8]) -> Result<Self, Refusal> {
        let names = Names::read(bytes)?;
        if !names.exports.iter().any(|name| name == CONTRACT) {
            let what = format!("the component does not export `{CONTRACT}`");
            return Err(Refusal::new(Code::NotAPlugin, what).fix("build it for the world `portcullis:action/plugin`"));
        }
        if let Some(name) = names.imports.iter().find(|name| !is_inert(name)) {
            let what = format!("the component imports `{}`, which no plugin may", Shown::new(name));
            return Err(Refusal::new(Code::ForbiddenImport, what));
        }
        let tier = if names.imports.is_empty() { Tier::Sealed } else { Tier::Inert };
        Ok(Self { tier, imports: names.imports })
    }

    /// What a component exports, as it stands in the bytes.
    ///
    /// # Errors
    /// `not-a-plugin` where the bytes are no component.
    pub fn exports(bytes: &[u8]) -> Result<Vec<String>, Refusal> {
        Ok(Names::read(bytes)?.exports)
    }

    /// Refuses a tier below the one the operator accepts.
    ///
    /// # Errors
    /// `forbidden-import` naming the first import.
    pub fn accept(&self, weakest: Tier) -> Result<(), Refusal> {
        if self.tier <= weakest {
            return Ok(());
        }
        let name = self.imports.first().map_or("", String::as_str);
        let what = format!("the component is {}: it imports `{}`", self.tier, Shown::new(name));
        Err(Refusal::new(Code::ForbiddenImport, what)
            .fix("to accept such plugins, set `tier = \"inert\"` under [sandbox] in portcullis.toml"))
    }
}

/// Whether an import is a listed interface of WASI 0.2, any patch release.
fn is_inert(name: &str) -> bool {
    let Some((interface, version)) = name.split_once('@') else { return false };
    let patch = version.strip_prefix("0.2.").is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
    patch && INERT.contains(&interface)
}

#[derive(Default)]
struct Names {
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Names {
    /// Walks the payloads of the outermost component. Nested components and modules import only from it.
    fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let broken = |why: &str| Refusal::new(Code::NotAPlugin, format!("the bytes are not a component: {why}"));
        if !Parser::is_component(bytes) {
            let why = if Parser::is_core_wasm(bytes) {
                "they are a core module; encode it with `wasm-tools component new`"
            } else {
                "they do not start as WebAssembly does"
            };
            return Err(broken(why));
        }
        let mut names = Self::default();
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(|e| broken(e.message()))? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        names.imports.push(import.map_err(|e| broken(e.message()))?.name.name.to_owned());
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        names.exports.push(export.map_err(|e| broken(e.message()))?.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(names)
    }
}
