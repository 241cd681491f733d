"""The engine: `python -m workbench.engine`. It holds loaded models and answers prompts; JSON lines in and out.

Requests: {"id", "do": "load", "columns": [...], "dtype", "device"}, {"id", "do": "answer", "prompts":
{column: [[ids]]}, "sampling": {...}, "stream": bool}. `answer` sends a line for each answer, and with `stream` lines
{"row", "column", "delta"} before it. {"id", "do": "score", "column", "rows": [[ids]], "label"} sends {"scored": rows so
far} and, last, {"scores"}. Each request ends with {"done": true}. Two are heeded whatever is under way:
{"id", "do": "cancel"} ends the rows of that request, and of those before it, with what they have; {"do": "end"} ends
the process, and so does the end of stdin.
"""

import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import IO, Any

from workbench.children import begin_imports, end_imports
from workbench.errors import WorkbenchError

Send = Callable[[dict[str, Any]], None]


class Engine:
    """Holds what `load` loaded."""

    def __init__(self) -> None:
        self._loaded: list[Any] = []
        self.cancelled = 0
        """Requests up to this number are cancelled."""

    def load(self, request: dict[str, Any], send: Send) -> None:
        """Load the models of the columns, in place of those held before."""
        from workbench.models.load import compute_dtype
        from workbench.models.side_by_side import load

        self._loaded = []
        dtype = compute_dtype(request["dtype"], request["device"])
        self._loaded = load(request["columns"], dtype=dtype, device=request["device"])
        end_imports()
        send({"done": True, "dtype": dtype})

    def answer(self, request: dict[str, Any], send: Send) -> None:
        """Answer every prompt in every column."""
        from workbench.models.generate import Sampling

        def tell(row: int, column: str, text: str) -> None:
            send({"row": row, "column": column, "delta": text})

        def is_cancelled() -> bool:
            return bool(request["id"] <= self.cancelled)

        sampling, asked = Sampling(**request["sampling"]), request["prompts"]
        heard = tell if request.get("stream") else None
        for loaded in self._loaded:
            for row, column, answer in loaded.answer(asked, sampling, heard, is_cancelled):
                said = {"text": answer.text, "tokens": answer.tokens, "finish": answer.finish}
                send({"row": row, "column": column, **said, "seconds": round(answer.seconds, 3)})
        send({"done": True})

    def score(self, request: dict[str, Any], send: Send) -> None:
        """Score rows of token ids with a reward model, in place of the models held before."""
        from workbench.models.load import compute_dtype
        from workbench.models.score import load_scorer
        from workbench.models.side_by_side import folder_of

        self._loaded = []
        dtype = compute_dtype(request["dtype"], request["device"])
        found = folder_of(request["column"])
        held = request["column"]["quantise"]
        scorer = load_scorer(found, dtype=dtype, device=request["device"], quantise=held, label=request["label"])
        end_imports()
        send({"scores": scorer.score(request["rows"], lambda done: send({"scored": done}))})
        send({"done": True})


def main() -> None:
    """Serve requests from stdin until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # libraries print; what they print is not an answer
    begin_imports()
    engine = Engine()
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, requests, engine), daemon=True).start()
    while True:
        _serve(engine, requests.get(), answers)


def _read(lines: IO[bytes], requests: "queue.Queue[dict[str, Any]]", engine: Engine) -> None:
    """Read requests as they come; what is under way hears of a cancel, and does not outlive who asked for it."""
    for line in lines:
        try:
            request = json.loads(line)
        except ValueError:  # the end of a client that was killed while it wrote
            continue
        if request["do"] == "end":
            break
        if request["do"] == "cancel":
            engine.cancelled = request["id"]
        else:
            requests.put(request)
    os._exit(0)


def _serve(engine: Engine, request: dict[str, Any], answers: IO[str]) -> None:
    def send(answer: dict[str, Any]) -> None:
        answers.write(json.dumps({"id": request["id"], **answer}) + "\n")
        answers.flush()

    try:
        getattr(engine, request["do"])(request, send)
    except WorkbenchError as error:
        send({"error": error.what, "fix": error.fix, "exit_code": error.exit_code})
    except BrokenPipeError:
        os._exit(0)
    except Exception as error:  # the engine outlives a request that failed
        first = (str(error).strip().splitlines() or ["no message"])[0]
        send({"error": f"{type(error).__name__}: {first}", "fix": "", "exit_code": 1})


if __name__ == "__main__":
    main()
