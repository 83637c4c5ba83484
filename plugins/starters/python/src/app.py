"""Starter Name, as a Portcullis plugin: what it is and what it can do. Change it into yours.

It never sends anything and never sees a credential: for each call it describes one request, and the host sends that.
"""

import json

import add_note
import find_notes
from request import refused
from wit_world import exports
from wit_world.exports.contract import Auth_Bearer, Manifest, Port, Publisher, RefusalReason, Request

# Everything it can do: one file an action.
ACTIONS = {module.ACTION.slug: module for module in (find_notes, add_note)}

# The service: the only place that requests can go to, and how the host attaches the credential.
PORT = Port(
    slug="starter-name",
    label="Starter Name",
    description="Notebooks of one account: finding notes in them, and adding notes.",
    origin="https://api.example.com",
    auth=Auth_Bearer(),
    category="Notes",
    tags=["notes", "notebooks"],
    publisher=Publisher(slug="example", name="Example Ltd", website_url="https://example.com"),
)


class Contract(exports.Contract):
    """What the component exports: the interface `contract` of `wit/`."""

    def declare(self) -> Manifest:
        return Manifest(version="0.1.0", port=PORT, actions=[module.ACTION for module in ACTIONS.values()])

    def describe(self, action: str, input: str) -> Request:
        # The host has checked the input against the action's schema.
        if action not in ACTIONS:
            raise refused(RefusalReason.UNKNOWN_ACTION, f"no action is called `{action}`")
        return ACTIONS[action].request(json.loads(input))
