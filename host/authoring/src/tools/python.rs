//! What Python, pip and componentize-py are told.

use std::path::PathBuf;

use super::{Makes, Met, Need, Recipe, Step};

pub(super) fn recipe() -> Recipe {
    Recipe {
        needs: vec![
            Need {
                what: "python3",
                probe: &["python3", "--version"],
                met: Met::Version(3, 10),
                fix: "install Python 3.10 or newer: see https://www.python.org",
            },
            Need {
                what: "the module `venv` of python3",
                probe: &["python3", "-c", "import venv, ensurepip"],
                met: Met::Runs,
                fix: "on Debian and Ubuntu: apt install python3-venv",
            },
        ],
        steps: vec![
            Step::new("making .venv", "python3", &["-m", "venv", ".venv"]).unless(".venv/bin/pip", "pyproject.toml"),
            Step::new(
                "fetching the libraries of requirements.txt",
                ".venv/bin/pip",
                &["install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt"],
            )
            .unless(".venv/bin/componentize-py", "requirements.txt"),
            Step::new(
                "building with componentize-py",
                ".venv/bin/componentize-py",
                &["-d", "wit", "-w", "plugin", "componentize", "--stub-wasi", "app", "-o", "build/plugin.wasm"],
            )
            .makes(Makes::Component(PathBuf::from("build/plugin.wasm"))),
        ],
    }
}
