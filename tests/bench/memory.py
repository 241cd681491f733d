"""Predicted against measured memory over a grid of shapes with random weights; one JSON line with mean and worst error.

On a GPU: the allocator's peak over three real steps (autocast, TRL's fused head and loss, AdamW), and what the verdicts
at 16, 24, 48 and 80 GiB were worth. On a CPU: the bytes of parameters, gradients, optimizer states and saved
activations, each against its part, and the allocator's peak of a step.

    python -m tests.bench.memory [--quick]
"""

import argparse
import gc
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from workbench.lora.blocks import blocks
from workbench.lora.count import Count, count
from workbench.lora.memory import Estimate, Model
from workbench.lora.modules import Shapes
from workbench.lora.parts import GIB, Load, Task
from workbench.lora.passing import passing
from workbench.lora.spec import FullTuning, LoraTuning, Tuning

CARDS = (16, 24, 48, 80)
TASKS: tuple[Task, ...] = ("causal", "sft")
SMALL: dict[str, dict[str, Any]] = {
    "llama": {"hidden_size": 256, "intermediate_size": 688, "num_hidden_layers": 6, "num_attention_heads": 8,
              "num_key_value_heads": 4, "vocab_size": 32_768},
    "qwen3": {"hidden_size": 256, "intermediate_size": 768, "num_hidden_layers": 6, "num_attention_heads": 8,
              "num_key_value_heads": 2, "head_dim": 32, "vocab_size": 32_768},
    "gpt2": {"n_embd": 256, "n_layer": 6, "n_head": 8, "vocab_size": 32_768, "n_positions": 8192, "attn_pdrop": 0.0,
             "resid_pdrop": 0.0, "embd_pdrop": 0.0},
}  # fmt: skip
LARGE: dict[str, dict[str, Any]] = {
    "llama": {"hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32,
              "num_key_value_heads": 8, "vocab_size": 128_256, "max_position_embeddings": 8192},
    "qwen3": {"hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 24, "num_attention_heads": 32,
              "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936, "max_position_embeddings": 8192},
    "phi3": {"hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 16, "num_attention_heads": 32,
             "num_key_value_heads": 32, "vocab_size": 32_064, "max_position_embeddings": 8192, "pad_token_id": 0},
    "gpt2": {"n_embd": 1280, "n_layer": 36, "n_head": 20, "vocab_size": 50_257, "n_positions": 8192},
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A point of the grid."""

    kind: str
    tuning: Tuning
    load: Load

    def __str__(self) -> str:
        quantise = getattr(self.tuning, "quantise", "none")
        how = self.tuning.kind + (f"-{quantise}" if quantise != "none" else "")
        load = self.load
        return f"{self.kind} {how} {load.micro_batch}×{load.length}{' ckpt' if load.checkpointing else ''} {load.task}"


def main() -> None:
    """Print a line for each case, then the JSON line."""
    import torch

    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="Fewer shapes.")
    quick = parser.parse_args().quick
    on_gpu = torch.cuda.is_available()
    errors: dict[str, list[float]] = {}
    verdicts: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, sizes in (LARGE if on_gpu else SMALL).items():
            place = Path(folder) / kind
            place.mkdir()
            (place / "config.json").write_text(json.dumps({"model_type": kind, **sizes}))
            for case in _grid(kind, on_gpu=on_gpu, quick=quick):
                found = _on_gpu(case, place, verdicts) if on_gpu else _on_cpu(case, place)
                line = [f"{case!s:40}"]
                for name, (predicted, measured) in found.items():
                    error = predicted / measured - 1 if measured else 0.0
                    errors.setdefault(name, []).append(error)
                    line.append(f"{name} {predicted / GIB:8.4f} / {measured / GIB:8.4f} {100 * error:+6.1f} %")
                print("  ".join(line), file=sys.stderr, flush=True)
    peaks = errors["peak"]
    print(json.dumps({
        "bench": "memory", "device": torch.cuda.get_device_name() if on_gpu else "cpu", "cases": len(peaks),
        "mean_error_percent": {name: round(100 * mean(map(abs, each)), 2) for name, each in errors.items()},
        "worst_error_percent": {name: round(100 * max(each, key=abs), 2) for name, each in errors.items()},
        "false_fits": sum(each["said"] == "fits" and not each["ran"] for each in verdicts),
        "refused_that_ran": sum(each["said"] == "does not fit" and each["ran"] for each in verdicts),
        "verdicts": len(verdicts),
    }))  # fmt: skip


def _grid(kind: str, *, on_gpu: bool, quick: bool) -> Iterator[Case]:
    tunings: list[Tuning] = [LoraTuning(rank=16), FullTuning()]
    if on_gpu and kind != "gpt2":
        tunings.append(LoraTuning(rank=16, quantise="nf4"))
    sizes = [(1, 512), (4, 1024), (8, 2048)] if on_gpu else [(2, 256)]
    for tuning in tunings:
        for rows, length in sizes[:: 2 if quick else 1]:
            for again in (False, True):
                if on_gpu:
                    yield Case(kind, tuning, Load("bfloat16", rows, length, again, "cuda"))
                    continue
                for task in TASKS:
                    yield Case(kind, tuning, Load("float32", rows, length, again, "cpu", task=task))


def _reckoned(case: Case, folder: Path) -> tuple[Shapes, Count, Estimate]:
    from workbench.lora.shapes import read_shapes

    shapes = read_shapes(folder)
    tuned = count(shapes, case.tuning)
    return shapes, tuned, Model(shapes, tuned, case.tuning).estimate(case.load)


def _model(case: Case, folder: Path) -> Any:
    """The model as a run holds it, with random weights."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    from trl.trainer.utils import add_fused_lm_head

    from workbench.models.load import load_model, tuned

    quantise = getattr(case.tuning, "quantise", "none")
    held = "float32" if isinstance(case.tuning, FullTuning) else case.load.dtype
    device = "cuda" if case.load.device == "cuda" else "cpu"
    torch.manual_seed(0)
    if quantise == "none":
        with torch.device(device):
            config = AutoConfig.from_pretrained(folder)
            model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, held))
    else:
        weights = folder / "weights"
        if not weights.exists():
            config = AutoConfig.from_pretrained(folder)
            AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).save_pretrained(weights)
        model = load_model(weights, dtype=case.load.dtype, device=device, quantise=quantise)
    model = tuned(model, case.tuning)
    if quantise != "none":  # as TRL does
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.to(torch.bfloat16)
    if case.load.checkpointing:
        model.enable_input_require_grads()
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    add_fused_lm_head(model.get_base_model() if hasattr(model, "get_base_model") else model)
    return model.train()


