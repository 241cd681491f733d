"""The encoder worker: `python -m workbench.template.worker`. JSON lines in, JSON lines out, no torch.

A chat template is a program from outside, and the sandbox it runs in limits neither time nor memory. So it runs
here: the address space is limited from within, the time by the client, which kills this process.
Requests: {"do": "open" | "prepare" | "encode" | "look" | "prompts" | "probe", ...}. `encode` and `prompts` answer with
one line for each row, in order. `encode` takes several rows at once unless it is asked to go "alone": then the client
knows which row an unanswered request died on.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import IO, Any

from workbench.children import begin_imports, end_imports
from workbench.errors import WorkbenchError

_WATCH_SECONDS = 1.0
_TUPLES = 20_000  # offsets are a tuple a token, and in no cycle


def main() -> None:
    """Serve requests from stdin until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    _limit_memory(float(sys.argv[1]))
    begin_imports()
    sys.modules["torch"] = None  # type: ignore[assignment]  # blocks the import: 0.9 s instead of 2.9
    serve(sys.stdin.buffer, answers)


def serve(requests: IO[bytes], answers: IO[str]) -> None:
    """Answer each line of `requests`; errors travel as {"error", "fix", "exit_code"}."""
    desk = _Desk()
    for line in requests:
        for together in desk.answers(json.loads(line)):
            answers.write("".join(json.dumps(answer) + "\n" for answer in together))
            answers.flush()


class _Desk:
    """Holds the tokenizer that `open` loaded, and the encoder that `prepare` made of it."""

    opened: tuple[Any, set[int]]
    encoder: Any = None

    def answers(self, request: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
        """Yield the answers to one request, together those that are known together."""
        if request["do"] == "encode" and not request["alone"]:
            yield from self.encode(request["rows"])
        elif request["do"] == "encode":
            for row in request["rows"]:
                yield from self.encode([row])
        elif request["do"] == "prompts":
            for row in request["rows"]:
                yield [_guarded(self.prompt, {**request, "row": row})]
        else:
            yield [_guarded(getattr(self, request["do"]), request)]

    def open(self, request: dict[str, Any]) -> dict[str, Any]:
        """Load the tokenizer of a folder, and what templates need. This takes its time, and no template runs in it."""
        import transformers.utils.chat_template_utils  # noqa: F401

        from workbench.template.encoder import open_tokenizer

        self.opened = open_tokenizer(Path(request["folder"]))
        return {}

    def prepare(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make the encoder."""
        import gc
        import hashlib

        from workbench.template.encoder import make_encoder
        from workbench.template.spec import EncoderSpec

        self.encoder = make_encoder(*self.opened, EncoderSpec(**request["spec"]))
        end_imports()  # looking through what the libraries hold again and again takes a tenth of the time
        gc.set_threshold(_TUPLES)
        template, tokenizer = self.encoder.template, self.encoder.tokenizer
        sources = [each for each in (template, self.encoder.tools_template) if each is not None]
        return {
            "template": template,
            "template_hash": hashlib.sha256("\0".join(sources).encode()).hexdigest(),
            "stop_tokens": tokenizer.convert_ids_to_tokens(sorted(self.encoder.stop_ids)),
            "new_tokens": self.encoder.prepared.added,
            "eos_token": tokenizer.eos_token,
        }

    def probe(self, _: dict[str, Any]) -> dict[str, Any]:
        """Return what the template does to chats in general."""
        from dataclasses import asdict

        from workbench.template.probes import probe, way_of

        return {"found": list(map(asdict, probe(self.encoder))), "way": way_of(self.encoder.template)}

    def encode(self, rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
        """Yield the tokens of rows, batch by batch."""
        from workbench.template.batch import encode_together
        from workbench.template.packed import packed

        for batch in encode_together(self.encoder, rows):
            yield [_refusal(tokens) if isinstance(tokens, Exception) else packed(tokens) for tokens in batch]

    def look(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return one row as the lens shows it."""
        from workbench.template.lens import look

        return look(self.encoder, request["row"], generation_prompt=request["generation_prompt"])

    def prompt(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the text and ids that an answer would follow."""
        from workbench.template.rendering import as_chat

        row = request["row"]
        is_chat = not request["raw"] and self.encoder.template is not None
        prompt = as_chat(row) if is_chat and row.get("parts") else row["prompt"]
        text, ids = self.encoder.prompt(prompt, row.get("tools"), raw=request["raw"])
        return {"text": text, "input_ids": ids}


def _guarded(work: Any, request: dict[str, Any]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = work(request)
    except Exception as error:  # an odd row costs its answer, not the worker
        return _refusal(error)
    return answer


def _refusal(error: Exception) -> dict[str, Any]:
    if isinstance(error, WorkbenchError):
        return {"error": error.what, "fix": error.fix, "exit_code": error.exit_code}
    if isinstance(error, (MemoryError, RecursionError)):
        kind = "memory" if isinstance(error, MemoryError) else "nesting"
        return {"error": f"the chat template needs too much {kind}", "fix": "name another template", "exit_code": 1}
    what = f"it cannot be encoded: {type(error).__name__}: {str(error)[:300]}"
    return {"error": what, "fix": "change the row, or name another template", "exit_code": 1}


def _end_with(client: int) -> None:
    """End this process with its client's, whatever a template is doing: nobody is left to kill it."""
    while os.getppid() == client:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)


def _limit_memory(gib: float) -> None:
    try:
        import resource
    except ImportError:  # no such limit on this system
        return
    limit = int(gib * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
