//! What npm is told.

use std::path::PathBuf;

use super::{Makes, Met, Need, Recipe, Step};

pub(super) fn recipe() -> Recipe {
    Recipe {
        needs: vec![
            Need {
                what: "node",
                probe: &["node", "--version"],
                met: Met::Version(20, 0),
                fix: "install Node.js 20 or newer: see https://nodejs.org",
            },
            Need {
                what: "npm",
                probe: &["npm", "--version"],
                met: Met::Runs,
                fix: "install npm, which comes with Node.js: see https://nodejs.org",
            },
        ],
        steps: vec![
            Step::new("fetching the libraries of package-lock.json", "npm", &["ci", "--no-fund", "--no-audit"])
                .unless("node_modules/.package-lock.json", "package-lock.json"),
            Step::new("building with npm", "npm", &["run", "--silent", "build"])
                .makes(Makes::Component(PathBuf::from("build/plugin.wasm"))),
        ],
    }
}
