"""The check as a process of its own, so that it takes no time from the app: `python -m workbench.data.check`.

Reads one request, {"file", "map", "validation"}, from standard input; writes what is known as JSON lines, the last
one complete.
"""

import json
import os
import sys
from dataclasses import asdict
from time import monotonic

from workbench.data.check.run import Checked, check, rows_held_out
from workbench.data.rows import locate, open_rows
from workbench.errors import WorkbenchError
from workbench.strict_json import dumps

_TELL_EVERY = 0.5  # seconds
_FEW = 200_000  # rows in which near copies are looked for: that takes half a minute
_NICE = 10
"""What a person does, and a run that trains, come first."""


def main() -> None:
    """Answer the request; an error that a person can mend is told as {"error", "fix"}."""
    os.nice(_NICE)
    request = json.loads(sys.stdin.readline())
    told = monotonic()
    try:
        path = locate(request["file"], lambda _: None)
        rows = open_rows(path)
        others = rows_held_out(path, request["validation"], lambda _: None)
        for checked in check(rows, request["map"], held_out=others, near=len(rows) <= _FEW):
            if checked.is_done or monotonic() - told > _TELL_EVERY:
                told = monotonic()
                _tell(checked)
    except WorkbenchError as error:
        print(dumps({"error": error.what, "fix": error.fix}), flush=True)


def _tell(checked: Checked) -> None:
    print(dumps({"rows": checked.rows, "is_done": checked.is_done, "problems": list(map(asdict, checked.problems))}),
          flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
