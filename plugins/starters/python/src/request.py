"""From a checked input to one request, strictly: every property of the input has its place, or the call is refused.

Not here: the host's own checks. It compares what comes out with what the manifest declares.
"""

import json
import re
from typing import Any, TypedDict

from componentize_py_types import Err
from wit_world.exports.contract import Body_Json, BodyMode, Method, Refusal, RefusalReason, Request


def refused(reason: RefusalReason, message: str, pointer: str | None = None) -> Err[Refusal]:
    """The plugin's no, to be raised: the caller is shown the message, marked as the plugin's words.

    `pointer` is a JSON Pointer into the input. Whatever else is raised is a fault: it stops the instance, and the
    caller hears only that.
    """
    return Err(Refusal(reason, message, pointer))


def as_json(value: object) -> str:
    """JSON as this file writes it: short, and refusing what JSON cannot say."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class Declared(TypedDict):
    """What the manifest says of a route."""

    method: Method
    path: str
    query: list[str]
    headers: list[str]
    body: BodyMode


class Route:
    """Where the properties of an input go: into the path, the query or the body."""

    def __init__(self, method: Method, path: str, query: list[str] | None = None, body: list[str] | None = None) -> None:
        """`path` is such as `/v1/items/{item_id}`, where a last `{rest+}` takes a list.

        With `body`, a JSON object of these properties is always sent.
        """
        self.method = method
        self.path = path
        self.query = query or []
        self.body = body

    def declared(self) -> Declared:
        """The same route as the manifest says it, so that what is declared and what is described cannot drift apart."""
        body = BodyMode.NONE if self.body is None else BodyMode.JSON
        return {"method": self.method, "path": self.path, "query": self.query, "headers": [], "body": body}

    def request(self, given: dict[str, Any]) -> Request:
        """The request for one input."""
        parts = [place(part) for part in self.path.split("/") if part]
        places = [*(name for _, name, _ in parts), *self.query, *(self.body or [])]
        for key in given:
            if key not in places:
                raise unfit(key, "has no place in the request")
        path: list[str] = []
        for literal, name, many in parts:
            if name is None:
                path.append(literal)
            elif not many:
                path.append(text(name, given.get(name)))
            elif isinstance(given.get(name), list):
                path.extend(text(name, one) for one in given[name])
            else:
                raise unfit(name, "must be given as a list")
        query = [(key, text(key, given[key])) for key in self.query if key in given]
        body = None
        if self.body is not None:
            body = Body_Json(as_json({key: given[key] for key in self.body if key in given}))
        return Request(self.method, path, query, [], body)


def place(literal: str) -> tuple[str, str | None, bool]:
    """One part of a path: what stands for itself, `{name}` for one segment, or `{name+}` for one or more."""
    found = re.fullmatch(r"\{(.+?)(\+?)\}", literal)
    return (literal, found[1], found[2] == "+") if found else (literal, None, False)


def text(name: str, value: object) -> str:
    """A value as it stands in a path or a query."""
    match value:
        case str():
            return value
        case bool() | int() | float():
            return as_json(value)
        case _:
            raise unfit(name, "must be given as text, a number or a boolean")


def unfit(name: str, why: str) -> Err[Refusal]:
    """A no about one property."""
    # A JSON Pointer writes `~` as `~0` and `/` as `~1` (RFC 6901).
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    return refused(RefusalReason.INVALID_INPUT, f"`{name}` {why}", pointer)
