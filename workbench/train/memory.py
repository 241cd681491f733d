"""A run's memory, for its journal: the range predicted before the first step, and the most that it really took.

On a GPU the tensors' peak by torch's own count and the CUDA context; on a CPU the process's peak resident memory. The
trials that choose a micro-batch are not the run's: torch's count begins again after them.
"""

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import psutil

from workbench.errors import WorkbenchError
from workbench.lora.fit import looked_through
from workbench.lora.parts import GIB, Attention, Load
from workbench.lora.words import gibibytes, span
from workbench.models.devices import devices
from workbench.runs.journal import lines_of
from workbench.runs.measured import memory_of
from workbench.train.order import rows_of_step
from workbench.train.rows import RunRows, length_of
from workbench.train.run import Run

Moment = Literal["starting", "loading", "training", "evaluation", "saving"]


class OutOfMemory(WorkbenchError):
    """The device's memory did not hold the run."""


class Peak:
    """The most memory that the run has taken so far, looked at again at the end of each of its moments."""

    def __init__(self, device: str) -> None:
        self.kind = device.partition(":")[0]
        self.free = next((each.memory_free for each in devices() if each.kind == self.kind), 0)
        """Bytes that the device has free before the model is there."""
        self.before = 0 if self.kind == "cuda" else psutil.Process().memory_info().rss
        """Bytes: the CUDA context once a model is loaded, or what this process has resident already."""
        self.most = self.reserved = 0
        self.moment: Moment = "starting"
        """When the most was reached."""
        self.doing: Moment = "starting"
        self._context_at: set[Moment] = {"loading", "training"}
        """The moments, once each, after which the CUDA context is looked at: the first step loads kernels into it.
        Later ones would take other processes' memory for it."""
        self.note("starting")

    def note(self, moment: Moment) -> None:
        """Look whether more was taken than ever before: then that was in `moment`, which ends now."""
        taken, reserved = _tensors() if self.kind == "cuda" else (resident_peak(),) * 2
        self.reserved = max(self.reserved, reserved)
        if taken > self.most:
            self.most, self.moment = taken, moment
        if self.kind == "cuda" and moment in self._context_at:
            self._context_at.remove(moment)
            self.before = self._context()

    def _context(self) -> int:
        """Bytes of the GPU that are used, not by tensors, and were free before."""
        import torch

        return max(0, self.free - torch.cuda.mem_get_info()[0] - torch.cuda.memory_reserved())

    def tell(self, run: Run) -> None:
        """Write the peak into the journal; where a device counts no peak, nothing."""
        if self.kind not in ("cuda", "cpu"):
            return
        context = self.before if self.kind == "cuda" else 0
        said = {"peak_gib": self.most + context, "before_gib": self.before}
        if self.kind == "cuda":
            said["reserved_gib"] = self.reserved + context
        in_gib = {name: round(size / GIB, 4) for name, size in said.items()}
        run.journal.write("memory", step=run.state.step, measured={**in_gib, "moment": self.moment})


def resident_peak() -> int:
    """Return the most that this process has had resident, in bytes; Linux counts in KiB, macOS in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most


def predict(run: Run, rows: RunRows, model: Any, folder: Path, peak: Peak, **load: Any) -> None:
    """Write what the run will need into the journal; where that cannot be said, the log says why.

    `model` is the one that is trained, `folder` holds its configuration, `load` the run's dtype, micro-batch and
    checkpointing.
    """
    from workbench.lora.shapes import read_shapes

    try:
        asked = Load(
            **{**load, "micro_batch": min(load["micro_batch"], len(rows.train))},
            length=rows.longest,
            device=peak.kind,  # type: ignore[arg-type]
            optimizer=run.spec.optimizer,
            task=run.spec.trained_as,
            attention=_attention(model),
            accumulates=load["micro_batch"] < run.spec.batch_size,
            new_tokens=len(rows.new_tokens),
        )
        shapes = read_shapes(folder, run.spec.task.kind)
        _, known = looked_through(shapes, run.spec.tuning, asked.new_tokens)
        found = known.estimate(asked)
    except Exception as error:  # a forecast that fails is no reason to fail what it is about
        print(f"how much memory this takes cannot be predicted: {type(error).__name__}: {error}")
        return
    said = {"low": found.low, "expected": found.expected, "high": found.high, "runtime": found.part("runtime")}
    run.journal.write(
        "memory",
        step=run.state.step,
        predicted={f"{name}_gib": round(size / GIB, 4) for name, size in said.items()},
        load=asdict(asked),
        free_gib=round(peak.free / GIB, 4),
    )


@contextmanager
def watched(run: Run, rows: RunRows, peak: Peak) -> Iterator[None]:
    """Tell the peak of what is done inside, however it ends. Raises OutOfMemory, which names the row, for any such."""
    try:
        yield
    except Exception as error:
        peak.note(peak.doing)
        with suppress(OSError):  # of a disk that is full: the first error is the one to tell
            peak.tell(run)
        if is_out_of_memory(error):
            raise OutOfMemory(*explained(run, rows, peak.doing)) from error
        raise
    peak.tell(run)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a device or the host had no memory left: a CPU's allocator says so in words only."""
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or "can't allocate memory" in str(error)
    )


def explained(run: Run, rows: RunRows, doing: Moment) -> tuple[str, str]:
    """Return what is known of a run that had no memory left for what it was doing, and what to do about it."""
    said = [_where(run, rows) if doing != "evaluation" else _in_evaluation(run, rows)]
    known = memory_of(lines_of(run.folder.journal_file, "memory")).predicted
    if known is not None:
        said.append(f"predicted {span(known.low, known.high)}")
        if known.free is not None:
            said.append(f"{gibibytes(known.free)} was free")
    rows_at_once = run.folder.resolved.get("micro_batch", 1)
    ways = [f"micro_batch (it is {rows_at_once})"] if rows_at_once > 1 else []
    fix = f"lower {' or '.join([*ways, 'max_length'])}; more ways: workbench lora fit {run.spec.model}"
    return f"out of memory {', '.join(said)}", fix


def _where(run: Run, rows: RunRows) -> str:
    spec, step = run.spec, run.state.step + 1
    batch = rows_of_step(rows.lengths, spec.batch_size, spec.seed, step)
    longest = max(batch, key=lambda index: rows.lengths[index])
    return (
        f"in step {step}: the longest row of its batch is row {rows.numbers[longest]}, {rows.lengths[longest]:,} tokens"
    )


def _in_evaluation(run: Run, rows: RunRows) -> str:
    longest = max(map(length_of, rows.validation))
    return f"in the evaluation after step {run.state.step}: its longest row has {longest:,} tokens"


def _tensors() -> tuple[int, int]:
    """Bytes of tensors on the GPU, and those with what the allocator holds in reserve, at their peaks."""
    import torch

    return int(torch.cuda.max_memory_allocated()), int(torch.cuda.max_memory_reserved())


def _attention(model: Any) -> Attention:
    """How the model computes it, in the estimate's words."""
    how = str(getattr(model.config, "_attn_implementation", "sdpa"))
    return "flash" if "flash" in how else "eager" if how == "eager" else "sdpa"
