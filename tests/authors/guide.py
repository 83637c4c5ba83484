"""Follows the guide of `plugins/README.md` word for word in one language, at a terminal, as a person would.

    guide.py LANGUAGE FOLDER REGISTRY

Types every line of every block marked `sh`, but those under another language's heading. LANGUAGE stands where the guide
names one of three, and REGISTRY, a host, where it names an example. What is asked is answered; `dev` sees one change before
it is ended. Then somebody else installs what was published, and the code that the guide shows is built and tested, too.
Wants the address of the service in NOTES_ORIGIN and its credential in NOTES_TOKEN.
"""

import hashlib
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

LANGUAGE, FOLDER, REGISTRY = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
GUIDE = Path(__file__).parents[2] / "plugins" / "README.md"
NAMES = {"Rust": "rust", "JavaScript": "javascript", "Python": "python"}
PROJECT = FOLDER / "my-notes"

# How long nothing may be printed: only what hangs gets there.
PATIENCE_S = 600

# The file of the action that the guide shows, and the line of the starter's that comes first of what it shows.
SHOWN = {
    "rust": ("src/add_note.rs", "\n/// The input;", "rust"),
    "javascript": ("src/add-note.js", "\nconst route =", "js"),
    "python": ("src/add_note.py", "\nROUTE =", "python"),
}


def blocks():
    """Language of the heading or nothing, heading, mark and text of every fenced block."""
    language = heading = mark = None
    text = []
    for line in GUIDE.read_text().splitlines():
        if mark is not None:
            if line == "```":
                yield language, heading, mark, "\n".join(text) + "\n"
                mark, text = None, []
            else:
                text.append(line)
        elif line.startswith("```"):
            mark = line[3:]
        elif line.startswith("#"):
            heading = line.lstrip("# ")
            language = NAMES.get(heading.partition(":")[0])


def script():
    """What is typed."""
    typed = "".join(text for language, _, mark, text in blocks() if mark == "sh" and language in (None, LANGUAGE))
    lines = [line for line in typed.splitlines() if line.strip()]
    told = {words[1] for line in lines if len(words := line.rpartition("| ")[2].split()) > 1 and words[0] == "portcullis"}
    equal(told, {"new", "build", "check", "test", "install", "run", "dev", "secret", "publish", "diff"})
    return "\n".join(lines).replace("--lang rust", f"--lang {LANGUAGE}").replace("registry.example", REGISTRY) + "\n"


def change():
    """Edits a source, as somebody does while `dev` watches."""
    for file in sorted((PROJECT / "src").iterdir()):
        if file.is_file() and "Find notes" in (text := file.read_text()):
            file.write_text(text.replace("Find notes", "Look for notes"))
            return b""
    raise SystemExit("no source has the label to be changed")


class Person:
    """Whoever sits at the terminal."""

    def __init__(self):
        self.watched = 0

    def answer(self, heard):
        """What is typed after what was just printed, and how much of that was answered; nothing where nothing is asked."""
        if asked := re.search(rb"\[y/N\] $", heard):
            return b"y\n", asked.end()
        if asked := re.search(rb"credential for my-notes: $", heard):
            return os.environ["NOTES_TOKEN"].encode() + b"\n", asked.end()
        if asked := re.search(rb"watching; Ctrl-C ends it", heard):
            self.watched += 1
            return change() if self.watched == 1 else b"\x03", asked.end()
        return None


def follow(commands, environment):
    """Runs commands in a shell on a terminal of their own, with a person at it. Gives what was on the screen."""
    file = FOLDER / "typed.sh"
    file.write_text(commands)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(FOLDER)
        os.execvpe("bash", ["bash", "-vEeuo", "pipefail", str(file)], environment)
    person, screen, unanswered = Person(), b"", b""
    while True:
        if not select.select([terminal], [], [], PATIENCE_S)[0]:
            os.kill(child, signal.SIGKILL)
            print(screen.decode(errors="replace"))
            raise SystemExit(f"nothing was printed for {PATIENCE_S} s")
        try:
            printed = os.read(terminal, 65536)
        except OSError:  # How a terminal says that nobody has it open any more.
            printed = b""
        if not printed:
            break
        screen += printed
        unanswered += printed
        if found := person.answer(unanswered):
            os.write(terminal, found[0])
            unanswered = unanswered[found[1]:]
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    text = screen.decode(errors="replace")
    if status != 0 or person.watched < 2:
        print(text)
        raise SystemExit(f"following the guide ended with {status}; `dev` was seen watching {person.watched} times")
    return text


