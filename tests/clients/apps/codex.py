"""Asks Codex itself which tools it finds with the configuration in CODEX_HOME. No account and no model is needed.

    codex.py CODEX SERVER...

Speaks the line protocol of `codex app-server`. Fails unless every server named lists the tools of mistral.
"""

import json
import subprocess
import sys


def ask(codex, number, method, params):
    """Sends a request and reads until its answer."""
    codex.stdin.write(json.dumps({"id": number, "method": method, "params": params}) + "\n")
    codex.stdin.flush()
    for line in codex.stdout:
        message = json.loads(line)
        if message.get("id") == number:
            return message["result"]
    sys.exit(f"FAILED codex ended before it answered {method}")


binary, *wanted = sys.argv[1:]
with subprocess.Popen([binary, "app-server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as codex:
    ask(codex, 1, "initialize", {"clientInfo": {"name": "story", "version": "1.0.0"}})
    codex.stdin.write('{"method":"initialized"}\n')
    listed = ask(codex, 2, "mcpServerStatus/list", {"detail": "toolsAndAuthOnly"})["data"]
    codex.stdin.close()
    codex.terminate()
servers = {server["name"]: server for server in listed}
for name in wanted:
    if "mistral__list-models" not in servers.get(name, {}).get("tools", {}):
        sys.exit(f"FAILED codex finds no tools of mistral in {name}: {servers.get(name)}")
    print(f"ok  codex finds {len(servers[name]['tools'])} tools in {name} ({servers[name]['authStatus']})")
