"""Finds the sources, and the contract as `portcullis build` wrote it."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BINDINGS = ROOT / "build" / "bindings"
if not BINDINGS.is_dir():
    raise SystemExit("type `portcullis build` first: it writes the contract to build/bindings")
sys.path[:0] = [str(ROOT / "src"), str(BINDINGS)]
