"""The client of the encoder worker: it feeds the worker rows, and kills it when a row takes too long."""

import json
import os
import select
import time
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.children import Child
from workbench.data.lane import Lane
from workbench.errors import Interrupted, Missing, WorkbenchError, WrongUse
from workbench.settings import Settings
from workbench.template.packed import unpacked
from workbench.template.probes import Probed
from workbench.template.spec import EncoderSpec

_ROWS_A_REQUEST = 64
_START_SECONDS = 120.0
_BYTES_A_SECOND = 100_000
"""A long row may take longer: tokenising a megabyte takes seconds, and is no fault of the template."""
_BATCH_SECONDS = 1.0
"""How much longer a row may take that waits for others: batch.py answers a batch after a quarter of that."""
_MOST_THREADS = 8  # the stacks of more would use up the worker's address space
_ERRORS = {kind.exit_code: kind for kind in (WorkbenchError, WrongUse, Missing, Interrupted)}

Answer = dict[str, Any]


class EncoderWorker:
    """One encoder worker process with an open tokenizer. Use as a context manager.

    Attributes: `folder` (of the tokenizer), `spec`, `template` (its source, or None), `template_hash` (SHA-256),
    `stop_tokens`, `new_tokens` (that were added to the tokenizer), `eos_token`.
    """

    def __init__(self, folder: Path, spec: EncoderSpec, settings: Settings | None = None) -> None:
        self.folder = folder
        self.spec = spec
        self._settings = settings or Settings()
        self._sending = Lane()
        self._start()

    def __enter__(self) -> "EncoderWorker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._sending.close()
        self._child.close()

    def encode(self, rows: Iterable[Answer]) -> Iterator[Answer]:
        """Yield for each row {"input_ids", "labels", "problems", "warnings", "cut"} or {"error", "fix"}.

        Of a pair the first two are "prompt_ids", "chosen_ids", "rejected_ids".
        """
        return self._each({"do": "encode"}, rows)

    def prompts(self, rows: Iterable[Answer], *, raw: bool = False) -> Iterator[Answer]:
        """Yield for each {"prompt", "tools"?} the {"text", "input_ids"} that an answer would follow, or {"error"}."""
        return self._each({"do": "prompts", "raw": raw}, rows)

    def look(self, row: Answer, *, generation_prompt: bool = False) -> Answer:
        """Return the row as the lens shows it (see workbench.template.lens.look). Raises what went wrong."""
        self._ready().send({"do": "look", "row": row, "generation_prompt": generation_prompt})
        return raise_error(self._receive(self._seconds(row)))

    def probe(self) -> tuple[list[Probed], str]:
        """Return what the template does to chats in general, and the way in which answers are found."""
        self._ready().send({"do": "probe"})
        answer = raise_error(self._receive(self._settings.render_seconds))
        return [Probed(**found) for found in answer["found"]], answer["way"]

    def _start(self) -> None:
        self._child = Child(
            "workbench.template.worker", str(self._settings.render_memory_gib),
            HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="error", OPENBLAS_NUM_THREADS="1",
            TOKENIZERS_PARALLELISM="true", **_few_threads(),
        )  # fmt: skip
        self._unread = bytearray()
        self._opened = False
        for request, seconds in (
            ({"do": "open", "folder": str(self.folder)}, _START_SECONDS),
            ({"do": "prepare", "spec": self.spec.model_dump()}, self._settings.render_seconds),
        ):
            self._child.send(request)
            opened = self._receive(seconds)
            if "error" in opened:
                self.close()
            raise_error(opened)
        self.template: str | None = opened["template"]
        self.template_hash: str = opened["template_hash"]
        self.stop_tokens: list[str] = opened["stop_tokens"]
        self.new_tokens: list[str] = opened["new_tokens"]
        self.eos_token: str | None = opened["eos_token"]
        self._opened = True

    def _each(self, request: Answer, rows: Iterable[Answer]) -> Iterator[Answer]:
        """Keep the worker busy with the next rows while an answer is read.

        When it dies, those that it still had are asked again, alone; who kills it alone is answered with its error.
        """
        coming, waiting = iter(rows), deque[Answer]()
        alone = 0  # how many of those that wait, the first ones, were asked alone
        try:
            while True:
                more = list(islice(coming, _ROWS_A_REQUEST)) if len(waiting) < _ROWS_A_REQUEST else []
                self._ask({**request, "alone": False}, more)
                waiting += more
                if not waiting:
                    return
                is_suspect = alone > 0 or len(waiting) == 1
                answer = self._receive(self._seconds(waiting[0]), 0 if is_suspect else _BATCH_SECONDS)
                is_dead = "dead" in answer
                if is_suspect or not is_dead:
                    waiting.popleft()
                    alone = max(0, alone - 1)
                    yield answer
                if is_dead:
                    alone = len(waiting)
                    self._ask({**request, "alone": True}, list(waiting))
        finally:
            if waiting:  # given up half-way: what is still to come would answer the next request
                self._end()

    def _ask(self, request: Answer, rows: list[Answer]) -> None:
        """Send rows without waiting for it: the worker may be writing answers that nobody has read yet."""
        if rows:
            self._sending.submit(self._ready().send, {**request, "rows": rows})

    def _seconds(self, row: Answer) -> float:
        return self._settings.render_seconds + len(str(row)) / _BYTES_A_SECOND

    def _receive(self, seconds: float, patience: float = 0) -> Answer:
        """Return the next answer; when none comes in time and patience, or the worker died, end it and say so."""
        stdout, searched = self._child.stdout, 0
        deadline = time.monotonic() + seconds + patience
        while (end := self._unread.find(b"\n", searched)) < 0:
            searched, left = len(self._unread), deadline - time.monotonic()
            if left <= 0 or not select.select([stdout], [], [], left)[0]:
                return self._died(f"the chat template did not end within {seconds:.2g} s")
            chunk = os.read(stdout.fileno(), 1 << 20)
            if not chunk:
                return self._died(f"the encoder worker died: {self._child.last_words()}")
            self._unread += chunk
        line = self._unread[:end]
        del self._unread[: end + 1]
        return unpacked(json.loads(line))

    def _died(self, what: str) -> Answer:
        if not self._opened:
            self.close()
            raise WorkbenchError(what, "name another template or model; --debug tells more")
        self._end()
        return {"error": what, "fix": "name another template", "exit_code": 1, "dead": True}

    def _end(self) -> None:
        """End the process; the next request starts another, so that nobody waits for that to hear of the end."""
        self._child.close()
        self._opened = False

    def _ready(self) -> Child:
        """The process, started again where it was ended."""
        if not self._opened:
            self._start()
        return self._child


def _few_threads() -> dict[str, str]:
    """By itself it takes one a core that the machine, or a container, leaves to it."""
    return {"RAYON_NUM_THREADS": str(_MOST_THREADS)} if (os.cpu_count() or 1) > _MOST_THREADS else {}


def raise_error(answer: Answer) -> Answer:
    """Return the answer, or raise the error that it carries."""
    if "error" in answer:
        raise _ERRORS[answer["exit_code"]](answer["error"], answer.get("fix", ""))
    return answer
