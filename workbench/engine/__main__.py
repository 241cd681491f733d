"""The engine: `python -m workbench.engine`. It holds loaded models and answers prompts; JSON lines in and out.

Requests: {"id", "do": "load", "columns": [...], "dtype", "device"}, {"id", "do": "answer", "prompts":
{column: [[ids]]}, "sampling": {...}}. `answer` sends a line for each answer; each request ends with {"done": true}.
"""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from workbench.errors import WorkbenchError


class Engine:
    """Holds what `load` loaded."""

    def __init__(self) -> None:
        self._loaded: list[Any] = []

    def load(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Load the models of the columns, in place of those held before."""
        from workbench.compare.side_by_side import load
        from workbench.models.load import compute_dtype

        self._loaded = []
        dtype = compute_dtype(request["dtype"], request["device"])
        self._loaded = load(request["columns"], dtype=dtype, device=request["device"])
        yield {"done": True, "dtype": dtype}

    def answer(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Answer every prompt in every column."""
        from workbench.models.generate import Sampling

        sampling = Sampling(**request["sampling"])
        for loaded in self._loaded:
            for row, column, answer in loaded.answer(request["prompts"], sampling):
                yield {
                    "row": row,
                    "column": column,
                    "text": answer.text,
                    "tokens": answer.tokens,
                    "finish": answer.finish,
                }
        yield {"done": True}


def main() -> None:
    """Serve requests from stdin until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries print; what they print is not an answer
    engine = Engine()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            for answer in getattr(engine, request["do"])(request):
                _send(answers, request, answer)
        except WorkbenchError as error:
            _send(answers, request, {"error": error.what, "fix": error.fix, "exit_code": error.exit_code})
        except Exception as error:  # the engine outlives a request that failed
            first = (str(error).strip().splitlines() or ["no message"])[0]
            _send(answers, request, {"error": f"{type(error).__name__}: {first}", "fix": "", "exit_code": 1})


def _send(answers: Any, request: dict[str, Any], answer: dict[str, Any]) -> None:
    answers.write(json.dumps({"id": request["id"], **answer}) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
