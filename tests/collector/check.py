"""Reads what the collector printed of each span, and checks it: `check.py FILE CANARY…`."""

import re
import sys

ROOMS = ["registry", "schema", "sandbox", "route", "policy", "audit-open", "egress", "shape", "audit-close"]


def spans(text):
    """One dictionary a span: its lines `Name : value`."""
    for block in re.split(r"^Span #\d+$", text, flags=re.M)[1:]:
        pairs = re.findall(r"^ {4}(\w[\w ]*?) *: (.*)$|^ {4}(\w[\w ]*?) *:$", block, flags=re.M)
        yield {name or empty: value.strip() for name, value, empty in pairs}


def main(path, *canaries):
    text = open(path, encoding="utf-8", errors="replace").read()
    found = list(spans(text))
    traces = {}
    for span in found:
        traces.setdefault(span["Trace ID"], []).append(span)
    roots = [span for span in found if not span.get("Parent ID")]
    mine = [span for span in roots if span["Name"] == "call mistral/list-models"]
    assert len(mine) == 1, f"expected one trace of the call, not {len(mine)}"
    assert len(roots) == len(traces) == 5, f"five calls, {len(roots)} roots, {len(traces)} traces"
    children = [span for span in traces[mine[0]["Trace ID"]] if span is not mine[0]]
    assert all(span["Parent ID"] == mine[0]["ID"] for span in children), children
    names = [span["Name"] for span in children]
    assert sorted(names) == sorted(ROOMS), names
    for word in ["a call ended", "portcullis.calls", "portcullis.room.duration"]:
        assert word in text, f"`{word}` did not arrive"
    for canary in canaries:
        assert canary not in text, f"{canary.rsplit('-', 2)[0]} arrived"
    print("one trace, and in it:", ", ".join(names))


main(*sys.argv[1:])
