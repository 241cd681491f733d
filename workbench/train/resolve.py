"""What a run becomes on this machine: steps, micro-batch, versions; and whether a resumed one goes on exactly."""

import math
from importlib.metadata import version
from typing import Any, TypedDict

from workbench.train.rows import RunRows
from workbench.train.run import Run

_TOKENS_AT_ONCE_ON_CPU = 16_384
_PACKAGES = ("torch", "transformers", "trl", "peft")


class Plan(TypedDict):
    """The figures that the trainer needs beyond the specification."""

    micro_batch: int
    steps: int


def resolve(run: Run, rows: RunRows, model: Any, *, device: str, dtype: str, trained: int, total: int) -> Plan:
    """Write resolved.json and return the plan. A resumed run keeps its micro-batch and says what differs."""
    before = run.folder.resolved
    plan = Plan(
        micro_batch=before.get("micro_batch") or run.spec.micro_batch or _micro_batch(run, rows, model, device),
        steps=run.spec.max_steps
        or math.ceil(math.ceil(len(rows.train) / run.spec.batch_size) * (run.spec.epochs or 1)),
    )
    made_for = getattr(model.config, "max_position_embeddings", None)
    if made_for and rows.longest > made_for:
        run.warn(
            "beyond-context", f"rows of up to {rows.longest} tokens, on a model made for {made_for}: lower max_length"
        )
    now = {"device": device, "dtype": dtype, "versions": {name: version(name) for name in _PACKAGES}}
    if run.resume_from:
        differs = [f"{key} {before[key]} → {value}" for key, value in now.items() if before.get(key, value) != value]
        how = f"not exactly: {'; '.join(differs)}" if differs else "exactly"
        run.journal.write("status", status="resuming", step=run.resume_from[0], exact=not differs, message=how)
    run.resolve(**plan, **now, trained=trained, total=total, longest=rows.longest)
    return plan


def _micro_batch(run: Run, rows: RunRows, model: Any, device: str) -> int:
    """The largest divisor of the batch that fits: by a trial of the longest row on a GPU, by a budget on a CPU."""
    sizes = [size for size in range(run.spec.batch_size, 0, -1) if run.spec.batch_size % size == 0]
    if not device.startswith("cuda"):
        return next((size for size in sizes if size * rows.longest <= _TOKENS_AT_ONCE_ON_CPU), 1)
    return next((size for size in sizes if _fits(model, size, rows.longest, run)), 1)


def _fits(model: Any, size: int, length: int, run: Run) -> bool:
    """Whether a forward and a backward pass of `size` rows of `length` tokens stay within the device's memory."""
    import torch

    ids = torch.zeros(size, length, dtype=torch.long, device=model.device)
    try:
        with torch.autocast("cuda", dtype=torch.bfloat16):
            model(input_ids=ids, labels=ids, use_cache=False).loss.backward()
        free, total = torch.cuda.mem_get_info()
        return free > 0.1 * total
    except torch.cuda.OutOfMemoryError:
        run.warn("smaller-batch", f"a micro-batch of {size} rows of {length} tokens does not fit")
        return False
    finally:
        model.zero_grad(set_to_none=True)
        torch.cuda.empty_cache()
