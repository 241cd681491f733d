"""The encoder worker: `python -m workbench.template.worker`. JSON lines in, JSON lines out, no torch.

A chat template is a program from outside, and the sandbox it runs in limits neither time nor memory. So it runs
here: the address space is limited from within, the time by the client, which kills this process.
Requests: {"do": "open" | "prepare" | "encode" | "look" | "prompts" | "probe", ...}. `encode` and `prompts` answer with
one line for each row, in order, so the client knows which row an unanswered request died on.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from workbench.errors import WorkbenchError


def main() -> None:
    """Serve requests from stdin until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _limit_memory(float(sys.argv[1]))
    sys.modules["torch"] = None  # type: ignore[assignment]  # blocks the import: 0.9 s instead of 2.9
    serve(sys.stdin.buffer, answers)


def serve(requests: IO[bytes], answers: IO[str]) -> None:
    """Answer each line of `requests`; errors travel as {"error", "fix", "exit_code"}."""
    desk = _Desk()
    for line in requests:
        for answer in desk.answers(json.loads(line)):
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


class _Desk:
    """Holds the tokenizer that `open` loaded, and the encoder that `prepare` made of it."""

    opened: tuple[Any, set[int]]
    encoder: Any = None

    def answers(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the answers to one request."""
        if request["do"] in ("encode", "prompts"):
            one = self.encode if request["do"] == "encode" else self.prompt
            for row in request["rows"]:
                yield _guarded(one, {**request, "row": row})
        else:
            yield _guarded(getattr(self, request["do"]), request)

    def open(self, request: dict[str, Any]) -> dict[str, Any]:
        """Load the tokenizer of a folder, and what templates need. This takes its time, and no template runs in it."""
        import transformers.utils.chat_template_utils  # noqa: F401

        from workbench.template.encoder import open_tokenizer

        self.opened = open_tokenizer(Path(request["folder"]))
        return {}

    def prepare(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make the encoder."""
        import hashlib

        from workbench.template.encoder import make_encoder
        from workbench.template.spec import EncoderSpec

        self.encoder = make_encoder(*self.opened, EncoderSpec(**request["spec"]))
        template, tokenizer = self.encoder.template, self.encoder.tokenizer
        return {
            "template": template,
            "template_hash": hashlib.sha256((template or "").encode()).hexdigest(),
            "stop_tokens": tokenizer.convert_ids_to_tokens(sorted(self.encoder.stop_ids)),
            "new_tokens": self.encoder.prepared.added,
            "eos_token": tokenizer.eos_token,
        }

    def probe(self, _: dict[str, Any]) -> dict[str, Any]:
        """Return what the template does to chats in general."""
        from dataclasses import asdict

        from workbench.template.probes import probe, way_of

        return {"found": list(map(asdict, probe(self.encoder))), "way": way_of(self.encoder.template)}

    def encode(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return one row's tokens, or a pair's."""
        from dataclasses import asdict

        from workbench.template.pairs import encode_pair, is_pair

        if is_pair(request["row"]):
            return asdict(encode_pair(self.encoder, request["row"]))
        tokens = self.encoder.encode(request["row"])
        return {
            "input_ids": tokens.input_ids,
            "labels": tokens.labels,
            "problems": tokens.problems,
            "warnings": tokens.warnings,
            "cut": tokens.cut,
        }

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
    except WorkbenchError as error:
        return {"error": error.what, "fix": error.fix, "exit_code": error.exit_code}
    except (MemoryError, RecursionError) as error:
        kind = "memory" if isinstance(error, MemoryError) else "nesting"
        return {"error": f"the chat template needs too much {kind}", "fix": "name another template", "exit_code": 1}
    except Exception as error:  # an odd row costs its answer, not the worker
        what = f"it cannot be encoded: {type(error).__name__}: {str(error)[:300]}"
        return {"error": what, "fix": "change the row, or name another template", "exit_code": 1}
    return answer


def _limit_memory(gib: float) -> None:
    try:
        import resource
    except ImportError:  # no such limit on this system
        return
    limit = int(gib * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
