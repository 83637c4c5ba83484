"""Unit tests, run by `python3 -m unittest`: the plugin is two plain functions. Whole cases are in `cases/`, run by
`portcullis test` on the component itself.
"""

import json
import tomllib
import unittest

from tests import ROOT

from app import Contract
from componentize_py_types import Err
from request import Route
from wit_world.exports.contract import Method, Refusal, RefusalReason

PLUGIN = Contract()


class Plugin(unittest.TestCase):
    """What it declares and describes."""

    def refusal(self, action: str, given: object) -> Refusal:
        """The plugin's no."""
        with self.assertRaises(Err) as raised:
            PLUGIN.describe(action, json.dumps(given))
        return raised.exception.value

    def test_every_example_is_described_as_it_says(self) -> None:
        examples = [(action.slug, example) for action in PLUGIN.declare().actions for example in action.examples]
        self.assertTrue(examples)
        for slug, example in examples:
            with self.subTest(example.title):
                self.assertEqual(PLUGIN.describe(slug, example.input), example.expected)

    def test_a_blank_title_is_refused_at_its_place(self) -> None:
        refusal = self.refusal("add-note", {"notebook": "work", "title": " "})
        self.assertEqual((refusal.reason, refusal.pointer), (RefusalReason.INVALID_INPUT, "/title"))

    def test_what_has_no_place_in_the_request_is_refused_and_never_dropped(self) -> None:
        refusal = self.refusal("find-notes", {"notebook": "work", "order/by": "age"})
        self.assertEqual((refusal.reason, refusal.pointer), (RefusalReason.INVALID_INPUT, "/order~1by"))

    def test_a_list_goes_into_the_last_part_of_a_path(self) -> None:
        route = Route(Method.GET, "/v1/files/{file+}")
        self.assertEqual(route.request({"file": ["a", "b c"]}).path, ["v1", "files", "a", "b c"])
        for given in ({"file": "a"}, {}):
            with self.assertRaises(Err):
                route.request(given)

    def test_an_action_that_is_not_there_is_refused(self) -> None:
        self.assertEqual(self.refusal("delete-note", {}).reason, RefusalReason.UNKNOWN_ACTION)

    def test_the_version_is_that_of_the_project(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        self.assertEqual(PLUGIN.declare().version, project["version"])
