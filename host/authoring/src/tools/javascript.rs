//! What npm is told. `build.js` of the project says how the component is made.

use std::path::PathBuf;

use super::{Makes, Met, Need, Recipe, Step};

/// The copy of the lock file that says what is in `node_modules`. `npm ci` removes the folder before it begins.
const INSTALLED: &str = "node_modules/.portcullis-installed.json";

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
            // Where NODE_ENV is `production`, npm would leave the tool out.
            Step::new(
                "fetching the libraries of package-lock.json into node_modules",
                "npm",
                &["ci", "--include=dev", "--no-fund", "--no-audit"],
            )
            .pinned("package-lock.json", INSTALLED),
            Step::new("building with componentize-js", "npm", &["run", "--silent", "build"])
                .makes(Makes::Component(PathBuf::from("build/plugin.wasm"))),
        ],
    }
}
