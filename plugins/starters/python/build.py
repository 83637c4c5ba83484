"""Makes `src/app.py`, with what it imports from beside it, into a component: `portcullis build`, or, with the libraries
of `requirements.txt` in `.venv`, `.venv/bin/python build.py`.

Also writes `build/bindings`: the contract as Python, for tests and editors. Neither is part of the component.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent
BUILD = ROOT / "build"


def componentize_py(*arguments: str) -> None:
    """Ends this program, too, where the tool does not end well: it has said why."""
    # Libraries are those of this environment; without the variable they would be whatever the machine has. The tool's own
    # backtrace would hide what Python says of your code.
    environment = {**os.environ, "VIRTUAL_ENV": sys.prefix, "RUST_BACKTRACE": "0"}
    # Not the script of that name in `.venv/bin`, which knows only the folder that it was made in.
    tool = [sys.executable, "-c", "import sys, componentize_py; sys.exit(componentize_py.script())"]
    command = [*tool, "--quiet", "-d", "wit", "-w", "plugin", *arguments]
    if (status := subprocess.run(command, cwd=ROOT, env=environment).returncode) != 0:
        sys.exit(status)


shutil.rmtree(BUILD, ignore_errors=True)
BUILD.mkdir()
componentize_py("bindings", "build/bindings")
# With `--stub-wasi` the component is sealed: it imports nothing. What reads a file, a clock or the network, or prints, stops
# the plugin, as does an import that is not at the top of a file; `random` gives the build's numbers at each call.
componentize_py("componentize", "app", "--python-path", "src", "--stub-wasi", "--output", "build/plugin.wasm")
