"""What a run holds while a batch passes: the activations that the backward pass needs again.

After Korthikanti et al. 2022, section 4.1 and eq. 2, taken from the modules' own widths (see workbench.lora.blocks)
and in the dtypes of PyTorch's autocast; checked against the tensors that torch saves.
"""

from dataclasses import dataclass

from workbench.lora.blocks import Block, blocks, first_trained
from workbench.lora.count import Count
from workbench.lora.modules import Shapes
from workbench.lora.parts import Load, Part
from workbench.lora.spec import Quantisation

_FLOAT32 = 4
_LOW, _HIGH = 0.88, 1.12
"""How far the likely figure may be off: allocators round, and architectures differ in small things."""
_GELU_STEPS = {4: 16, 2: 14}
"""Bytes for each number that a gelu computed in steps keeps, by the bytes of the forward pass: x, tanh and two
products, of which autocast holds three in float32."""


@dataclass(frozen=True)
class Passing:
    """What is held on top of what is always held, at the two moments that can be the peak; bytes."""

    kept: float
    """From the whole forward pass, at its end."""
    again: float
    """One layer's, computed again in the backward pass; 0 without checkpointing."""
    transient: float
    """What the widest module works on in its backward pass."""
    doubt: float
    """What padding, or an unknown number of experts, may add."""
    part: Part


def passing(shapes: Shapes, tuned: Count, quantise: Quantisation, load: Load) -> Passing:
    """Return what a pass over the batch holds.

    With checkpointing only the input of each layer is kept, and one layer is computed again.
    """
    layers = blocks(shapes, tuned)
    cast = _casts(tuned, quantise, load)
    stream = _stream_bytes(tuned, load)
    each = [_layer_bytes(block, shapes, load, cast=cast, stream=stream) for block in layers]
    weights = [_cast_weights(block, tuned, load) for block in layers]
    last = load.tokens * shapes.hidden * (_FLOAT32 + (_FLOAT32 if not tuned.is_adapter else 0))
    widest = max((block.widest for block in layers), default=shapes.hidden)
    transient = load.tokens * widest * (10 if cast else 3 * load.bytes_each)
    transient += load.bytes_each * max((block.size for block in layers), default=0) * (quantise != "none")
    if load.checkpointing:
        kept = load.tokens * shapes.hidden * stream * len(layers) + last
        again = max((passed + held for passed, held in zip(each, weights, strict=True)), default=0.0)
        said = f"{load.tokens:,} × {shapes.hidden:,} × {len(layers)} layers × {stream}, one layer again"
    else:
        first = first_trained(layers)
        used = [block.index >= first for block in layers]
        kept = last + sum(passed + held for passed, held, is_used in zip(each, weights, used, strict=True) if is_used)
        again = 0.0
        said = f"{load.tokens:,} tokens × {kept / load.tokens:,.0f} bytes in {sum(used)} layers"
    likely = kept + again + transient
    doubt = _doubt(layers, shapes, load) * (1 if load.checkpointing else len(layers))
    part = Part("activations", _LOW * likely, _HIGH * likely + doubt, said, likely)
    return Passing(kept, again, transient, doubt, part)


def _layer_bytes(block: Block, shapes: Shapes, load: Load, *, cast: bool, stream: int) -> float:
    """What one layer keeps for the whole batch."""
    each = load.bytes_each
    token = _FLOAT32 * block.norms + stream * block.trained_norms + each * (block.gated + block.ranks)
    token += _GELU_STEPS[each] * block.stepwise
    if load.attention == "eager":
        token += each * 3 * block.query  # k and v are repeated for every head
        token += each * block.from_attention
    else:
        token += each * (block.projected + block.query) + _FLOAT32 * shapes.heads
        token += each * block.from_attention * cast
    is_copied = cast or (each < stream)
    token += each * (sum(block.from_norms) if is_copied else block.norm_sources)
    token += each * block.from_middle
    return load.tokens * token + _scores(block, shapes, load)


def _scores(block: Block, shapes: Shapes, load: Load) -> float:
    """Attention's length × length, where it is held: after the softmax in float32, and in the forward pass's dtype."""
    if not block.query or (load.attention != "eager" and shapes.is_sdpa):
        return 0.0
    each = _FLOAT32 + (load.bytes_each if load.bytes_each < _FLOAT32 else 0)
    return float(load.sequences * shapes.heads * load.length**2 * each)


def _doubt(layers: list[Block], shapes: Shapes, load: Load) -> float:
    """For a layer: rows of unequal length need a mask for each, and k and v for each head; and unknown experts."""
    if not layers:
        return 0.0
    most = max(layers, key=lambda block: block.gated)
    experts = (most.experts_most - 1) * load.tokens * load.bytes_each * (most.gated + most.from_middle)
    if load.sequences == 1 or load.attention != "sdpa" or load.device != "cuda":
        return experts
    repeated = max(0, 3 * most.query - most.projected)
    return experts + load.bytes_each * (load.tokens * repeated + load.sequences * load.length**2)


def _cast_weights(block: Block, tuned: Count, load: Load) -> float:
    """Autocast keeps a 16-bit copy of every float32 weight that it used."""
    if load.bytes_each == _FLOAT32:
        return 0.0
    is_float32 = load.dtype == "float16" or not tuned.is_adapter
    return load.bytes_each * (block.trained + (block.frozen if is_float32 else 0.0))


def _casts(tuned: Count, quantise: Quantisation, load: Load) -> bool:
    """Whether each adapter casts its input: to float32 as PEFT holds it, and back to 16 bit under autocast."""
    if not tuned.is_adapter or load.bytes_each == _FLOAT32:
        return False
    return quantise == "none" or load.dtype == "float16"


def _stream_bytes(tuned: Count, load: Load) -> int:
    """Bytes of a number that is passed from layer to layer: the embedding's."""
    return _FLOAT32 if not tuned.is_adapter or load.dtype == "float16" else load.bytes_each
