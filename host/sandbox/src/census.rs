//! The import census: what a component could reach, read off its bytes before anything of it runs.
//!
//! An allowlist. Whatever is not on it is refused by name, and the name is a stranger's text.

use std::fmt;

use portcullis_model::{Code, Refusal, Shown};
use serde::{Deserialize, Serialize};
use wasmparser::{ComponentTypeRef, Parser, Payload};

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

/// The function by which a template reads the definition that it serves.
pub(crate) const DEFINITION: &str = "definition";

/// What a component imports, and the tier that follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Census {
    /// The tier.
    pub tier: Tier,
    /// Names of the imports, as they stand in the bytes; for a template none, since its definition is part of what it is.
    pub imports: Vec<String>,
    /// Whether it is a template: it reads its definition, whose digest is the plugin's, and nothing else.
    pub declarative: bool,
}

impl Census {
    /// Reads the import and export sections of a component.
    ///
    /// # Errors
    /// `not-a-plugin` for anything but a component of the contract; `forbidden-import`, naming the import, for one that
    /// is on no list.
    pub fn of(bytes: &[u8]) -> Result<Self, Refusal> {
        let names = Names::of_the_contract(bytes, "plugin")?;
        if let Some(import) = names.imports.iter().find(|import| !is_inert(&import.name)) {
            let what = format!("the component imports `{}`, which no plugin may", Shown::new(&import.name));
            return Err(Refusal::new(Code::ForbiddenImport, what));
        }
        let tier = if names.imports.is_empty() { Tier::Sealed } else { Tier::Inert };
        let imports = names.imports.into_iter().map(|import| import.name).collect();
        Ok(Self { tier, imports, declarative: false })
    }

    /// Reads the same of a component that serves definitions. It may import the function `definition`, and must: one
    /// that does not would serve something else than what its digest names.
    ///
    /// # Errors
    /// `not-a-plugin` for anything but a template; `forbidden-import`, naming the import, for one that imports more.
    pub fn of_template(bytes: &[u8]) -> Result<Self, Refusal> {
        let names = Names::of_the_contract(bytes, "template")?;
        let is_definition = |import: &Import| import.name == DEFINITION && import.is_function;
        if let Some(import) = names.imports.iter().find(|import| !is_definition(import)) {
            let what = format!("the component imports `{}`, which no template may", Shown::new(&import.name));
            return Err(Refusal::new(Code::ForbiddenImport, what));
        }
        if names.imports.is_empty() {
            let what = format!("the component does not import `{DEFINITION}`: it is no template");
            return Err(Refusal::new(Code::NotAPlugin, what).fix("build it for the world `portcullis:action/template`"));
        }
        Ok(Self { tier: Tier::Sealed, imports: Vec::new(), declarative: true })
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
    imports: Vec<Import>,
    exports: Vec<String>,
}

struct Import {
    name: String,
    is_function: bool,
}

impl Names {
    /// Reads the names of a component that exports what a plugin must; `world` is the one it should be built for.
    fn of_the_contract(bytes: &[u8], world: &str) -> Result<Self, Refusal> {
        let names = Self::read(bytes)?;
        if names.exports.iter().any(|name| name == CONTRACT) {
            return Ok(names);
        }
        let what = format!("the component does not export `{CONTRACT}`");
        Err(Refusal::new(Code::NotAPlugin, what).fix(format!("build it for the world `portcullis:action/{world}`")))
    }

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
                        let import = import.map_err(|e| broken(e.message()))?;
                        let is_function = matches!(import.ty, ComponentTypeRef::Func(_));
                        names.imports.push(Import { name: import.name.name.to_owned(), is_function });
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
