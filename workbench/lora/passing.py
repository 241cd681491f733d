"""What a run holds while a batch passes: the activations that the backward pass needs again.

After Korthikanti et al. 2022, section 4.1 and eq. 2, taken from the modules' own widths (see workbench.lora.blocks)
and in the dtypes of PyTorch's autocast; checked against the tensors that torch saves.
"""

from dataclasses import dataclass

from workbench.lora.blocks import Block, reached
from workbench.lora.count import Count
from workbench.lora.modules import Shapes
from workbench.lora.parts import Load, Part
from workbench.lora.spec import Quantisation

_FLOAT32 = 4
_LOW, _HIGH = 0.88, 1.12
"""How far the likely figure may be off: allocators round, and architectures differ in small things."""
_ONE_HEAD = {"falcon"}
"""They hand attention one head of keys for all heads of queries."""
_SOFTMAX_AS_IT_COMES = {"gpt2", "gptj", "gpt_neo", "falcon"}
"""They leave the softmax's dtype to autocast, which takes float32 on a GPU only."""
_SOFTMAX_IN_16_BIT = {"gpt_oss"}
"""They ask for the dtype of the scores."""
_CAPPED = {"gemma2"}
"""They keep the scores once more, after a tanh that caps them."""
_GELU_STEPS = 4
"""Tensors that a gelu computed in steps keeps: x, tanh and two factors; on a GPU autocast holds three in float32."""
_BACKWARD, _BACKWARD_CAST = 3, 10
"""What the widest matrix works on in its backward pass: numbers a token, or bytes where an adapter casts."""


@dataclass(frozen=True)
class Passing:
    """What is held on top of what is always held, in bytes."""

    kept: float
    """From the whole forward pass, at its end."""
    again: float
    """One layer's, computed again in the backward pass; 0 without checkpointing."""
    transient: float
    """What the widest matrix works on in its backward pass."""
    part: Part


@dataclass(frozen=True)
class _Held:
    """How a pass holds its numbers."""

    casts: bool
    """Each adapter casts its input: to float32 as PEFT holds it, and back to 16 bit under autocast."""
    stream: int
    """Bytes of a number that goes from layer to layer."""
    casts_frozen: bool
    """Frozen weights are float32 and autocast makes copies."""


def passing(shapes: Shapes, layers: list[Block], tuned: Count, quantise: Quantisation, load: Load) -> Passing:
    """Return what a pass over the batch holds.

    With checkpointing only the input of each layer is kept, and one layer is computed again.
    """
    held = _held(tuned, quantise, load)
    sizes = {block: _layer_bytes(block, shapes, load, held) for block in set(layers)}
    keeps_twice = any(block.trained_norms for block in layers)
    last = float(load.tokens * shapes.hidden * _FLOAT32 * (2 if keeps_twice else 1))
    if load.checkpointing:
        kept, again = last + load.tokens * shapes.hidden * held.stream * len(layers), max(sizes.values(), default=0.0)
        said = f"{load.tokens:,} × {shapes.hidden:,} × {len(layers)} layers × {held.stream}, one layer again"
    else:
        used = [sizes[block] for block in reached(shapes, layers)]
        kept, again = last + sum(used), 0.0
        said = f"{load.tokens:,} tokens × {kept / load.tokens:,.0f} bytes in {len(used)} layers"
    transient = _transient(layers, shapes, quantise, load, held)
    likely = kept + again + transient
    doubt = _doubt(layers, load) * (1 if load.checkpointing else len(layers))
    return Passing(kept, again, transient, Part("activations", _LOW * likely, _HIGH * likely + doubt, said, likely))


def _held(tuned: Count, quantise: Quantisation, load: Load) -> _Held:
    is_float32 = not tuned.is_adapter or load.dtype == "float16"
    is_16_bit = load.bytes_each < _FLOAT32
    return _Held(
        casts=tuned.is_adapter and is_16_bit and (quantise == "none" or load.dtype == "float16"),
        stream=_FLOAT32 if is_float32 else load.bytes_each,
        casts_frozen=is_float32 and is_16_bit and quantise == "none",
    )


