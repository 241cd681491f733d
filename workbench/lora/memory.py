"""What a training run needs of a device's memory: always a range with its parts, in bytes.

The low end leaves out what may be freed in time, the high end adds what may be held twice.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from workbench.lora.blocks import blocks
from workbench.lora.count import Count
from workbench.lora.held import gradients, heap, optimizer, other_models, runtime, weights
from workbench.lora.losses import key_value_cache, loss
from workbench.lora.modules import Shapes
from workbench.lora.moments import moments, saving_host
from workbench.lora.optimizers import trained_tensors
from workbench.lora.parts import DeviceKind, Load, Moment, Part
from workbench.lora.passing import passing
from workbench.lora.spec import AnyTuning, PrefixTuning, PromptTuning, PTuning, Quantisation
from workbench.lora.zero import gathered

Verdict = Literal["fits", "tight", "does not fit"]

_TOKENS_AT_ONCE_ON_CPU = 16_384
_SHARE_OF_FREE = 0.9


@dataclass(frozen=True)
class Estimate:
    """All parts, and how much of their sum is never there at one time."""

    load: Load
    parts: tuple[Part, ...]
    overlap: float = 0.0
    """Bytes: gradients come as activations go, and generation is over when training begins."""
    moments: tuple[Moment, ...] = ()
    """Those at which a run may need most, in their order."""

    @cached_property
    def low(self) -> float:
        """The least, in bytes."""
        return sum(part.low for part in self.parts) - self.overlap

    @cached_property
    def high(self) -> float:
        """The most, in bytes."""
        return sum(part.high for part in self.parts) - self.overlap

    @cached_property
    def expected(self) -> float:
        """The peak to compare with what is measured, in bytes."""
        return sum(part.expected for part in self.parts) - self.overlap

    @property
    def peak(self) -> Moment | None:
        """The moment that needs most; None where none is known."""
        return max(self.moments, key=lambda moment: moment.expected, default=None)

    def part(self, name: str) -> float:
        """Return the expected bytes of a part; 0 when the run has none of that name."""
        return sum(part.expected for part in self.parts if part.name == name)

    def verdict(self, free: int) -> Verdict:
        """Judge against the device's FREE memory: only what fits at its worst is said to fit."""
        if self.high < free:
            return "fits"
        return "tight" if self.low < free else "does not fit"


class Model:
    """A model with its tuning, looked through once: then each estimate is a few sums."""

    def __init__(self, shapes: Shapes, tuned: Count, tuning: AnyTuning) -> None:
        self._shapes = shapes
        self._tuned = tuned
        self._tuning = tuning
        self._quantise: Quantisation = getattr(tuning, "quantise", "none")
        self._layers = blocks(shapes, tuned)
        self._tensors = trained_tensors(shapes, tuned)

    def estimate(self, load: Load) -> Estimate:
        """Return the range for training under `load`; the peak is that of the moment that needs most."""
        load = _as_run(load, self._tuning)
        shapes, tuned, quantise = self._shapes, self._tuned, self._quantise
        trained = gradients(tuned, load)
        batch = passing(shapes, self._layers, tuned, quantise, load)
        logits = loss(shapes, tuned, load)
        cache = key_value_cache(self._layers, load)
        held = weights(shapes, tuned, quantise, load)
        models = other_models(shapes, tuned, load)
        shared = gathered(shapes, tuned, held.expected * load.shards(3), load)
        at_moments = moments(shapes, self._layers, self._tensors, tuned, load, batch)
        at_times = [trained, batch.part, logits, *([cache] if cache else [])]
        kept = heap(load, batch.part)
        parts = [
            held,
            *([models] if models else []),
            *([shared] if shared else []),
            trained,
            optimizer(self._tensors, tuned, load),
            *at_times[1:],
            *([kept] if kept else []),
            runtime(load),
        ]
        batches = sum(part.expected for part in at_times)
        always = sum(part.expected for part in parts) - batches
        found = tuple(
            Moment(name, always + more, saving_host(shapes, tuned, load) if name == "saving" else 0.0)
            for name, more in at_moments.items()
        )
        return Estimate(load, tuple(parts), batches - max(at_moments.values()), found)

    def with_micro_batch(self, load: Load, batch: int, free: int) -> Estimate:
        """Return the estimate with the micro-batch that a run would probably choose for `batch` rows a step.

        On a GPU the largest divisor that fits into most of the free memory, else as many rows as a CPU takes at once.
        """
        sizes = [size for size in range(batch, 0, -1) if batch % size == 0]
        if load.device == "cpu":
            rows = next((size for size in sizes if size * load.length <= _TOKENS_AT_ONCE_ON_CPU), 1)
            return self.estimate(load.with_rows(rows, batch))
        for size in sizes[:-1]:
            found = self.estimate(load.with_rows(size, batch))
            if found.high < _SHARE_OF_FREE * free:
                return found
        return self.estimate(load.with_rows(1, batch))


def _as_run(load: Load, tuning: AnyTuning) -> Load:
    """With the tokens that the tuning puts before each row; prefixes live in the cache, which checkpointing has not."""
    if isinstance(tuning, PrefixTuning):
        return replace(load, prefix_tokens=tuning.virtual_tokens, virtual_tokens=0, checkpointing=False)
    virtual = tuning.virtual_tokens if isinstance(tuning, PromptTuning | PTuning) else 0
    return load if load.virtual_tokens == virtual else replace(load, virtual_tokens=virtual)


def estimate(shapes: Shapes, tuned: Count, tuning: AnyTuning, load: Load) -> Estimate:
    """Return the range for training `tuned`, the count of `tuning` in `shapes`."""
    return Model(shapes, tuned, tuning).estimate(load)


def load_for(device: DeviceKind, *, bf16: bool, dtype: str, rows: int, length: int, checkpointing: bool | None) -> Load:
    """Return the load with what is left open chosen as a run chooses it.

    `bf16` is whether the device computes bfloat16 fast; `checkpointing` None means on a GPU only.
    """
    return Load(
        dtype=training_dtype(dtype, device, bf16=bf16),
        micro_batch=rows,
        length=length,
        checkpointing=device == "cuda" if checkpointing is None else checkpointing,
        device=device,
    )


def training_dtype(asked: str, device: DeviceKind, *, bf16: bool) -> str:
    """Return the dtype of the forward pass; `bf16` is whether the device computes bfloat16 fast."""
    if asked != "auto":
        return asked
    if device != "cuda":
        return "float32"
    return "bfloat16" if bf16 else "float16"
