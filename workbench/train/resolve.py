"""What a run becomes on this machine: steps, micro-batch, versions; and whether a resumed one goes on exactly."""

from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, TypedDict

from workbench.lora.optimizers import Tensor, state_bytes
from workbench.lora.parts import Optimizer
from workbench.runs.spec import RunSpec
from workbench.train.rows import RunRows
from workbench.train.run import Run

_TOKENS_AT_ONCE_ON_CPU = 16_384
_PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "bitsandbytes")


class Plan(TypedDict):
    """The figures that the trainer needs beyond the specification."""

    micro_batch: int
    steps: int


def resolve(run: Run, rows: RunRows, model: Any, *, device: str, dtype: str, trained: int, total: int) -> Plan:
    """Write resolved.json and return the plan. A resumed run keeps its micro-batch and says what differs."""
    before = run.folder.resolved
    plan = Plan(
        micro_batch=before.get("micro_batch") or run.spec.micro_batch or _micro_batch(run, rows, model, device, dtype),
        steps=run.spec.steps_for(len(rows.train)),
    )
    made_for = getattr(model.config, "max_position_embeddings", None)
    if made_for and rows.longest > made_for:
        run.warn(
            "beyond-context", f"rows of up to {rows.longest} tokens, on a model made for {made_for}: lower max_length"
        )
    if run.spec.learning_rate is None and run.spec.optimizer in ("adafactor", "sgd"):
        run.warn(
            "learning-rate",
            f"learning_rate {run.spec.peak_learning_rate:g} is a usual one for AdamW, not for {run.spec.optimizer}:"
            " name one",
        )
    now = {"device": device, "dtype": dtype, "versions": {name: version(name) for name in _PACKAGES if find_spec(name)}}
    if run.resume_from:
        differs = [f"{key} {before[key]} → {value}" for key, value in now.items() if before.get(key, value) != value]
        how = f"not exactly: {'; '.join(differs)}" if differs else "exactly"
        run.journal.write(
            "status", status="starting", step=run.resume_from[0], exact=not differs, message=f"goes on {how}"
        )
    run.resolve(**plan, **now, trained=trained, total=total, longest=rows.longest)
    return plan


def _micro_batch(run: Run, rows: RunRows, model: Any, device: str, dtype: str) -> int:
    """The largest divisor of the batch that fits: by a trial of the longest row on a GPU, by a budget on a CPU."""
    sizes = [size for size in range(run.spec.batch_size, 0, -1) if run.spec.batch_size % size == 0]
    if not device.startswith("cuda"):
        return next((size for size in sizes if size * rows.sequences * rows.longest <= _TOKENS_AT_ONCE_ON_CPU), 1)
    if checkpointing(run.spec, device):
        model.enable_input_require_grads()
        model.gradient_checkpointing_enable()
    return next((size for size in sizes if _fits(model, size, rows, dtype, run.spec.optimizer)), 1)


def checkpointing(spec: RunSpec, device: str) -> bool:
    """Whether activations are recomputed in the backward pass; prefixes live in the cache, which that pass has not."""
    if spec.tuning.kind == "prefix":
        return False
    return device.startswith("cuda") if spec.gradient_checkpointing is None else spec.gradient_checkpointing


def _fits(model: Any, size: int, rows: RunRows, dtype: str, optimizer: Optimizer) -> bool:
    """Whether a step on `size` rows as long as the longest stays within 90 % of the device's free memory.

    Runs one forward and backward pass with whole logits (more than TRL's fused head needs) and adds the
    optimizer's states, which only come with the first step.
    """
    import torch

    ids = torch.zeros(size * rows.sequences, rows.longest, dtype=torch.long, device=model.device)
    trained = (Tensor(tuple(each.shape)) for each in model.parameters() if each.requires_grad)
    states = sum(state_bytes(tensor, optimizer) for tensor in trained)
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    room = torch.cuda.mem_get_info()[0] + torch.cuda.memory_allocated()
    try:
        with torch.autocast("cuda", dtype=getattr(torch, dtype), enabled=dtype != "float32"):
            if rows.sequences > 1:  # a pair: a score for each of its sequences
                model(input_ids=ids, use_cache=False).logits.float().sum().backward()
            else:
                model(input_ids=ids, labels=ids, use_cache=False).loss.backward()
        return bool(torch.cuda.max_memory_allocated() + states < 0.9 * room)
    except torch.cuda.OutOfMemoryError:
        return False
    finally:
        model.zero_grad(set_to_none=True)
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