def _step(case: Case, model: Any, optimizer: Any) -> None:
    import torch

    device = case.load.device
    ids = torch.randint(0, 1000, (case.load.micro_batch, case.load.length), device=device)
    with torch.autocast(device, dtype=torch.bfloat16, enabled=case.load.dtype != "float32"):
        loss = model(input_ids=ids, labels=ids, fused_lm_head=case.load.task == "sft").loss
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)


def _on_gpu(case: Case, folder: Path, verdicts: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """The allocator's peak against the estimate without the runtime, which the allocator does not see."""
    import torch

    _, _, found = _reckoned(case, folder)
    peak = _peak_on_gpu(case, folder, 1.0)
    assert peak is not None
    total = torch.cuda.get_device_properties(0).total_memory
    for card in CARDS:
        said = found.verdict(card * GIB)
        if abs(found.expected / GIB / card - 1) < 0.5:  # elsewhere the answer is plain
            context = found.part("runtime")  # that of the card which is emulated; the fraction counts tensors only
            ran = _peak_on_gpu(case, folder, (card * GIB - context) / total) is not None
            verdicts.append({"said": said, "ran": ran})
            print(f"    {case} on {card} GiB: {said}, {'ran' if ran else 'out of memory'}", file=sys.stderr)
    return {"peak": (found.expected - found.part("runtime"), peak)}


def _peak_on_gpu(case: Case, folder: Path, fraction: float) -> float | None:
    """Bytes; None when it ran out of memory."""
    import torch

    torch.cuda.set_per_process_memory_fraction(min(1.0, fraction))
    try:
        model = _model(case, folder)
        optimizer = torch.optim.AdamW([each for each in model.parameters() if each.requires_grad], fused=True)
        torch.cuda.reset_peak_memory_stats()
        for _ in range(3):
            _step(case, model, optimizer)
        return float(torch.cuda.max_memory_allocated())
    except torch.cuda.OutOfMemoryError:
        return None
    finally:
        model = optimizer = None
        gc.collect()
        torch.cuda.empty_cache()


def _on_cpu(case: Case, folder: Path) -> dict[str, tuple[float, float]]:
    """Every part against the tensors' bytes, and the sum's peak against the allocator's."""
    import torch

    from tests.lora.saved import saved_bytes

    shapes, tuned, found = _reckoned(case, folder)
    model = _model(case, folder)
    trained = [each for each in model.parameters() if each.requires_grad]
    optimizer = torch.optim.AdamW(trained, fused=True)
    _step(case, model, optimizer)
    held = sum(each.numel() * each.element_size() for each in model.parameters())
    states = sum(each.numel() * each.element_size() for state in optimizer.state.values() for each in state.values())
    kept = passing(shapes, blocks(shapes, tuned), tuned, "none", case.load).kept
    saved = saved_bytes(model, case.load.micro_batch, case.load.length, case.load.dtype)
    always = float(held + states)
    return {
        "weights": (found.part("weights"), float(held)),
        "gradients": (found.part("gradients"), float(sum(each.numel() * each.element_size() for each in trained))),
        "optimizer": (found.part("optimizer"), float(states)),
        "saved": (kept, float(saved)),
        "peak": (found.expected - found.part("runtime"), always + _peak_of_step(case, model, optimizer)),
    }


def _peak_of_step(case: Case, model: Any, optimizer: Any) -> float:
    """The most bytes that a step allocates on top of what is there before it, by the profiler's own count."""
    import torch

    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profiler:
        _step(case, model, optimizer)
    now = most = 0
    for event in sorted(_allocations(profiler.profiler.kineto_results.experimental_event_tree()), key=lambda e: e[0]):
        now += event[1]
        most = max(most, now)
    return float(most)


def _allocations(events: Any) -> Iterator[tuple[int, int]]:
    """(time, bytes) of every allocation, and of every release as a negative number."""
    for event in events:
        if event.name == "[memory]":
            yield event.start_time_ns, event.extra_fields.alloc_size
        yield from _allocations(event.children)


if __name__ == "__main__":
    main()
