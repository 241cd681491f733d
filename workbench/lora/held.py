"""What a device holds however small its batch: weights, gradients, the optimizer, other models, the libraries.

Sources: QLoRA (Dettmers et al. 2023, sections 2 and 3) for quantised weights, ZeRO (Rajbhandari et al. 2020,
section 3) for what is trained, and how this project and TRL 1.16 hold it.
"""

from collections.abc import Mapping

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
    held, shares = held_bytes(tuned, load), load.shards(3)
    added = sum(tuned.added.values())
    adapters = sum(number * tuned.number_bytes(how, load.dtype) for how, number in tuned.added.items())
    more = f" + adapters {added:,} × {adapters / added:.4g}" if adapters else ""
    if quantise != "none":
        replaced = [module for module in shapes.modules if is_quantised(shapes, module)]
        stored = sum(quantised_bytes(module, quantise) for module in replaced)
        linear = sum(module.parameters[0].size for module in replaced)
        rest = held * (shapes.size - linear)
        said = f"{linear:,} × {stored / max(1, linear):.4g} ({quantise}) + {shapes.size - linear:,} × {held}{more}"
        each = (stored + rest + adapters) / shares
        return Part("weights", each, each, said + divided(shares))
    low = _STORED_LEAST if shapes.quantised else held
    how = f"0.5 to {held} (stored as {shapes.quantised})" if shapes.quantised else str(held)
    return Part("weights", (low * shapes.size + adapters) / shares, (held * shapes.size + adapters) / shares,
                f"{shapes.size:,} × {how}{more}{divided(shares)}")  # fmt: skip


def gradients(tuned: Count, load: Load) -> Part:
    """A gradient for everything that is trained, in its dtype."""
    whole, shares = gradient_bytes(tuned, load), load.shards(2)
    said = f"{tuned.trainable:,} × {whole / max(1, tuned.trainable):.4g}{divided(shares)}"
    return Part("gradients", whole / shares, whole / shares, said)


def gradient_bytes(tuned: Count, load: Load) -> float:
    """Return the bytes of all gradients."""
    return float(sum(number * tuned.number_bytes(how, load.dtype) for how, number in tuned.by_how.items()))


def embedding_gradients(shapes: Shapes, tuned: Count, load: Load) -> float:
    """Return what the embedding's gradient takes for a moment, at the end of the backward pass, beside the others.

    Where it is the head's too, each alone and their sum; for rows of new tokens all the rows, and these rows taken out.
    """
    if has_rows(tuned):
        return float(held_bytes(tuned, load) * (shapes.vocabulary * shapes.hidden))
    head = shapes.by_name.get(shapes.head or "")
    is_tied = head is not None and any(parameter.tied_to for parameter in head.parameters)
    return 0.0 if tuned.is_adapter or not is_tied else 2.0 * 4 * shapes.vocabulary * shapes.hidden


def optimizer(tensors: Mapping[Tensor, int], tuned: Count, load: Load) -> Part:
    """The optimizer's states; what it works on in a step is one tensor's at a time. Paged states may leave the GPU."""
    shares = load.shards(1)
    each = {tensor: tuned.number_bytes(tensor.how, load.dtype) for tensor in tensors}
    held = sum(times * state_bytes(tensor, load.optimizer, each[tensor]) for tensor, times in tensors.items()) / shares
    largest = max((number * tensor.size for tensor, number in each.items()), default=0) / shares
    low = 0 if load.optimizer.startswith("paged") and load.device == "cuda" else held
    size = sum(times * tensor.size for tensor, times in tensors.items())
    said = f"{load.optimizer}, {held * shares / max(1, size):.3g} bytes each of {size:,}{divided(shares)}"
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
    shares = load.shards(3)
    held = int(copies) * each * shapes.size / shares
    names = {"dpo": "reference", "ppo": "reward model" + (" and reference" if copies > 1 else "")}[load.task]
    return Part("other models", held, held, f"{names}: {int(copies)} × {shapes.size:,} × {each}{divided(shares)}")


def runtime(load: Load) -> Part:
    """What is there before the model."""
    low, likely, high = _RUNTIME[load.device]
    return Part("runtime", low * GIB, high * GIB, "torch, its libraries and the driver", likely * GIB)


def heap(load: Load, activations: Part) -> Part | None:
    """What a CPU's process does not give back: the C library keeps freed pieces; None on a GPU.

    Runs of a 110 M model were seen to keep up to 0.8 of their activations beyond what torch asked for (glibc).
    """
    if load.device != "cpu":
        return None
    return Part("heap", 0.0, activations.expected, "freed pieces that the C library may keep", 0.0)


def held_bytes(tuned: Count, load: Load) -> int:
    """Return the bytes of a weight that is not quantised."""
    return 4 if not tuned.is_adapter or load.dtype == "float16" else load.bytes_each


def has_rows(tuned: Count) -> bool:
    """Whether rows of new tokens are trained beside a frozen embedding, which each pass then copies."""
    return "rows" in tuned.by_how


def divided(shares: int) -> str:
    """Return how a formula ends where devices share what it reckons."""
    return f" ÷ {shares} devices" if shares > 1 else ""