def run(*command, folder=PROJECT, **variables):
    """Runs one command that must end well, and gives what it prints."""
    environment = {**os.environ, **variables}
    ended = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if ended.returncode != 0:
        raise SystemExit(f"`{' '.join(command)}` ended with {ended.returncode}:\n{ended.stdout}\n{ended.stderr}")
    return ended.stdout


def equal(found, expected):
    """Fails where two values are not the same."""
    if found != expected:
        raise SystemExit(f"found    {found!r}\nexpected {expected!r}")


def somebody_else():
    """Installs what was published, on the word of its key, and gets the very bytes."""
    home = FOLDER / "elsewhere"
    home.mkdir(mode=0o700)
    shutil.copy(PROJECT / "my-notes.pub", home)
    (home / "portcullis.toml").write_text(f'[[trust]]\nscope = "{REGISTRY}/me/*"\nkey = "my-notes.pub"\n')
    variables = {"PORTCULLIS_HOME": str(home), "PORTCULLIS_REGISTRY_SECRET": f"{REGISTRY}=me:token-of-the-registry"}
    reference = f"{REGISTRY}/me/my-notes:0.1.0"
    installed = json.loads(run("portcullis", "install", reference, "--yes", "--json", **variables))
    digest = hashlib.sha256((PROJECT / "my-notes.wasm").read_bytes()).hexdigest()
    equal(installed["digest"], f"sha256:{digest}")
    words = ["portcullis", "run", "my-notes/find-notes", "--input", '{"notebook": "work"}', "--dry-run", "--json"]
    request = json.loads(run(*words, **variables))["request"]
    equal(request["url"], "https://api.example.com/v1/notebooks/work/notes")


def shown_code(home):
    """Puts the guide's action in the place of the starter's, and builds and tests that. The port is the starter's own."""
    file, first, mark = SHOWN[LANGUAGE]
    shown = {
        heading.partition(": ")[2]: text for language, heading, kind, text in blocks() if (language, kind) == (LANGUAGE, mark)
    }
    sources = "".join(path.read_text() for path in sorted((PROJECT / "src").iterdir()) if path.is_file())
    port = [line.strip() for line in shown["the port"].splitlines()]
    equal([line for line in port if line not in [there.strip() for there in sources.splitlines()]], [])
    head, there, _ = (PROJECT / file).read_text().partition(first)
    equal(there, first)
    (PROJECT / file).write_text(f"{head}\n{shown['an action']}")
    run("portcullis", "build", PORTCULLIS_HOME=home)
    tested = json.loads(run("portcullis", "test", "--json", PORTCULLIS_HOME=home))
    equal('add-note: "A note"' in [case["name"] for case in tested["cases"]], True)


FOLDER.mkdir(parents=True)
home = FOLDER / "home"
home.mkdir(mode=0o700)
(home / "portcullis.toml").write_text(f'[ports.my-notes]\norigin = "{os.environ["NOTES_ORIGIN"]}"\n')
environment = {
    **os.environ,
    "PORTCULLIS_HOME": str(home),
    "PORTCULLIS_PASSPHRASE": "a passphrase of this folder alone",
    "NO_COLOR": "1",
    "TERM": "dumb",
}
screen = follow(script(), environment)
# The real calls, of a read and of a write.
equal("Call the printer" in screen, True)
equal(re.search(r'"id": ?"note-\d+"', screen) is not None, True)
print(f"{LANGUAGE:<11} {len(script().splitlines())} lines of the guide typed")
somebody_else()
print(f"{LANGUAGE:<11} installed elsewhere, from the registry")
shown_code(str(home))
print(f"{LANGUAGE:<11} the guide's own code built and tested")
