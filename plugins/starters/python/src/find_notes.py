"""`find-notes`: an automatic read. It changes nothing, so it may run without a person."""

import json
from typing import Any

from request import Route
from wit_world.exports.contract import Action, ApprovalMode, Effect, Example, Method, Request, ResultMode, Traits

# Where each property of the input goes. The path is a list of segments, each encoded by the host: nothing in a name can
# become another path.
ROUTE = Route(Method.GET, "/v1/notebooks/{notebook}/notes", query=["words", "limit"])

# The host lets no other input through, and an agent reads each description.
SCHEMA = {
    "type": "object",
    "properties": {
        "notebook": {
            "type": "string",
            "minLength": 1,
            "maxLength": 100,
            "description": "Name of the notebook, such as `work`.",
        },
        "words": {
            "type": "string",
            "minLength": 1,
            "maxLength": 200,
            "description": "Words that must all occur in a note. Left out: every note.",
        },
        "limit": {
            "type": "integer",
            "minimum": 1,
            "maximum": 100,
            "description": "How many notes at most, the newest first. Left out: 20.",
        },
    },
    "required": ["notebook"],
    "additionalProperties": False,
}

ACTION = Action(
    **ROUTE.declared(),
    slug="find-notes",
    label="Find notes",
    description=(
        "Lists the notes of one notebook, the newest first, with their titles and ids. "
        "Call it before adding a note, to see whether one is there already."
    ),
    input_schema=json.dumps(SCHEMA),
    output_schema=None,
    approval=ApprovalMode.AUTOMATIC,
    effect=Effect.READ,
    result=ResultMode.JSON_SUMMARY,
    traits=Traits(0),
    # Written out by hand: they are what the route is held against, here and at each install.
    examples=[
        Example(
            title="The newest notes of a notebook",
            input='{"notebook": "work"}',
            expected=Request(Method.GET, ["v1", "notebooks", "work", "notes"], query=[], headers=[], body=None),
        ),
        Example(
            title="Ten notes about a subject",
            input='{"notebook": "work", "words": "road map", "limit": 10}',
            expected=Request(
                Method.GET,
                ["v1", "notebooks", "work", "notes"],
                query=[("words", "road map"), ("limit", "10")],
                headers=[],
                body=None,
            ),
        ),
    ],
)


def request(given: dict[str, Any]) -> Request:
    """The request for one input."""
    return ROUTE.request(given)
