"""Cuts long waits for an approval short: nobody approves while schemathesis runs, and a minute each is too long.

Only valid waits are cut, so what is sent to be refused stays as it is.
"""

import schemathesis

LONGEST_MS = 60_000
LONG_ENOUGH_MS = 50


def cut(fields):
    """Shortens a valid `waitMs` among the fields of a query or a body."""
    wait = fields.get("waitMs") if isinstance(fields, dict) else None
    if isinstance(wait, bool) or not isinstance(wait, (int, float, str)):
        return
    try:
        long = LONG_ENOUGH_MS < float(wait) <= LONGEST_MS
    except ValueError:
        return
    if long and float(wait).is_integer():
        fields["waitMs"] = type(wait)(LONG_ENOUGH_MS)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Runs before each request."""
    cut(case.query)
    cut(case.body)
