"""What a run holds while a batch passes: activations, and the tiles in which the loss is computed.

Sources: Korthikanti et al. 2022, section 4.1, for what a layer keeps, taken here from the modules' own widths; TRL
1.16's trl.kernels.chunked_logprob for the loss, which never holds the whole logits.
"""

from collections import defaultdict
from dataclasses import dataclass
from math import prod

from workbench.lora.count import Count
from workbench.lora.modules import Module, Parameter, Shapes, place_of
from workbench.lora.parts import Load, Part

_FLOAT32 = 4
_NORM_BYTES = (8, 32)
"""For a token and a hidden unit: two norms in float32, without and with all their products."""
_OF_INPUTS = 0.5
"""At least this share of inputs is kept: q, k and v share one, gate and up another."""
_TILE_TOKENS, _TILE_WORDS = 4096, 32768
_TILE_COPIES = 5
"""Without Triton each step on a tile is a float32 tensor of its own."""


@dataclass
class _Layer:
    """Bytes a token."""

    low: float = 0.0
    high: float = 0.0


def activations(shapes: Shapes, tuned: Count, load: Load) -> Part:
    """What the backward pass needs again.

    Low: what every linear module puts out and half of what goes in, in the dtype of the forward pass. High: all that
    goes in, a float32 copy for each adapter, a layer's gradients, and the scores of attention that cannot be avoided.
    With checkpointing only the input of each layer is kept, and one layer is computed again.
    On a CPU, one small llama in four settings took 0.58 to 0.75 of the whole high end.
    """
    layers = _layers(shapes, tuned, load)
    scores = (
        0 if shapes.is_sdpa else load.micro_batch * shapes.heads * load.length**2 * (2 * load.bytes_each + _FLOAT32)
    )
    norms_low, norms_high = (each * shapes.hidden for each in _NORM_BYTES)
    lows = [load.tokens * (layer.low + norms_low) for layer in layers]
    highs = [load.tokens * (layer.high + norms_high) + scores for layer in layers]
    if not load.checkpointing:
        said = f"{load.tokens:,} tokens × {sum(lows) / load.tokens:,.0f} bytes, at least"
        return Part("activations", sum(lows), sum(highs) + max(highs, default=0.0), said)
    kept = load.tokens * shapes.hidden * len(layers)
    said = f"{load.tokens:,} × {shapes.hidden:,} × {len(layers)} layers × {load.bytes_each}, one layer again"
    return Part("activations", load.bytes_each * kept + max(lows, default=0.0),
                _FLOAT32 * kept + 2 * max(highs, default=0.0), said)  # fmt: skip


def loss(shapes: Shapes, tuned: Count, load: Load) -> Part:
    """One tile of logits at a time, and in float32 the gradients of the head's input and, when trained, of the head."""
    rows, words = min(load.tokens, _TILE_TOKENS), min(_TILE_WORDS, shapes.vocabulary)
    tile = rows * _TILE_WORDS * load.bytes_each
    touched = tile if load.device == "cuda" else rows * words * load.bytes_each
    hidden = _FLOAT32 * load.tokens * shapes.hidden
    head = 0 if tuned.is_adapter else _FLOAT32 * shapes.vocabulary * shapes.hidden
    steps = 0 if load.device == "cuda" else _TILE_COPIES * _FLOAT32 * rows * words
    weights = load.bytes_each * words * shapes.hidden
    said = f"a tile of {rows:,} × {_TILE_WORDS:,} × {load.bytes_each}, gradients"
    return Part("logits", touched + hidden + head, tile + 2 * (hidden + head) + steps + weights, said)


def _layers(shapes: Shapes, tuned: Count, load: Load) -> list[_Layer]:
    adapted = {each.name for each in tuned.trained} if tuned.is_adapter else set()
    layers: dict[tuple[str, int], _Layer] = defaultdict(_Layer)
    for full, module, parameter in shapes.named():
        place = place_of(full)
        if place.layer is None or len(parameter.shape) < 2:
            continue
        out, into = parameter.shape[-2:] if module.kind == "other" else module.matrix
        least, most = _passed(shapes, module, parameter)
        copies = _FLOAT32 * into if full in adapted or module.name in adapted else 0
        layer = layers[place.stack, place.layer]
        layer.low += least * load.bytes_each * (out + _OF_INPUTS * into)
        layer.high += most * (load.bytes_each * (out + into) + copies)
    return list(layers.values())


def _passed(shapes: Shapes, module: Module, parameter: Parameter) -> tuple[int, int]:
    """How many of a parameter's experts a token passes, at least and at most; 1 for all that is no list of experts."""
    experts = prod(parameter.shape[:-2])
    if module.kind != "other" or experts == 1:
        return 1, 1
    return shapes.experts_per_token or 1, shapes.experts_per_token or experts
