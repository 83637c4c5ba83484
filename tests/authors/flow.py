"""From nothing to a described request, and to one that is sent, in one language, by what an author types.

    flow.py LANGUAGE FOLDER

Prints the wall time of each command. Fails where a description is not the right one, where a command does not end as it
should, and at the deadline; that a description takes longer than the budget is told, and fails nothing: the machine may
be busy. Leaves the project in FOLDER. Wants the address of the service in NOTES_ORIGIN and its credential in NOTES_TOKEN,
and the file in which it tells of requests in NOTES_HEARD.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

LANGUAGE, FOLDER = sys.argv[1], Path(sys.argv[2])
NAME = f"my-{LANGUAGE}"
HOME = FOLDER / "home"

# From `new` to a described request, installs included.
BUDGET_S = 300
# Of one command: only what hangs gets this far.
DEADLINE_S = 900
# What each language's own tests are run by.
OWN_TESTS = {"rust": "cargo test", "javascript": "npm test", "python": "python3 -m unittest"}


def typed(label, command, folder, *, ends=0):
    """Runs a command as an author would, tells its time, and gives its time, output and complaints."""
    environment = {**os.environ, "PORTCULLIS_HOME": str(HOME)}
    began = time.monotonic()
    ended = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE_S
    )
    took = time.monotonic() - began
    print(f"{LANGUAGE:<11} {label:<34} {took:7.1f} s", flush=True)
    if ended.returncode != ends:
        said = f"{ended.stdout}\n{ended.stderr}"
        raise SystemExit(f"`{' '.join(command)}` ended with {ended.returncode}, not {ends}:\n{said}")
    return took, ended.stdout, ended.stderr


def equal(found, expected):
    """Fails where two values are not the same."""
    if found != expected:
        raise SystemExit(f"found    {found!r}\nexpected {expected!r}")


def heard(count):
    """The last requests that the service was sent."""
    lines = Path(os.environ["NOTES_HEARD"]).read_text().splitlines()
    return [json.loads(line) for line in lines[1:]][-count:]


def begins():
    """New, built, checked, tested, installed and described, as fast as it goes."""
    project, total = FOLDER / NAME, 0.0

    def go(label, *words, folder=project, **ends):
        nonlocal total
        took, out, err = typed(label, ["portcullis", *words], folder, **ends)
        total += took
        return out, err

    go("new", "new", NAME, "--lang", LANGUAGE, folder=FOLDER)
    built = json.loads(go("build", "build", "--json")[0])
    equal((built["tier"], built["imports"]), ("sealed", []))
    go("check", "check", "--strict")
    tested = json.loads(go("test", "test", "--json")[0])
    equal((tested["failed"], tested["digest"]), (0, built["digest"]))
    equal(len(tested["cases"]) > 4, True)
    go("install", "install", f"./{NAME}.wasm", "--yes")
    given = json.dumps({"notebook": "to do", "words": "50% & more", "limit": 10})
    described = json.loads(go("run --dry-run", "run", f"{NAME}/find-notes", "--input", given, "--dry-run", "--json")[0])
    equal(described["decision"], "allowed")
    request = described["request"]
    equal(request["method"], "GET")
    equal(request["url"], "https://api.example.com/v1/notebooks/to%20do/notes?words=50%25%20%26%20more&limit=10")
    equal(request["body"], None)
    equal([value for name, value in request["headers"] if name == "authorization"], [f"Bearer <credential `{NAME}`>"])
    ratio = total / BUDGET_S
    print(f"{LANGUAGE:<11} from nothing to a described request: {total:.1f} s, {ratio:.2f} of {BUDGET_S} s "
          f"({'met' if ratio <= 1 else 'MISSED'}), {built['bytes']} bytes")


def sends():
    """A read by itself, and a write by a person's yes, through the plugin to a service."""
    (HOME / "portcullis.toml").write_text(f'[ports.{NAME}]\norigin = "{os.environ["NOTES_ORIGIN"]}"\n')
    os.environ[f"PORTCULLIS_SECRET_{NAME.upper().replace('-', '_')}"] = os.environ["NOTES_TOKEN"]
    run = ["portcullis", "run", "--json", "--input"]
    given = {"notebook": "work", "words": "road map", "limit": 1}
    _, out, _ = typed("run find-notes", [*run, json.dumps(given), f"{NAME}/find-notes"], FOLDER)
    equal(json.loads(out)["result"], {"notes": [{"id": "note-1", "title": "Road map"}]})
    asked = {"method": "GET", "path": "/v1/notebooks/work/notes", "query": [["words", "road map"], ["limit", "1"]], "body": ""}
    equal(heard(1), [asked])

    given = {"notebook": "work", "title": f"From {LANGUAGE}", "text": "with \"quotes\", ä and 🗒"}
    _, out, _ = typed("run add-note", [*run, json.dumps(given), f"{NAME}/add-note"], FOLDER, ends=3)
    pending = json.loads(out)["pending"]
    equal(heard(1), [asked])
    text = pending["request"]["body"]["text"]
    equal(json.loads(text), {"title": given["title"], "text": given["text"]})
    _, out, _ = typed("approvals approve", ["portcullis", "approvals", "approve", pending["approval"], "--yes", "--json"], FOLDER)
    equal(json.loads(out)["status"], 201)
    equal(heard(2), [asked, {"method": "POST", "path": "/v1/notebooks/work/notes", "query": [], "body": text}])

    # A plugin's no reaches nobody but the caller.
    blank = {"notebook": "work", "title": " "}
    _, _, err = typed("run, refused", ["portcullis", "run", f"{NAME}/add-note", "--input", json.dumps(blank)], FOLDER, ends=1)
    equal("plugin-refused" in err and "/title" in err, True)
    equal(heard(1)[0]["body"], text)


def checks():
    """What the project's workflow for CI runs, but for getting the program and keeping what was packed."""
    project = FOLDER / NAME
    workflow = (project / ".github" / "workflows" / "plugin.yml").read_text()
    commands = [line.strip() for line in re.findall(r"^ +run: (.+)$", workflow, re.MULTILINE) if "cargo install" not in line]
    for needed in ["portcullis build", "portcullis check --strict", "portcullis test", OWN_TESTS[LANGUAGE], "sha256sum"]:
        equal([needed for command in commands if needed in command][:1], [needed])
    for command in commands:
        _, _, err = typed(f"CI: {command}"[:34], ["bash", "-euo", "pipefail", "-c", command], project)
        if command == "portcullis build":
            # The second build fetches nothing.
            equal("building" in err and "fetching" not in err and "making" not in err, True)
    equal((project / f"{NAME}.wasm.sha256").read_text().split()[1], f"{NAME}.wasm")


FOLDER.mkdir(parents=True)
HOME.mkdir(mode=0o700)
begins()
sends()
checks()
