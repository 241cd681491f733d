"""One case of the memory benchmark: a model with random weights in the trainer of a run, and what it took.

On a GPU the allocator's own peak is read, on a CPU the profiler's count of what was allocated: nothing else differs.
"""

import gc
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from workbench.lora.parts import Load
from workbench.lora.spec import AdapterTuning, Tuning
from workbench.runs.spec import RunSpec

STEPS = 2
"""The optimizer's states come with the first step, so the second is the one that needs most."""


@dataclass(frozen=True)
class Case:
    """A point of the grid."""

    model: str
    tuning: Tuning
    load: Load

    @property
    def how(self) -> str:
        """The tuning in a word."""
        quantise = getattr(self.tuning, "quantise", "none")
        return self.tuning.kind if quantise == "none" else f"{self.tuning.kind}-{quantise}"

    def __str__(self) -> str:
        load = self.load
        again = " ckpt" if load.checkpointing else ""
        return f"{self.model} {self.how} {load.micro_batch}×{load.length:,}{again}"


@dataclass(frozen=True)
class Taken:
    """Bytes."""

    training: float
    """The most at one time in training, of tensors."""
    evaluation: float
    """The most in an evaluation after it."""
    reserved: float
    """What the allocator held for both; on a CPU the same as the tensors."""
    weights: float
    optimizer: float


def built(config: Any, tuning: Tuning, dtype: str, device: str) -> Any:
    """Return a model as a run holds it, with random weights made on the device."""
    import torch
    from transformers import AutoModelForCausalLM

    from workbench.models.load import tuned

    held = dtype if isinstance(tuning, AdapterTuning) else "float32"
    torch.manual_seed(0)
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(config, dtype=getattr(torch, held))
    if isinstance(tuning, AdapterTuning) and tuning.quantise == "nf4":
        _quantise(model, dtype, device)
    return tuned(model, tuning)


def _quantise(model: Any, dtype: str, device: str) -> None:
    """Put NF4 weights where loading puts them, one module at a time: a model of 8 B is never on a disk."""
    import torch
    from bitsandbytes.nn import Linear4bit, Params4bit

    from workbench.models.adapters import linear_names

    for name in linear_names(model):
        holder, _, leaf = name.rpartition(".")
        old = model.get_submodule(name)
        new = Linear4bit(old.in_features, old.out_features, bias=old.bias is not None, quant_type="nf4",
                         compute_dtype=getattr(torch, dtype), compress_statistics=True, device="meta")  # fmt: skip
        new.weight = Params4bit(old.weight.data, requires_grad=False, quant_type="nf4", compress_statistics=True)
        new.weight = new.weight.to(device)
        new.bias = old.bias
        new.support_avx512bf16_for_cpu = False  # as loading does: an evaluation would repack what does not divide
        setattr(model.get_submodule(holder), leaf, new)
    model.is_loaded_in_4bit = True
    model.hf_device_map = {"": 0 if device == "cuda" else "cpu"}


def taken(case: Case, model: Any) -> Taken | None:
    """Train and evaluate, and return what it took; None when the device had no room."""
    import torch

    trainer = None
    try:
        with tempfile.TemporaryDirectory() as folder:
            before = _held(model)
            trainer = _trainer(case, model, Path(folder))
            before = max(before, _held(model))
            training, reserved = _peak(trainer.train, before, case.load.device)
            held = _held(model)
            states = _states(trainer.optimizer)
            evaluation, more = _peak(trainer.evaluate, held + states, case.load.device)
            return Taken(training, evaluation, max(reserved, more), held, states)
    except torch.cuda.OutOfMemoryError:
        return None
    finally:
        _let_go(trainer, model)


def _trainer(case: Case, model: Any, folder: Path) -> Any:
    """TRL's trainer with the arguments of a run's own; nothing is logged or saved."""
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast
    from transformers.trainer_callback import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    from tests.small import make_tokenizer
    from workbench.train.prepare import arguments

    load = case.load
    spec = RunSpec.model_validate({
        "task": "sft", "model": "starter", "data": "rows.jsonl", "tuning": case.tuning.model_dump(),
        "batch_size": load.micro_batch, "gradient_checkpointing": load.checkpointing, "dtype": load.dtype,
    })  # fmt: skip
    ids = [1 + number % 90 for number in range(load.length)]
    rows = [{"input_ids": ids, "labels": ids}] * load.micro_batch
    run = SimpleNamespace(spec=spec, folder=SimpleNamespace(checkpoints=folder), resume_from=None)
    ready = SimpleNamespace(
        run=run, rows=SimpleNamespace(validation=rows), device=load.device, dtype=load.dtype,
        plan={"micro_batch": load.micro_batch, "steps": STEPS},
    )  # fmt: skip
    told = {**arguments(ready), "save_strategy": "no", "eval_strategy": "no", "eval_on_start": False}  # type: ignore[arg-type]
    config = SFTConfig(**told, dataset_kwargs={"skip_prepare_dataset": True})
    trainer = SFTTrainer(
        model,
        config,
        train_dataset=Dataset.from_list(rows * STEPS),
        eval_dataset=Dataset.from_list(rows),
        processing_class=PreTrainedTokenizerFast.from_pretrained(make_tokenizer(folder / "tokenizer")),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _peak(work: Callable[[], Any], before: float, device: str) -> tuple[float, float]:
    """The most bytes of tensors while `work` runs, `before` of them there at its start; and what was reserved."""
    import torch

    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        work()
        return float(torch.cuda.max_memory_allocated()), float(torch.cuda.max_memory_reserved())
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profiler:
        work()
    now = most = 0
    for _, size in sorted(_allocations(profiler.profiler.kineto_results.experimental_event_tree()), key=lambda e: e[0]):
        now += size
        most = max(most, now)
    return before + most, before + most


def _allocations(events: Any) -> Iterator[tuple[int, int]]:
    """(time, bytes) of every allocation, and of every release as a negative number."""
    for event in events:
        if event.name == "[memory]":
            yield event.start_time_ns, event.extra_fields.alloc_size
        yield from _allocations(event.children)


def _held(model: Any) -> float:
    """The bytes of all parameters, and of what unpacks quantised ones."""
    parts = list(model.parameters())
    for parameter in model.parameters():
        state = getattr(parameter, "quant_state", None)
        if state is not None:
            parts += [state.absmax, state.code, state.offset, state.state2.absmax, state.state2.code]
    return float(sum(part.numel() * part.element_size() for part in parts))


def _states(optimizer: Any) -> float:
    """The bytes of an optimizer's states."""
    inner = getattr(optimizer, "optimizer", optimizer)
    parts = [part for state in inner.state.values() for part in state.values() if hasattr(part, "element_size")]
    return float(sum(part.numel() * part.element_size() for part in parts))


def _let_go(trainer: Any, model: Any) -> None:
    """Leave the model as it was, for the next case, and free all else."""
    import torch

    model.zero_grad(set_to_none=True)
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    base.gradient_checkpointing_disable()
    base.__dict__.pop("forward", None)  # TRL's and accelerate's, each around the one before
    model.__dict__.pop("forward", None)
    if trainer is not None:
        trainer.accelerator.free_memory()
        trainer.optimizer = trainer.lr_scheduler = None
    del trainer
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
