"""What the loss needs on top of the activations, as each recipe computes it, and what generation needs.

TRL 1.16's SFT, DPO and GRPO work on tiles (trl.kernels.chunked_logprob) and never hold the whole logits; a plain
Trainer does: transformers' ForCausalLMLoss. A reward model has one number a sequence.
"""

from workbench.lora.blocks import Block
from workbench.lora.count import Count
from workbench.lora.held import has_rows, held_bytes
from workbench.lora.modules import Shapes
from workbench.lora.parts import Load, Part

_FLOAT32 = 4
_TILE_TOKENS, _TILE_WORDS = 4096, 32768
_TILE_COPIES = 7.25
"""Without Triton each step on a tile is a float32 tensor of its own, and there is a mask."""
_SCORING_COPIES = 3.25
"""The same without gradients."""
_GENERATES = ("ppo", "grpo")


def loss(shapes: Shapes, tuned: Count, load: Load) -> Part:
    """Return what computing the loss and its first gradients holds."""
    if load.task == "reward":
        held = float(_FLOAT32 * load.tokens)
        return Part("logits", held, held, f"a score: {load.tokens:,} × 1 × 4")
    if load.task == "causal":
        return _whole(shapes, load)
    return _tiles(shapes, tuned, load)


def _whole(shapes: Shapes, load: Load) -> Part:
    """The logits, their float32 copy, the softmax's logarithm and its gradient, not all four at all times."""
    numbers = load.tokens * shapes.vocabulary
    copy = _FLOAT32 if load.bytes_each < _FLOAT32 else 0
    each = load.bytes_each + copy + 2 * _FLOAT32
    said = f"{load.tokens:,} tokens × {shapes.vocabulary:,} words × {each} bytes: held whole"
    return Part("logits", numbers * (each - _FLOAT32), numbers * (each + load.bytes_each), said, numbers * each)


def _tiles(shapes: Shapes, tuned: Count, load: Load) -> Part:
    """One tile at a time, and in float32 the gradients of the head's input and, when trained, of the head."""
    rows, words = min(load.tokens, _TILE_TOKENS), min(_TILE_WORDS, shapes.vocabulary)
    tile = rows * _TILE_WORDS * load.bytes_each
    touched = tile if load.device == "cuda" else rows * words * load.bytes_each
    hidden = _FLOAT32 * load.tokens * shapes.hidden
    head = _head(shapes, tuned, load)
    steps = 0 if load.device == "cuda" else _TILE_COPIES * _FLOAT32 * rows * words
    is_cast = load.bytes_each < _FLOAT32 and (not tuned.is_adapter or load.dtype == "float16")
    weights = load.bytes_each * words * shapes.hidden * is_cast
    likely = touched + hidden * (1 + load.bytes_each / _FLOAT32) + head + weights + steps
    said = f"a tile of {rows:,} × {_TILE_WORDS:,} × {load.bytes_each}, gradients of {load.tokens:,} × {shapes.hidden:,}"
    return Part("logits", touched + hidden + head, tile + 2 * hidden + head + weights + steps, said, likely)


def _head(shapes: Shapes, tuned: Count, load: Load) -> float:
    """The gradient of a trained head; with rows of new tokens the head is a copy in each pass, which has one too."""
    size = shapes.vocabulary * shapes.hidden
    if has_rows(tuned):
        return float((_FLOAT32 + 2 * held_bytes(tuned, load)) * size)
    return 0.0 if tuned.is_adapter else float(_FLOAT32 * size)


def scoring(shapes: Shapes, load: Load) -> float:
    """Return what the loss of an evaluation holds, where nothing is kept for a backward pass."""
    if load.task == "reward":
        return float(_FLOAT32 * load.tokens)
    if load.task == "causal":
        copy = _FLOAT32 if load.bytes_each < _FLOAT32 else 0
        return float(load.tokens * shapes.vocabulary * (load.bytes_each + copy + _FLOAT32))
    rows, words = min(load.tokens, _TILE_TOKENS), min(_TILE_WORDS, shapes.vocabulary)
    steps = 0 if load.device == "cuda" else _SCORING_COPIES * _FLOAT32 * rows * words
    return float(rows * words * load.bytes_each + steps)


def key_value_cache(layers: list[Block], load: Load) -> Part | None:
    """Return what generation keeps: k and v of every layer and token; None for a task that generates nothing."""
    if load.task not in _GENERATES:
        return None
    width = sum(max(block.projected - block.query, 0) for block in layers)
    held = float(load.bytes_each * load.tokens * width)
    said = f"{load.tokens:,} tokens × {width:,} numbers in all layers × {load.bytes_each}"
    return Part("kv cache", held, held, said)
