"""What a run holds however small its batch: weights, gradients, the optimizer, other models, the libraries.

Sources: QLoRA (Dettmers et al. 2023, sections 2 and 3) for quantised weights, ZeRO (Rajbhandari et al. 2020,
section 3) for what is trained, and how this project and TRL 1.16 hold it.
"""

from workbench.lora.count import Count
from workbench.lora.modules import Shapes
from workbench.lora.optimizers import Tensor, state_bytes
from workbench.lora.parts import GIB, Load, Part
from workbench.lora.spec import Quantisation
from workbench.lora.stored import is_quantised, quantised_bytes

_STORED_LEAST = 0.5
"""Bytes a weight of a model that is stored quantised, at the least."""
_RUNTIME = {"cuda": (0.3, 0.6, 1.2), "mps": (0.5, 1.0, 1.5), "cpu": (0.5, 0.9, 1.5)}
"""GiB before a model is loaded: at least, likely, at most; an import of torch, transformers, trl and peft takes 0.5."""


def weights(shapes: Shapes, tuned: Count, quantise: Quantisation, load: Load) -> Part:
    """Frozen weights in the dtype of the forward pass (float32 under float16, and when trained), and the adapters."""
    held = held_bytes(tuned, load)
    adapters = tuned.trainable * tuned.is_adapter * trained_bytes(quantise, load)
    more = f" + adapters {tuned.trainable:,} × {trained_bytes(quantise, load)}" if adapters else ""
    if quantise != "none":
        replaced = [module for module in shapes.modules if is_quantised(shapes, module)]
        stored = sum(quantised_bytes(module, quantise) for module in replaced)
        linear = sum(module.parameters[0].size for module in replaced)
        rest = held * (shapes.size - linear)
        said = f"{linear:,} × {stored / max(1, linear):.4g} ({quantise}) + {shapes.size - linear:,} × {held}{more}"
        return Part("weights", stored + rest + adapters, stored + rest + adapters, said)
    low = _STORED_LEAST if shapes.quantised else held
    how = f"0.5 to {held} (stored as {shapes.quantised})" if shapes.quantised else str(held)
    return Part("weights", low * shapes.size + adapters, held * shapes.size + adapters,
                f"{shapes.size:,} × {how}{more}")  # fmt: skip


def gradients(tuned: Count, quantise: Quantisation, load: Load) -> Part:
    """A gradient for everything that is trained, in its dtype."""
    each = trained_bytes(quantise, load)
    held = each * tuned.trainable
    return Part("gradients", held, held, f"{tuned.trainable:,} × {each}")


def tied_gradients(shapes: Shapes, tuned: Count) -> float:
    """Return what the embedding's gradient takes for a moment where it is the head's too: each alone, and their sum."""
    head = next((module for module in shapes.modules if module.name == shapes.head), None)
    is_tied = head is not None and any(parameter.tied_to for parameter in head.parameters)
    return 0.0 if tuned.is_adapter or not is_tied else 2.0 * 4 * shapes.vocabulary * shapes.hidden


def optimizer(tensors: list[Tensor], quantise: Quantisation, load: Load) -> Part:
    """The optimizer's states; what it works on in a step is one tensor's at a time. Paged states may leave the GPU."""
    each = trained_bytes(quantise, load)
    held = sum(state_bytes(tensor, load.optimizer, each) for tensor in tensors)
    largest = each * max((tensor.size for tensor in tensors), default=0)
    low = 0 if load.optimizer.startswith("paged") and load.device == "cuda" else held
    size = sum(tensor.size for tensor in tensors)
    said = f"{load.optimizer}, {held / max(1, size):.3g} bytes each of {size:,}"
    return Part("optimizer", low, held + (largest if held else 0), said, held)


def other_models(shapes: Shapes, tuned: Count, load: Load) -> Part | None:
    """The models beside the trained one, frozen; None when there are none.

    The reference is the model itself without its adapters; full tuning with DPO loads it again (TRL 1.16, in the
    dtype of the trained one), GRPO needs none (its beta is 0). PPO scores with a reward model, taken to be as large.
    """
    copies = {"dpo": not tuned.is_adapter, "ppo": 1 + (not tuned.is_adapter)}.get(load.task, 0)
    if not copies:
        return None
    each = held_bytes(tuned, load)
    held = int(copies) * each * shapes.size
    names = {"dpo": "reference", "ppo": "reward model" + (" and reference" if copies > 1 else "")}[load.task]
    return Part("other models", held, held, f"{names}: {int(copies)} × {shapes.size:,} × {each}")


def runtime(load: Load) -> Part:
    """What is there before the model."""
    low, likely, high = _RUNTIME[load.device]
    return Part("runtime", low * GIB, high * GIB, "torch, its libraries and the driver", likely * GIB)


def held_bytes(tuned: Count, load: Load) -> int:
    """Return the bytes of a weight that is not quantised."""
    return 4 if not tuned.is_adapter or load.dtype == "float16" else load.bytes_each


def trained_bytes(quantise: Quantisation, load: Load) -> int:
    """Trained in float32; TRL casts adapters of quantised models to bfloat16, which this project undoes for float16."""
    return 2 if quantise != "none" and load.dtype != "float16" else 4
