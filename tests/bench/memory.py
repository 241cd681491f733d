"""Predicted against measured memory over a grid of shapes with random weights, in the trainer of a run.

On a GPU models of 0.1 to 8 B parameters, and what the verdicts at 16, 24, 48 and 80 GiB were worth, with the
allocator held to that much; without one the same code over tiny shapes. Prints one JSON line with mean and worst
error; --markdown writes the table of the README. It stops by itself after --minutes.

    python -m tests.bench.memory [--minutes 9] [--markdown FILE]
"""

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any

from tests.bench.memory_run import Case, Taken, built, taken
from workbench.lora.fit import Plan, reckon
from workbench.lora.memory import Estimate
from workbench.lora.parts import GIB, Load
from workbench.lora.spec import FullTuning, LoraTuning, Tuning

CARDS = (16, 24, 48, 80)
_NEAR = 0.5
"""Of a card's size: farther away the answer is plain, and is not tried."""
_LLAMA = {"model_type": "llama", "max_position_embeddings": 8192}
_QWEN = {"model_type": "qwen3", "max_position_embeddings": 8192, "head_dim": 128}
LARGE: dict[str, dict[str, Any]] = {
    "llama 0.1B": {**_LLAMA, "hidden_size": 768, "intermediate_size": 2048, "num_hidden_layers": 12,
                   "num_attention_heads": 12, "num_key_value_heads": 4, "vocab_size": 32_000},
    "qwen3 0.6B": {**_QWEN, "hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 28,
                   "num_attention_heads": 16, "num_key_value_heads": 8, "vocab_size": 151_936,
                   "tie_word_embeddings": True},
    "llama 1B": {**_LLAMA, "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16,
                 "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128_256,
                 "tie_word_embeddings": True},
    "qwen3 4B": {**_QWEN, "hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36,
                 "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 151_936,
                 "tie_word_embeddings": True},
    "llama 8B": {**_LLAMA, "hidden_size": 4096, "intermediate_size": 14_336, "num_hidden_layers": 32,
                 "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128_256},
}  # fmt: skip
SMALL: dict[str, dict[str, Any]] = {
    "llama tiny": {**_LLAMA, "hidden_size": 256, "intermediate_size": 688, "num_hidden_layers": 6,
                   "num_attention_heads": 8, "num_key_value_heads": 4, "vocab_size": 32_768},
    "qwen3 tiny": {**_QWEN, "hidden_size": 256, "intermediate_size": 768, "num_hidden_layers": 6,
                   "num_attention_heads": 8, "num_key_value_heads": 2, "head_dim": 32, "vocab_size": 32_768,
                   "tie_word_embeddings": True},
}  # fmt: skip
TUNINGS: tuple[Tuning, ...] = (LoraTuning(rank=16), LoraTuning(rank=16, quantise="nf4"), FullTuning())
SIZES = ((1, 512), (8, 512), (2, 2048), (8, 2048), (1, 8192), (4, 8192))
"""Rows at once, and tokens of each."""
_FULL_UP_TO = 5e9
"""Parameters that are trained whole at 16 bytes each within an H200."""


@dataclass
class Found:
    """Everything that was measured."""

    errors: dict[str, dict[str, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    """By the kind of figure, then by model and tuning: predicted / measured - 1."""
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0
    """Cases for which no time was left, or no room on the device itself."""


def main() -> None:
    """Print a line for each case, then the JSON line."""
    import torch

    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=9.0, help="Begin no case after these.")
    parser.add_argument("--markdown", type=Path, help="Write the table here.")
    asked = parser.parse_args()
    on_gpu = torch.cuda.is_available()
    until = time.monotonic() + 60 * asked.minutes
    found = Found()
    for name, sizes in (LARGE if on_gpu else SMALL).items():
        _measure_model(name, sizes, found, until, on_gpu=on_gpu)
    device = torch.cuda.get_device_name() if on_gpu else "cpu"
    if asked.markdown:
        asked.markdown.write_text(table(found, device), encoding="utf-8")
    print(json.dumps({"bench": "memory", "device": device, **summary(found)}))


def _measure_model(name: str, sizes: dict[str, Any], found: Found, until: float, *, on_gpu: bool) -> None:
    """Every case of one model; it is made once for each tuning."""
    from transformers import AutoConfig

    from workbench.lora.shapes import read_shapes

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps(sizes))
        shapes, config = read_shapes(Path(folder)), AutoConfig.from_pretrained(folder)
    device = "cuda" if on_gpu else "cpu"
    for tuning in TUNINGS:
        if isinstance(tuning, FullTuning) and shapes.size > _FULL_UP_TO:
            continue
        model, held = None, 0.0
        for load in _loads(on_gpu=on_gpu):
            if time.monotonic() > until:
                found.left_out += 1
                continue
            _, said = reckon(shapes, Plan(tuning, load, load.micro_batch))
            if on_gpu and said.low > _capacity() + held:
                found.left_out += 1
                continue
            if model is None:
                model = built(config, tuning, load.dtype, device)
                held = said.part("weights")
            _measure(Case(name, tuning, load), model, said, found)


def _loads(*, on_gpu: bool) -> Iterator[Load]:
    """What is asked of the device: with checkpointing last, for what it changes in a model stays."""
    for again in (False, True):
        if not on_gpu:
            yield Load("float32", 2, 256, again, "cpu")
            continue
        for rows, length in SIZES:
            yield Load("bfloat16", rows, length, again, "cuda")


def _measure(case: Case, model: Any, said: Estimate, found: Found) -> None:
    """Note the errors of one case, and what the verdicts on cards of about its size were worth."""
    room = _capacity() if case.load.device == "cuda" else None
    took = taken(case, model)
    if took is None:
        found.left_out += 1
        print(f"{case!s:40} no room on the device itself, {said.expected / GIB:.1f} GiB predicted", file=sys.stderr)
        return
    _note(case, said, took, found)
    for card in CARDS if room else ():
        if abs(said.expected / GIB / card - 1) < _NEAR and card * GIB < room:
            ran = _runs_on(case, model, card)
            found.verdicts.append({"card": card, "said": said.verdict(card * GIB), "ran": ran})
            print(f"    on {card} GiB: {said.verdict(card * GIB)}, {'ran' if ran else 'no room'}", file=sys.stderr)


def _note(case: Case, said: Estimate, took: Taken, found: Found) -> None:
    runtime = said.part("runtime")
    moments = {moment.name: moment.expected - runtime for moment in said.moments}
    pairs = {
        "peak": (max(moments[name] for name in moments if name not in ("evaluation", "saving")), took.training),
        "reserved": (said.expected - runtime, took.reserved),
        "evaluation": (moments["evaluation"], took.evaluation),
        "weights": (said.part("weights"), took.weights),
        "optimizer": (said.part("optimizer"), took.optimizer),
    }
    line = [f"{case!s:34}"]
    for name, (predicted, measured) in pairs.items():
        error = predicted / measured - 1
        found.errors[name][f"{case.model}, {case.how}"].append(error)
        line.append(f"{name} {predicted / GIB:.3f} / {measured / GIB:.3f} {100 * error:+.1f} %")
    print("  ".join(line), file=sys.stderr, flush=True)


def _capacity() -> float:
    """What tensors can have of this device: all but what is taken by others and by the driver."""
    import torch

    free, _ = torch.cuda.mem_get_info()
    return float(free + torch.cuda.memory_reserved())


def _runs_on(case: Case, model: Any, card: int) -> bool:
    """Whether it trains and evaluates where the whole device is `card` GiB, with this process's own context in it."""
    import torch

    total = torch.cuda.get_device_properties(0).total_memory
    context = total - _capacity()
    torch.cuda.set_per_process_memory_fraction(max(0.0, card * GIB - context) / total)
    try:
        return taken(case, model) is not None
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


def summary(found: Found) -> dict[str, Any]:
    """Return the figures: errors in percent, and what the verdicts were worth."""
    every = {name: [error for each in kinds.values() for error in each] for name, kinds in found.errors.items()}
    ran = [each for each in found.verdicts if each["ran"]]
    return {
        "cases": len(every.get("peak", ())),
        "left_out": found.left_out,
        "mean_error_percent": {name: round(100 * mean(map(abs, each)), 2) for name, each in every.items()},
        "worst_error_percent": {name: round(100 * max(each, key=abs), 2) for name, each in every.items()},
        "verdicts": len(found.verdicts),
        "false_fits": sum(each["said"] == "fits" and not each["ran"] for each in found.verdicts),
        "ran": len(ran),
        "refused_that_ran": sum(each["said"] == "does not fit" for each in ran),
        "tight_that_ran": sum(each["said"] == "tight" for each in ran),
    }


def table(found: Found, device: str) -> str:
    """Return the table of the README: errors by model and tuning, and verdicts by the card's size."""
    every = summary(found)
    rows = [
        f"Measured on {time.strftime('%Y-%m-%d')} on {device}: {every['cases']} cases, {every['left_out']} left out.",
        "", "| model, tuning | cases | mean error | worst error | evaluation, worst |", "|---|--:|--:|--:|--:|",
    ]  # fmt: skip
    for name, errors in found.errors["peak"].items():
        at_evaluation = max(found.errors["evaluation"][name], key=abs)
        rows.append(
            f"| {name} | {len(errors)} | {100 * mean(map(abs, errors)):.1f} % | {100 * max(errors, key=abs):+.1f} % |"
            f" {100 * at_evaluation:+.1f} % |"
        )
    if found.verdicts:
        rows += ["", "| card | tried | false “fits” | refused, but ran | tight, but ran |", "|--:|--:|--:|--:|--:|"]
    for card in CARDS if found.verdicts else ():
        here = summary(Found(verdicts=[each for each in found.verdicts if each["card"] == card]))
        rows.append(
            f"| {card} GiB | {here['verdicts']} | {here['false_fits']} | {here['refused_that_ran']} |"
            f" {here['tight_that_ran']} |"
        )
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
