"""What one layer keeps for the backward pass, in numbers a token, read from its modules' names and widths.

After Korthikanti et al. 2022, section 4.1, but for what transformers 5 really keeps: its attention is fused, its norms
work in float32, its gated MLPs keep three products, and PEFT casts the input of each adapter for itself.
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from math import prod

from workbench.lora.count import Count, Trained
from workbench.lora.modules import Layer, Module, Parameter, Shapes, place_of

_ATTENTION = re.compile(r"attn|attention", re.IGNORECASE)
_INTO_ATTENTION = re.compile(r"^(q|k|v|kv|qkv|qk)(_|$)|query|key|value|c_attn|qkv|in_proj", re.IGNORECASE)
_FUSED = re.compile(r"qkv|query_key_value|c_attn", re.IGNORECASE)
_OUT_OF_MLP = re.compile(r"down|fc2|fc_out|c_proj|4h_to_h|^w2$|^wo$|output", re.IGNORECASE)
_STEPWISE_GELU = {"gpt2", "gpt_neo", "gptj", "codegen", "phi", "imagegpt"}
"""They compute gelu's approximation in steps, and each step keeps a tensor."""
_RELU = {"opt"}
"""A relu keeps what it puts out, which is the input of what follows."""
_LEARNED_POSITIONS = {"gpt2", "gpt_bigcode", "bloom", "mpt", "opt", "gpt_neo", "imagegpt"}
"""They rotate nothing, so q and k are kept where they were made."""
_PLAIN_NORMS = {"mpt"}
"""Their norms are torch's LayerNorm, which has a bias everywhere else."""
_STEPS_OF_EXPERTS = {"gpt_oss": 4}
"""How many tensors of the middle's width an expert's activation keeps, where it is more than one."""


@dataclass(eq=False)
class Block:
    """A layer, one and the same for all that are alike; all but the last five are numbers a token."""

    query: int = 0
    """Of all heads; attention puts out as much."""
    projected: int = 0
    """q, k and v together."""
    rotated: int = 0
    """q and k again, where they were made in one tensor with v, which is kept whole."""
    middle: int = 0
    """Kept by the activation and the product of a gated MLP."""
    stepwise: int = 0
    """Kept by an activation that is computed in steps."""
    norms: int = 0
    """The inputs of the norms that work in float32."""
    plain_norms: int = 0
    """Those of torch's LayerNorm, which autocast makes work in float32 on a GPU only."""
    trained_norms: int = 0
    """Those whose normalised input is kept as well, for the gradient of their weight."""
    inputs: list[int] = field(default_factory=list)
    """The input of each linear module that reads a norm and keeps its input."""
    sources: int = 0
    """The same with those that read one norm counted once."""
    from_attention: int = 0
    from_middle: int = 0
    """The inputs of the two projections back to the stream, where kept."""
    from_relu: int = 0
    """The same after a relu, which keeps it already: another copy only where an adapter casts it."""
    experts: int = 0
    """What experts that are one parameter keep, for each that a token passes: what they are given, the middle, and
    what they give back. They work in the dtype of their weights, for autocast does not know them."""
    expert_weights: int = 0
    """Parameters of theirs, which autocast leaves as they are."""
    ranks: int = 0
    """Between A and B."""
    widest: int = 0
    largest: int = 0
    """The largest matrix, in numbers."""
    trained: int = 0
    frozen: int = 0
    """Parameters."""
    merged: int = 0
    """Weights of experts that PEFT adds their adapters to in each pass: W + B·A, kept whole."""
    unknown_experts: int = 1
    """How many experts a token may pass, where the configuration does not say."""


@dataclass(frozen=True)
class _Matrix:
    """A linear module, or the experts in one parameter, as a token meets it."""

    out: int
    into: int
    times: int
    """How many a token passes."""
    is_experts: bool
    trained: Trained | None


def blocks(shapes: Shapes, tuned: Count) -> list[Block]:
    """Return the model's layers, in order."""
    trained = {each.name: each for each in tuned.trained}
    owned = {each.name: each[2:] for each in tuned.trained}  # all but its name and shape
    found: list[Block] = []
    known: dict[Hashable, Block] = {}
    for layer in shapes.layers:
        alike = (layer.look, *[owned.get(full) or owned.get(module.name) for full, module, _ in layer.members])
        if alike not in known:
            known[alike] = _block(layer, shapes, trained)
        found.append(known[alike])
    return found


def reached(shapes: Shapes, layers: list[Block]) -> list[Block]:
    """Return the layers that a backward pass comes to: from the first with something to train, all without one."""
    placed = [(layer.index, block) for layer, block in zip(shapes.layers, layers, strict=True)]
    first = min((index for index, block in placed if block.trained), default=0)
    return [block for index, block in placed if index >= first]


