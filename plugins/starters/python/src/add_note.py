"""`add-note`: a write. A person sees the exact request and says yes before it is sent."""

import json
from typing import Any

from request import Route, refused
from wit_world.exports.contract import (
    Action,
    ApprovalMode,
    Body_Json,
    Effect,
    Example,
    Method,
    RefusalReason,
    Request,
    ResultMode,
    Traits,
)

ROUTE = Route(Method.POST, "/v1/notebooks/{notebook}/notes", body=["title", "text"])

SCHEMA = {
    "type": "object",
    "properties": {
        "notebook": {
            "type": "string",
            "minLength": 1,
            "maxLength": 100,
            "description": "Name of the notebook, such as `work`.",
        },
        "title": {
            "type": "string",
            "minLength": 1,
            "maxLength": 200,
            "description": "One line that says what the note is about.",
        },
        "text": {
            "type": "string",
            "minLength": 1,
            "maxLength": 20000,
            "description": "The note itself, in Markdown. Left out: a note of a title alone.",
        },
    },
    "required": ["notebook", "title"],
    "additionalProperties": False,
}

ACTION = Action(
    **ROUTE.declared(),
    slug="add-note",
    label="Add a note",
    description=(
        "Adds one note to a notebook and answers with its id. Calling it twice adds two notes: "
        "use `find-notes` first where the same may be there already."
    ),
    input_schema=json.dumps(SCHEMA),
    output_schema=None,
    approval=ApprovalMode.REQUIRE_APPROVAL,
    effect=Effect.WRITE,
    result=ResultMode.JSON,
    traits=Traits(0),
    examples=[
        Example(
            title="A note of a title alone",
            input='{"notebook": "work", "title": "Call the printer"}',
            expected=Request(
                Method.POST,
                ["v1", "notebooks", "work", "notes"],
                query=[],
                headers=[],
                body=Body_Json('{"title":"Call the printer"}'),
            ),
        ),
        Example(
            title="A note with text",
            input='{"notebook": "work", "title": "Road map", "text": "- the gate\\n- the page"}',
            expected=Request(
                Method.POST,
                ["v1", "notebooks", "work", "notes"],
                query=[],
                headers=[],
                body=Body_Json('{"title":"Road map","text":"- the gate\\n- the page"}'),
            ),
        ),
    ],
)


def request(given: dict[str, Any]) -> Request:
    """The request for one input."""
    # What a schema cannot say is refused here, with the place in the input.
    if not given["title"].strip():
        raise refused(RefusalReason.INVALID_INPUT, "a note's title must not be blank", "/title")
    return ROUTE.request(given)
