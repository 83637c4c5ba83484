"""Reads a client's configuration file the way the client does, and lists the tools of every server in it.

    configs.py FILE

For clients that cannot be started here (Claude Desktop, Cursor, VS Code): the file is theirs, the connection is the
official Python client's. A server gets no more of the environment than such a client hands down. The token comes from
PORTCULLIS_TOKEN; PORTCULLIS_URL stands in for the address in the file.
"""

import asyncio
import json
import os
import sys
import tomllib
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

TOKEN = os.environ["PORTCULLIS_TOKEN"]
# What stands for the token in the files: a word to replace, a variable, a question.
STANDINS = ("pca_PASTE_THE_TOKEN", "${PORTCULLIS_TOKEN}", "${input:portcullis-token}")


def read(path):
    """The servers of the file by name."""
    text = path.read_text().replace("http://127.0.0.1:11821", os.environ["PORTCULLIS_URL"])
    for standin in STANDINS:
        text = text.replace(standin, TOKEN)
    value = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    return next(value[key] for key in ("mcpServers", "mcp_servers", "servers") if key in value)


async def tools(server):
    """Names of the tools that a server lists."""
    async with AsyncExitStack() as stack:
        if "command" in server:
            env = server.get("env", {}) | {name: os.environ[name] for name in server.get("env_vars", [])}
            target = StdioServerParameters(command=server["command"], args=server["args"], env=env)
        else:
            headers = server.get("headers") or {"Authorization": f"Bearer {os.environ[server['bearer_token_env_var']]}"}
            http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, timeout=60))
            target = streamable_http_client(server["url"], http_client=http)
        client = await stack.enter_async_context(Client(target, read_timeout_seconds=60))
        return [tool.name for tool in (await client.list_tools()).tools]


servers = read(Path(sys.argv[1]))
for name, server in servers.items():
    try:
        found = asyncio.run(tools(server))
    except Exception as wrong:
        while isinstance(wrong, BaseExceptionGroup):
            wrong = wrong.exceptions[0]
        sys.exit(f"FAILED {name}: {wrong!r}")
    if "mistral__list-models" not in found and "mistral__chat-complete" not in found:
        sys.exit(f"FAILED {name}: no tool of mistral on the first page: {found}")
    print(f"ok  {name}: {len(found)} tools on the first page")
