"""What one layer keeps for the backward pass, in numbers a token, read from its modules' names and widths.

After Korthikanti et al. 2022, section 4.1, but for what transformers 5 really keeps: its attention is fused, its norms
work in float32, its gated MLPs keep three products, and PEFT casts the input of each adapter for itself.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from math import prod

from workbench.lora.count import Count
from workbench.lora.modules import Module, Parameter, Shapes, place_of

_ATTENTION = re.compile(r"attn|attention", re.IGNORECASE)
_INTO_ATTENTION = re.compile(r"^(q|k|v|kv|qk|qkv)\b|^(q|k|v|kv|qkv)_|query|key|value|c_attn|qkv|in_proj", re.IGNORECASE)
_OUT_OF_MLP = re.compile(r"down|fc2|fc_out|c_proj|4h_to_h|^w2$|^wo$|dense_4h|output", re.IGNORECASE)
_STEPWISE_GELU = {"gpt2", "gpt_neo", "gptj", "codegen", "phi", "gpt_bigcode", "imagegpt"}
"""They compute gelu's approximation in steps, and each step keeps a tensor."""


@dataclass
class Block:
    """One layer; all but `index` and `experts_most` are numbers a token."""

    index: int
    query: int = 0
    """Of all heads; attention puts out as much."""
    projected: int = 0
    """q, k and v together, as fused attention keeps them."""
    gated: int = 0
    """Kept by the activation and the product of a gated MLP."""
    stepwise: int = 0
    """Kept by an activation that is computed in steps."""
    norms: int = 0
    """The inputs of the norms, in float32."""
    trained_norms: int = 0
    """Those whose normalised input is kept as well, for the gradient of their weight."""
    from_norms: tuple[int, ...] = ()
    """The input of each linear module that reads a norm and keeps its input."""
    norm_sources: int = 0
    """The same with those that read one norm counted once."""
    from_attention: int = 0
    from_middle: int = 0
    """The inputs of the two projections back to the stream, where kept."""
    ranks: int = 0
    """Between A and B."""
    widest: int = 0
    size: int = 0
    """Of the largest matrix."""
    trained: int = 0
    """Parameters, not a token."""
    frozen: int = 0
    experts_most: float = 1.0
    """How much more an MLP may keep where the configuration does not say how many experts a token passes."""


def blocks(shapes: Shapes, tuned: Count) -> list[Block]:
    """Return the model's layers, in order."""
    layers: dict[tuple[str, int], list[tuple[str, Module, Parameter]]] = defaultdict(list)
    for full, module, parameter in shapes.named():
        place = place_of(full)
        if place.layer is not None:
            layers[place.stack, place.layer].append((full, module, parameter))
    kept = {each.name: each for each in tuned.trained}
    return [_block(index, members, shapes, kept) for (_, index), members in layers.items()]


def _block(index: int, members: list[tuple[str, Module, Parameter]], shapes: Shapes, kept: dict) -> Block:  # type: ignore[type-arg]
    block = Block(index)
    ups = downs = 0
    read: dict[str, int] = {}
    from_norms = []
    for full, module, parameter in members:
        trained = kept.get(full) or kept.get(module.name)
        block.trained += trained.trainable if trained and parameter is module.parameters[0] else 0
        block.frozen += 0 if trained and trained.rank is None else parameter.size
        if len(parameter.shape) < 2:
            _add_norm(block, full, module, parameter, shapes, is_trained=trained is not None)
            continue
        out, into, times = _widths(shapes, module, parameter)
        block.experts_most = max(block.experts_most, _doubt(shapes, module, parameter))
        block.widest = max(block.widest, times * max(out, into))
        block.size = max(block.size, out * into)
        block.ranks += times * (trained.rank or 0) if trained else 0
        role = _role(full, shapes)
        if role == "q":
            block.projected += out
        elif role == "o":
            block.query += into
            block.from_attention += into if trained else 0
        elif role == "down":
            downs += times * into
            block.from_middle += times * into if trained else 0
        else:
            ups += times * out
        if trained and role in ("q", "up"):
            from_norms.append(times * into)
            read[role] = max(read.get(role, 0), times * into)
    block.from_norms, block.norm_sources = tuple(from_norms), sum(read.values())
    _add_middle(block, shapes, ups, downs)
    return block


def _add_norm(
    block: Block, full: str, module: Module, parameter: Parameter, shapes: Shapes, *, is_trained: bool
) -> None:
    """Add a norm's input. One of q or k has a head's width, and works on all heads."""
    if parameter.name != "weight" or module.kind != "other":
        return
    width = parameter.shape[0]
    if width < shapes.hidden and re.search(r"[qk]_(layer)?norm", full):
        width = shapes.heads * width
    block.norms += width
    if is_trained and len(module.parameters) == 1:  # with a bias it is torch's LayerNorm, which keeps its input only
        block.trained_norms += width


def _add_middle(block: Block, shapes: Shapes, ups: int, downs: int) -> None:
    if ups > downs > 0:
        block.gated = ups + downs
    elif shapes.model_type in _STEPWISE_GELU:
        block.stepwise = ups
    else:
        block.gated = ups


def _role(full: str, shapes: Shapes) -> str:
    """What a matrix does in its layer: q (into attention), o (out of it), up (into the MLP), down (out of it)."""
    kind = place_of(full).kind.removesuffix(".weight")
    leaf = kind.rpartition(".")[2]
    if _ATTENTION.search(kind):
        return "q" if _INTO_ATTENTION.search(leaf) else "o"
    return "down" if _OUT_OF_MLP.search(leaf) or (shapes.model_type == "t5" and leaf == "wo") else "up"


def _widths(shapes: Shapes, module: Module, parameter: Parameter) -> tuple[int, int, int]:
    """(out, in, times) of a matrix; experts count as often as a token passes one, at least."""
    if module.kind != "other":
        return (*module.matrix, 1)
    *several, out, into = parameter.shape
    if prod(several) > 1 and into != shapes.hidden and out != shapes.hidden:
        return out, into, 1
    is_down = bool(_OUT_OF_MLP.search(parameter.name))
    if (is_down and into == shapes.hidden) or (not is_down and out == shapes.hidden):
        out, into = into, out  # some hold their experts as (experts, in, out)
    return out, into, (shapes.experts_per_token or 1) if prod(several) > 1 else 1


def _doubt(shapes: Shapes, module: Module, parameter: Parameter) -> float:
    experts = prod(parameter.shape[:-2])
    return float(experts) if module.kind == "other" and experts > 1 and not shapes.experts_per_token else 1.0


def first_trained(layers: Collection[Block]) -> int:
    """Return the index of the first layer with something to train: below it nothing is kept; 0 when none is known."""
    return min((block.index for block in layers if block.trained), default=0)
