"""What a run holds all the time, however small its batch: weights, gradients, the optimizer, the libraries.

Sources: QLoRA (Dettmers et al. 2023, sections 2 and 3) for quantised weights, AdamW's two moments, and how this
project and TRL 1.16 hold what is trained.
"""

from workbench.lora.count import Count
from workbench.lora.modules import Module, Shapes
from workbench.lora.parts import GIB, Load, Part
from workbench.lora.spec import Quantisation

_QUANTISED = {"nf4": 0.5 + (1 + 4 / 256) / 64, "int8": 1.0}
"""Bytes a weight. nf4: 4 bits, a byte for each block of 64, a float32 for each 256 of those."""
_STORED_LEAST = 0.5
"""Bytes a weight of a model that is stored quantised, at the least."""
_MOMENTS = 2
_RUNTIME = {"cuda": (0.4, 1.2), "mps": (0.5, 1.5), "cpu": (0.5, 1.5)}
"""GiB before a model is loaded; an import of torch, transformers, trl and peft takes 0.5."""


def weights(shapes: Shapes, tuned: Count, quantise: Quantisation, load: Load) -> Part:
    """Frozen weights in the dtype of the forward pass (float32 under float16, and when trained), and the adapters."""
    held = 4 if not tuned.is_adapter or load.dtype == "float16" else load.bytes_each
    adapters = tuned.trainable * tuned.is_adapter * _trained_bytes(quantise, load)
    more = f" + adapters {tuned.trainable:,} × {_trained_bytes(quantise, load)}" if adapters else ""
    if quantise in _QUANTISED:
        each = _QUANTISED[quantise]
        linear = sum(module.parameters[0].size for module in shapes.modules if _is_quantised(shapes, module))
        rest = shapes.size - linear
        base = each * linear + held * rest
        return Part("weights", base + adapters, base + adapters + held * rest,
                    f"{linear:,} × {each:.3g} ({quantise}) + {rest:,} × {held}{more}")  # fmt: skip
    low = _STORED_LEAST if shapes.quantised else held
    how = f"0.5 to {held} (stored as {shapes.quantised})" if shapes.quantised else str(held)
    return Part("weights", low * shapes.size + adapters, held * shapes.size + adapters,
                f"{shapes.size:,} × {how}{more}")  # fmt: skip


def gradients(tuned: Count, quantise: Quantisation, load: Load) -> Part:
    """A gradient for everything that is trained, in its dtype."""
    each = _trained_bytes(quantise, load)
    held = each * tuned.trainable
    return Part("gradients", held, held, f"{tuned.trainable:,} × {each}")


def optimizer(tuned: Count, quantise: Quantisation, load: Load) -> Part:
    """AdamW's two moments, in the dtype of what is trained; its step works on a copy more."""
    each = _trained_bytes(quantise, load)
    low = _MOMENTS * each * tuned.trainable
    said = f"{tuned.trainable:,} × {_MOMENTS} moments × {each}, a copy in the step"
    return Part("optimizer", low, low + each * tuned.trainable, said)


def runtime(load: Load) -> Part:
    """What is there before the model."""
    low, high = _RUNTIME[load.device]
    return Part("runtime", low * GIB, high * GIB, "torch, its libraries and the driver")


def _is_quantised(shapes: Shapes, module: Module) -> bool:
    """bitsandbytes replaces Linear and Conv1D modules, but not the output head."""
    return module.kind in ("linear", "conv1d") and module.name != shapes.head


def _trained_bytes(quantise: Quantisation, load: Load) -> int:
    """Trained in float32; TRL casts adapters of quantised models to bfloat16, which this project undoes for float16."""
    return 2 if quantise != "none" and load.dtype != "float16" else 4
