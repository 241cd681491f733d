"""How fast rows become tokens and labels, against TRL's own preparation of the same rows in the same run.

The rows are the instructions of sample_data/alpaca.json, made different from each other. Ours are encoded by the
encoder worker, its process start included; TRL's time is that of its trainer's start with all rows less that with
eight. Both train on the assistant's turns. Prints one JSON line a template; `ratio` above 1 means Workbench is faster.
`cpu_ratio` is that of the processors' time, all cores together: on a machine that does other things too, look at it.
`cached_seconds` is ours once more, with the answers kept from the time before. Templates that begin with a BOS are
none for the starter, which has none.
    python -m tests.bench.encode_speed [--rows 10000] [--templates qwen2_5 qwen3]
"""

import argparse
import json
import os
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from tests.small import make_model, trl_template
from workbench.template.encoder import IGNORED

ROOT = Path(__file__).parents[2]


def alpaca(count: int) -> list[dict[str, Any]]:
    """So many chats of one turn."""
    rows = json.loads((ROOT / "sample_data" / "alpaca.json").read_text(encoding="utf-8"))
    chats = []
    for number in range(count):
        row = rows[number % len(rows)]
        asked = f"{row['instruction']} {row['input']} ({number})"
        chats.append(
            {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": row["output"]}]}
        )
    return chats


def with_template(folder: Path, name: str) -> Path:
    """The starter's tokenizer with another template, and a tiny model of its size."""
    from transformers import AutoTokenizer

    from workbench.models.find import Need, find_model

    starter = find_model("starter", Need.TOKENIZER, print)
    tokenizer = AutoTokenizer.from_pretrained(starter.tokenizer_folder)
    tokenizer.chat_template = trl_template(name)
    tokenizer.save_pretrained(folder)
    return make_model(folder)


def now() -> tuple[float, float]:
    """The time, and how much of the processors' time this process and its ended children took; in seconds."""
    times = os.times()
    return time.monotonic(), sum(times[:4])


def since(began: tuple[float, float]) -> tuple[float, float]:
    """How much of both has passed."""
    ended = now()
    return ended[0] - began[0], ended[1] - began[1]


def ours(folder: Path, rows: list[dict[str, Any]]) -> tuple[float, float, int]:
    """Seconds, seconds of processors, and how many tokens are trained."""
    from workbench.template.client import EncoderWorker
    from workbench.template.spec import EncoderSpec

    began = now()
    with EncoderWorker(folder, EncoderSpec()) as worker:
        trained = sum(label != IGNORED for answer in worker.encode(rows) for label in answer["labels"])
    return *since(began), trained


def cached(folder: Path, rows: list[dict[str, Any]], work: Path) -> float:
    """Seconds for a file whose answers were kept."""
    from workbench.data.examples import examples
    from workbench.data.rows import open_rows
    from workbench.template.cache import EncodedCache
    from workbench.template.client import EncoderWorker
    from workbench.template.spec import EncoderSpec
    from workbench.workspace import Workspace

    file = work / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    began = 0.0
    for _ in range(2):
        began = time.monotonic()
        found = examples(open_rows(file))
        with EncoderWorker(folder, EncoderSpec()) as worker:
            encode = partial(worker.encode, found)
            count = sum(1 for _ in EncodedCache(Workspace(work), print).answers(worker, found, encode))
        assert count == len(rows)
    return time.monotonic() - began


def trl(folder: Path, rows: list[dict[str, Any]], out: Path) -> tuple[float, float, int]:
    """Seconds, seconds of processors, and how many tokens are trained."""
    from datasets import Dataset, disable_caching, disable_progress_bars
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    disable_caching()
    disable_progress_bars()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    config = SFTConfig(
        output_dir=str(out), assistant_only_loss=True, max_length=1024, use_cpu=True, bf16=False, report_to="none"
    )

    def prepare(part: list[dict[str, Any]]) -> tuple[float, float, int]:
        data = Dataset.from_list(part)
        began = now()
        trainer = SFTTrainer(model=model, args=config, train_dataset=data, processing_class=tokenizer)
        passed = since(began)
        labels = next(name for name in ("labels", "assistant_masks") if name in trainer.train_dataset.column_names)
        return *passed, sum(value not in (0, IGNORED) for row in trainer.train_dataset[labels] for value in row)

    start, start_cpu, _ = prepare(rows[:8])
    seconds, cpu, trained = prepare(rows)
    return seconds - start, cpu - start_cpu, trained


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--templates", nargs="+", default=["qwen2_5", "qwen3"])
    asked = parser.parse_args()
    rows = alpaca(asked.rows)
    for name in asked.templates:
        with tempfile.TemporaryDirectory() as work:
            folder = with_template(Path(work) / name, name)
            seconds, cpu, trained = ours(folder, rows)
            again = cached(folder, rows, Path(work))
            peer, peer_cpu, theirs = trl(folder, rows, Path(work) / "out")
        if trained != theirs:
            raise SystemExit(f"{name}: {trained} tokens are trained here, {theirs} by TRL")
        figures = {"template": name, "rows": len(rows), "seconds": round(seconds, 2), "trl_seconds": round(peer, 2)}
        ratios = {"ratio": round(peer / seconds, 2), "cpu_ratio": round(peer_cpu / cpu, 2)}
        print(json.dumps({**figures, "trained": trained, **ratios, "cached_seconds": round(again, 2)}))


if __name__ == "__main__":
    main()
