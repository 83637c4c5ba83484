"""What the guide says a sealed plugin cannot do, tried: a starter whose `find-notes` does what its words ask for.

    sealed.py LANGUAGE FOLDER

FOLDER is what `flow.py` left, for JavaScript or Python. What stands still must be the same in two calls, and the rest must
stop the plugin, without a word from it anywhere. Nothing is sent.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

LANGUAGE, FOLDER = sys.argv[1], Path(sys.argv[2])
NAME = f"my-{LANGUAGE}"
PROJECT = FOLDER / NAME

# Where each language's `find-notes` makes its request, what is put there, and what that needs at the top of the file.
SOURCES = {
    "javascript": ("src/find-notes.js", "", "export function request(input) {\n", """
  const words = {
    clock: () => `${Date.now()} ${new Date().toISOString()}`,
    random: () => `${Math.random()} ${crypto.randomUUID()}`,
    print: () => { console.log('SAID BY THE PLUGIN'); console.error('SAID BY THE PLUGIN'); return 'printed'; },
    fetch: () => { fetch('http://127.0.0.1:1/'); return 'fetched'; },
    timer: () => { setTimeout(() => {}, 1); return 'set'; },
    throw: () => { throw new TypeError('SAID BY THE PLUGIN'); },
  }[String(input.words)];
  if (words) return route.request({ ...input, words: words() });
"""),
    "python": ("src/find_notes.py", "import os, random, socket, time\n", '    """The request for one input."""\n', """
    words = {
        "random": lambda: f"{random.random()}",
        "environment": lambda: f"{dict(os.environ)}",
        "clock": lambda: f"{time.time()}",
        "print": lambda: f"{print('SAID BY THE PLUGIN', flush=True)}",
        "file": lambda: open("/etc/passwd").read(),
        "network": lambda: f"{socket.create_connection(('127.0.0.1', 1))}",
        "import": lambda: f"{__import__('decimal')}",
        "raise": lambda: f"{1 // 0}",
    }.get(given.get("words"))
    if words:
        given = {**given, "words": words()}
"""),
}
STILL = {"javascript": ["clock", "random", "print"], "python": ["random", "environment"]}
STOPS = {"javascript": ["fetch", "timer", "throw"], "python": ["clock", "print", "file", "network", "import", "raise"]}


def portcullis(*words):
    """Runs the program; gives its status and everything that it printed."""
    environment = {**os.environ, "PORTCULLIS_HOME": str(FOLDER / "home")}
    ended = subprocess.run(["portcullis", *words], cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL,
                           capture_output=True, text=True, timeout=600)
    return ended.returncode, ended.stdout, ended.stderr


def well(*words):
    """The same, for what must end well."""
    status, out, err = portcullis(*words)
    if status != 0:
        raise SystemExit(f"`portcullis {' '.join(words)}` ended with {status}:\n{out}\n{err}")
    return out, err


def described(wish):
    """The request that the plugin makes of a wish, or nothing where it was stopped."""
    given = json.dumps({"notebook": "work", "words": wish})
    status, out, err = portcullis("run", f"{NAME}/find-notes", "--input", given, "--dry-run", "--json")
    if "SAID BY THE PLUGIN" in out + err:
        raise SystemExit(f"{wish}: the plugin has a voice:\n{out}\n{err}")
    if status == 0:
        return parse_qs(urlsplit(json.loads(out)["request"]["url"]).query)["words"][0]
    if "plugin-trapped" not in out + err:
        raise SystemExit(f"{wish}: stopped by something else:\n{out}\n{err}")
    return None


file, top, before, wishes = SOURCES[LANGUAGE]
text = (PROJECT / file).read_text()
if text.count(before) != 1:
    raise SystemExit(f"{file} is another one")
(PROJECT / file).write_text(top + text.replace(before, before + wishes))
well("build")
well("install", f"./{NAME}.wasm", "--replace", "--yes")
for wish in STILL[LANGUAGE]:
    first, second = described(wish), described(wish)
    if first is None or first != second or first == wish:
        raise SystemExit(f"{wish}: it does not stand still: {first!r}, then {second!r}")
    print(f"{LANGUAGE:<11} {wish:<12} the same at each call: {first}")
for wish in STOPS[LANGUAGE]:
    if (found := described(wish)) is not None:
        raise SystemExit(f"{wish}: it was not stopped: {found!r}")
    print(f"{LANGUAGE:<11} {wish:<12} stops the plugin")
