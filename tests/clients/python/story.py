"""The story of an agent, told by the official Python client: find, read, ask, wait for a person, fetch the outcome.

    story.py stdio|http REVISION cli|http

REVISION is the protocol revision that must be agreed on; the last word says how the person approves: by the command
line, or by the operator's HTTP route. From the environment: PORTCULLIS_BIN, PORTCULLIS_HOME, PORTCULLIS_TOKEN, and for
the HTTP door PORTCULLIS_URL and PORTCULLIS_OPERATOR_TOKEN. Prints a line a check and stops at the first that fails.
Doesn't start a service, and doesn't look at what the service received.
"""

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from contextlib import AsyncExitStack

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

ENV = os.environ
WORDS = "hello from Python"
CHAT = {"model": "mistral-small-latest", "messages": [{"role": "user", "content": WORDS}]}
# The handshake revisions are asked for as one ("legacy"); "auto" discovers the stateless one.
MODES = {"2025-11-25": "legacy", "2026-07-28": "auto"}


class Failed(Exception):
    """What doesn't hold, and what was seen instead."""


def must(holds, what, seen=""):
    """Stops the story where something doesn't hold."""
    if not holds:
        raise Failed(f"{what}: {seen}")


def check(holds, what, seen=""):
    """The same, and says what holds."""
    must(holds, what, seen)
    print(f"ok  {what}", flush=True)


def by_cli(approval):
    """The operator approves in a terminal, which has no agent's token: with one the command would refuse."""
    env = {name: value for name, value in ENV.items() if name != "PORTCULLIS_TOKEN"}
    command = [ENV["PORTCULLIS_BIN"], "approvals", "approve", approval, "--yes"]
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)


def by_http(approval):
    """The operator approves with their own token."""
    url = f"{ENV['PORTCULLIS_URL']}/v1/approvals/{approval}/approve"
    headers = {"authorization": f"Bearer {ENV['PORTCULLIS_OPERATOR_TOKEN']}", "content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, b"{}", headers, method="POST")) as answer:
        check(answer.status == 200, "the operator's route approves", answer.status)


async def door(transport, stack):
    """What the client connects to."""
    if transport == "stdio":
        # The client hands down few variables; all are needed here, the credential in one of them included.
        return StdioServerParameters(command=ENV["PORTCULLIS_BIN"], args=["mcp"], env=dict(ENV))
    headers = {"authorization": f"Bearer {ENV['PORTCULLIS_TOKEN']}"}
    http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, timeout=60))
    return streamable_http_client(f"{ENV['PORTCULLIS_URL']}/mcp", http_client=http)


async def tools_of(client):
    """Every tool by its name, page by page."""
    found, pages, cursor = [], 0, None
    while True:
        page = await client.list_tools(cursor=cursor)
        found += page.tools
        pages += 1
        cursor = page.next_cursor
        if cursor is None:
            break
        must(pages < 100, "the list of tools ends")
    tools = {tool.name: tool for tool in found}
    check(len(tools) == len(found), f"{len(found)} tools on {pages} pages, each once")
    return tools


def check_tools(tools):
    """A tool says all that a client's author wants to know of it."""
    wanted = ["mistral__list-models", "mistral__chat-complete", "portcullis__result"]
    check(all(name in tools for name in wanted), f"listed: {', '.join(wanted)}", sorted(tools))
    for name, tool in tools.items():
        schemas = tool.input_schema.get("type") == "object" and tool.output_schema
        must(tool.title and tool.description and tool.annotations and schemas, f"{name} says all of itself", tool)
    check(True, "every tool has title, description, schemas and annotations")
    reads, writes = (tools[name].annotations for name in wanted[:2])
    check(reads.read_only_hint is True, "list-models only reads", reads)
    check(writes.read_only_hint is False, "chat-complete doesn't only read", writes)
    # Left out, both hints would mean yes by the protocol's defaults.
    check(isinstance(writes.destructive_hint, bool), "chat-complete says whether it destroys", writes)
    check(writes.open_world_hint is True, "chat-complete reaches out", writes)
    required = tools["mistral__chat-complete"].input_schema["required"]
    check({"model", "messages"} <= set(required), "chat-complete names what it needs", required)
    chores = ("approve", "install", "grant", "agent", "secret", "revoke")
    own = [name for name in tools if name.startswith("portcullis__") and any(chore in name for chore in chores)]
    check(own == [], "no tool grants, installs or approves", own)


def outcome(result):
    """The structured answer, which the client has checked against the tool's schema; there must be text too."""
    must(not result.is_error, "no error", result)
    must(isinstance(result.structured_content, dict), "a structured answer", result)
    must(any(block.type == "text" and block.text for block in result.content), "an answer in text", result)
    return result.structured_content


async def story(transport, revision, approve):
    """From the first listing to the outcome."""
    async with AsyncExitStack() as stack:
        server = await door(transport, stack)
        client = await stack.enter_async_context(Client(server, mode=MODES[revision], read_timeout_seconds=120))
        check(client.protocol_version == revision, f"revision {revision} is spoken", client.protocol_version)
        check_tools(await tools_of(client))

        read = outcome(await client.call_tool("mistral__list-models", {}))
        check(read["state"] == "executed" and read["ok"] is True and read["status"] == 200, "list-models runs", read)
        check(read["action"] == "mistral/list-models", "the answer names its action", read)
        check(len(read["result"]["data"]) > 0, "there are models", read)
        check(isinstance(read["audit"], int), "the answer names its audit row", read)

        heard = []

        async def progress(done, total, message):
            heard.append((done, total, message))

        held = outcome(await client.call_tool("mistral__chat-complete", CHAT, progress_callback=progress))
        check(held["state"] == "pending" and held["approval"].startswith("apr-"), "chat-complete waits", held)
        check(WORDS in json.dumps(held["request"]), "the exact request is shown", held)
        check(len(heard) > 0, f"progress was heard while waiting ({len(heard)} times)")
        steps = [done for done, _, _ in heard]
        check(steps == sorted(set(steps)), "and it only ever rises", heard)

        ask = {"approval": held["approval"], "waitMs": 0}
        still = outcome(await client.call_tool("portcullis__result", ask))
        check(still["state"] == "pending", "asked for too early, the outcome is still pending", still)

        await asyncio.to_thread(approve, held["approval"])
        done = outcome(await client.call_tool("portcullis__result", {**ask, "waitMs": 10_000}))
        check(done["state"] == "executed" and done["ok"] is True, "after approval it is executed", done)
        said = done["result"]["choices"][0]["message"]["content"]
        check(said == f"You said: {WORDS}", "and the assistant answers", done)

        again = outcome(await client.call_tool("portcullis__result", ask))
        check(again["call"] == done["call"], "fetched again, it is the same call", again)

        nobody = {"approval": "apr-0000000000000000"}
        refused = await client.call_tool("portcullis__result", nobody)
        known = refused.is_error and refused.structured_content["code"] == "approval-unknown"
        check(known, "an approval of nobody is refused, and by code", refused)


def first(error):
    """What went wrong, out of the groups that concurrent tasks wrap it in."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


if __name__ == "__main__":
    _, how, spoken, person = sys.argv
    try:
        asyncio.run(story(how, spoken, {"cli": by_cli, "http": by_http}[person]))
    except Exception as wrong:
        wrong = first(wrong)
        sys.exit(f"FAILED {wrong}" if isinstance(wrong, Failed) else f"FAILED {wrong!r}")
