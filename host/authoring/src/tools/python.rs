//! What Python and pip are told. `build.py` of the project says how the component is made.

use std::path::PathBuf;

use super::{Makes, Met, Need, Recipe, Step};

/// The interpreter of the project's own environment.
const OWN: &str = ".venv/bin/python";

/// Variables that would bring other libraries in, or keep pip from its own environment.
const FOREIGN: &[&str] = &["PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_USER"];

pub(super) fn recipe() -> Recipe {
    Recipe {
        needs: vec![
            Need {
                what: "python3",
                probe: &["python3", "--version"],
                met: Met::Version(3, 11),
                fix: "install Python 3.11 or newer: see https://www.python.org",
            },
            Need {
                what: "the module `venv` of python3",
                probe: &["python3", "-c", "import venv, ensurepip"],
                met: Met::Runs,
                fix: "on Debian and Ubuntu: apt install python3-venv",
            },
        ],
        // The environment is made anew where the requirements change, so that nothing of the old ones stays in it.
        steps: vec![
            Step::new("making .venv", "python3", &["-m", "venv", "--clear", ".venv"])
                .pinned("requirements.txt", ".venv/made-for.txt")
                .without(FOREIGN),
            Step::new(
                "fetching the libraries of requirements.txt into .venv",
                OWN,
                &[
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--requirement",
                    "requirements.txt",
                ],
            )
            .pinned("requirements.txt", ".venv/installed.txt")
            .without(FOREIGN),
            Step::new("building with componentize-py", OWN, &["build.py"])
                .makes(Makes::Component(PathBuf::from("build/plugin.wasm")))
                .without(FOREIGN),
        ],
    }
}