def _block(layer: Layer, shapes: Shapes, trained: dict[str, Trained]) -> Block:
    block = Block(norms=shapes.hidden * layer.bare_norms)
    ups = downs = expert_ups = expert_downs = 0
    read: dict[str, int] = {}
    for full, module, parameter in layer.members:
        own = trained.get(full) or trained.get(module.name)
        _add_sizes(block, module, parameter, own)
        if len(parameter.shape) < 2:
            continue
        matrix = _matrix(shapes, module, parameter, own)
        role = _role(full)
        if role == "into attention":
            block.projected += matrix.out
            is_rotated = _FUSED.search(full) and shapes.model_type not in _LEARNED_POSITIONS
            block.rotated += matrix.out if is_rotated else 0
        elif role == "out of attention":
            block.query += matrix.into
            block.from_attention += matrix.into if own else 0
        elif matrix.is_experts and role == "out of mlp":
            expert_downs += matrix.times * matrix.into
            block.experts += matrix.times * matrix.into if own else 0
        elif matrix.is_experts:
            expert_ups += matrix.times * matrix.out
        elif role == "out of mlp":
            downs += matrix.times * matrix.into
            block.from_middle += matrix.times * matrix.into if own else 0
        else:
            ups += matrix.times * matrix.out
        _add_input(block, matrix, role, read, shapes)
    block.sources = sum(read.values())
    block.rotated = (block.rotated + block.query) // 2 if block.rotated else 0  # q, and k as half of what is not q
    _add_middle(block, shapes, ups, downs)
    if expert_ups:
        block.experts += expert_ups + expert_downs * _STEPS_OF_EXPERTS.get(shapes.model_type, 1)
    for full, module, parameter in layer.members:
        if len(parameter.shape) < 2:
            _add_norm(block, full, module, parameter, shapes, is_trained=module.name in trained)
    return block


def _add_sizes(block: Block, module: Module, parameter: Parameter, own: Trained | None) -> None:
    if own is not None and parameter is module.parameters[0]:
        block.trained += own.trainable
    if own is None or own.rank is not None:
        block.frozen += parameter.size
    if module.kind == "other" and len(parameter.shape) > 2:
        block.expert_weights += parameter.size


def _add_input(block: Block, matrix: _Matrix, role: str, read: dict[str, int], shapes: Shapes) -> None:
    """Add what a matrix keeps of its input, and what its adapter puts between A and B."""
    own = matrix.trained
    block.widest = max(block.widest, matrix.times * max(matrix.out, matrix.into))
    block.largest = max(block.largest, matrix.out * matrix.into)
    if matrix.is_experts:
        block.experts += matrix.times * matrix.out if role == "out of mlp" else 0
        block.experts += matrix.times * matrix.into if role == "into mlp" and own else 0
        block.merged += own.experts * matrix.out * matrix.into if own and own.rank else 0
        block.unknown_experts = 1 if shapes.experts_per_token else max(block.unknown_experts, own.experts if own else 8)
        return
    if own is None:
        return
    block.ranks += own.rank or 0
    if role.startswith("into"):
        block.inputs.append(matrix.into)
        read[role] = max(read.get(role, 0), matrix.into)


def _add_norm(
    block: Block, full: str, module: Module, parameter: Parameter, shapes: Shapes, *, is_trained: bool
) -> None:
    """Add a norm's input. One of q or k has a head's width, and works on all heads."""
    if parameter.name != "weight" or module.kind != "other":
        return
    width = parameter.shape[0]
    if width < shapes.hidden and re.search(r"[qk]_(layer)?norm", full):
        width = block.query if "q_" in full else (block.projected - block.query) // 2
    if len(module.parameters) > 1 or shapes.model_type in _PLAIN_NORMS:  # torch's LayerNorm keeps its input only
        block.plain_norms += width
        return
    block.norms += width
    block.trained_norms += width * is_trained


def _add_middle(block: Block, shapes: Shapes, ups: int, downs: int) -> None:
    if ups > downs > 0:
        block.middle = ups + downs
    elif shapes.model_type in _STEPWISE_GELU:
        block.stepwise = ups
    elif shapes.model_type in _RELU:
        block.middle, block.from_middle, block.from_relu = ups, 0, block.from_middle
    else:
        block.middle = ups


def _role(full: str) -> str:
    """What a matrix does in its layer."""
    kind = place_of(full).kind.removesuffix(".weight")
    leaf = kind.rpartition(".")[2]
    if _ATTENTION.search(kind):
        return "into attention" if _INTO_ATTENTION.search(leaf) else "out of attention"
    return "out of mlp" if _OUT_OF_MLP.search(leaf) else "into mlp"


def _matrix(shapes: Shapes, module: Module, parameter: Parameter, own: Trained | None) -> _Matrix:
    if module.kind != "other":
        return _Matrix(*module.matrix, 1, is_experts=False, trained=own)
    *several, out, into = parameter.shape
    is_down = bool(_OUT_OF_MLP.search(parameter.name))
    if (is_down and into == shapes.hidden) or (not is_down and out == shapes.hidden):
        out, into = into, out  # some hold their experts as (experts, in, out)
    is_experts = prod(several) > 1
    return _Matrix(out, into, (shapes.experts_per_token or 1) if is_experts else 1, is_experts, own)