def _layer_bytes(block: Block, shapes: Shapes, load: Load, held: _Held) -> float:
    """What one layer keeps for the whole batch."""
    each = load.bytes_each
    plain = _FLOAT32 if load.device == "cuda" else held.stream
    token = _FLOAT32 * block.norms + plain * block.plain_norms + held.stream * (block.trained_norms + block.experts)
    token += each * (block.middle + block.ranks + block.from_middle + block.from_relu * held.casts)
    token += block.stepwise * (14 if each < _FLOAT32 and load.device == "cuda" else _GELU_STEPS * each)
    if load.attention != "eager" and _is_plain(shapes, block):
        token += _FLOAT32 * 3 * block.query
    elif load.attention == "eager":
        token += each * (3 * block.query + block.from_attention)  # k and v are repeated for every head
    else:
        token += each * (block.projected + block.rotated + block.query) + _FLOAT32 * shapes.heads
        token += each * block.from_attention * held.casts
    is_copied = held.casts or each < held.stream
    token += each * (sum(block.inputs) if is_copied else block.sources)
    return load.tokens * token + _prefix(block, load) + _scores(block, shapes, load, held) + _weights(block, load, held)


def _prefix(block: Block, load: Load) -> float:
    """Keys and values of a prefix: as they were made, in float32, and with the row's own, for every head of queries.

    A prefix needs a mask, and with a mask attention takes as many heads of keys as of queries.
    """
    if not load.prefix_tokens:
        return 0.0
    own = block.projected - block.query
    both = 2 * block.query * (load.length + load.prefix_tokens) - own * load.length
    return load.sequences * (load.bytes_each * both + (_FLOAT32 + load.bytes_each) * own * load.prefix_tokens)


def _scores(block: Block, shapes: Shapes, load: Load, held: _Held) -> float:
    """Attention's length × length, where it is held: after the softmax in float32, and in the forward pass's dtype."""
    if not holds_scores(shapes, block, load):
        return 0.0
    kind, as_it_comes = shapes.model_type, _SOFTMAX_AS_IT_COMES if load.device == "cpu" else set()
    each = _FLOAT32 + (load.bytes_each if load.bytes_each < _FLOAT32 else 0)
    if load.attention != "eager" and shapes.is_sdpa:
        each = _FLOAT32  # torch's own steps, in float32 throughout
    elif held.stream == load.bytes_each and kind in _SOFTMAX_IN_16_BIT | as_it_comes:
        each = load.bytes_each
    each += load.bytes_each * (kind in _CAPPED)
    length = load.length + load.virtual_tokens
    return float(load.sequences * shapes.heads * length * (length + load.prefix_tokens) * each)


def holds_scores(shapes: Shapes, block: Block, load: Load) -> bool:
    """Whether attention's length × length is held, because no fused kernel is used or takes these heads."""
    return bool(block.query) and (load.attention == "eager" or not shapes.is_sdpa or _is_plain(shapes, block))


def _is_plain(shapes: Shapes, block: Block) -> bool:
    """Whether torch's fused kernels refuse it: they want as many heads of keys as of queries (aten's sdp_utils)."""
    return shapes.model_type in _ONE_HEAD and block.query < block.projected < 2 * block.query


def _weights(block: Block, load: Load, held: _Held) -> float:
    """Autocast's 16-bit copy of every float32 weight that it used, and experts with their adapters added."""
    copied = block.trained + (block.frozen if held.casts_frozen else 0)
    copied = max(0, copied - block.expert_weights) if held.stream == _FLOAT32 else copied
    if load.shards(3) > 1:
        copied = 0  # fetched in 16 bit, and let go
    return load.bytes_each * (block.merged + (copied if load.bytes_each < _FLOAT32 else 0))


def _transient(layers: list[Block], shapes: Shapes, quantise: Quantisation, load: Load, held: _Held) -> float:
    """The gradients around the widest matrix, and a quantised one in the forward pass's dtype."""
    widest = max((block.widest for block in layers), default=shapes.hidden)
    matrix = max((block.largest for block in layers), default=0) if quantise != "none" else 0
    each = _BACKWARD_CAST if held.casts else _BACKWARD * load.bytes_each
    return float(load.tokens * widest * each + load.bytes_each * matrix)


def _doubt(layers: list[Block], load: Load) -> float:
    """For a layer: rows of unequal length need a mask for each, and k and v for each head; and unknown experts."""
    if not layers:
        return 0.0
    most = max(layers, key=lambda block: block.middle + block.experts)
    experts = (most.unknown_experts - 1) * load.tokens * load.bytes_each * most.experts
    if load.sequences == 1 or load.attention != "sdpa":
        return float(experts)
    repeated = max(0, 3 * most.query - most.projected)
    return float(experts + load.bytes_each * (load.tokens * repeated + load.sequences * load.length**2))
