"""The moments at which a run may need most: the loss, the backward pass, the step, generation, evaluation, saving.

What is always there (weights, optimizer, other models, libraries) is left out here: these are bytes on top of it.
"""

from collections.abc import Iterable

from workbench.lora.blocks import Block
from workbench.lora.count import Count
from workbench.lora.held import embedding_gradients, gradients, held_bytes
from workbench.lora.losses import key_value_cache, loss, scoring
from workbench.lora.modules import Shapes
from workbench.lora.optimizers import Tensor
from workbench.lora.parts import Load
from workbench.lora.passing import Passing, holds_scores

_FLOAT32 = 4
_ADAFACTOR = 2
"""Copies of a tensor that Adafactor works on; AdamW's fused kernel and the 8-bit ones work in place."""


def moments(
    shapes: Shapes, layers: list[Block], tensors: Iterable[Tensor], tuned: Count, load: Load, batch: Passing
) -> dict[str, float]:
    """Return the bytes on top of what is always there, by the name of the moment.

    A step of one pass has no gradients yet when the backward pass begins, and no activations when it ends.
    """
    trained = gradients(tuned, load).expected
    held_already = trained if load.accumulates else 0.0
    cache = key_value_cache(layers, load)
    largest = max((tensor.size * tuned.number_bytes(tensor.how, load.dtype) for tensor in tensors), default=0)
    generation = {"generation": cache.expected} if cache else {}
    return {
        **generation,
        "loss": held_already + batch.kept + loss(shapes, tuned, load).expected,
        "backward": held_already + batch.kept + batch.again + batch.transient,
        "end of backward": trained + max(batch.again + batch.transient, embedding_gradients(shapes, tuned, load)),
        "step": trained + (_ADAFACTOR * largest / load.shards(1) if load.optimizer == "adafactor" else 0.0),
        "evaluation": evaluation(shapes, layers, tuned, load),
        "saving": saving(shapes, tuned, load),
    }


def evaluation(shapes: Shapes, layers: list[Block], tuned: Count, load: Load) -> float:
    """Return what a pass over as many rows holds without gradients: one layer at work, then the loss.

    Rows at once are as many as in training, and TRL's fused loss never holds their logits whole (a plain Trainer
    does). Under autocast a trained float32 weight leaves its 16-bit copy until the pass is over.
    """
    stream = held_bytes(tuned, load) * shapes.hidden
    copies = sum(block.trained for block in layers) if load.bytes_each < _FLOAT32 and load.shards(3) == 1 else 0
    working = max((_working(block, shapes, tuned, load) for block in set(layers)), default=0.0)
    return load.tokens * 2.0 * stream + max(working, scoring(shapes, load)) + load.bytes_each * copies


def saving(shapes: Shapes, tuned: Count, load: Load) -> float:
    """Return what saving takes on the device: tensors are written as they are, and a whole model is cast one by one.

    Where the device is a GPU, `saving_host` says what passes through the machine's own memory.
    """
    if tuned.is_adapter:
        return 0.0
    return float(load.bytes_each * max((parameter.size for _, _, parameter in shapes.named()), default=0))


def saving_host(shapes: Shapes, tuned: Count, load: Load) -> float:
    """Return what saving copies to the machine's own memory: safetensors 0.8 holds all tensors of a file there."""
    if load.device != "cuda":
        return 0.0
    whole = held_bytes(tuned, load) * shapes.size
    return float(tuned.file_bytes(load.dtype) if tuned.is_adapter else min(whole, _FILE))


_FILE = 50e9
"""Bytes of the largest file into which transformers 5 writes a model."""


def _working(block: Block, shapes: Shapes, tuned: Count, load: Load) -> float:
    """The most that one layer holds for a moment: in its attention, or in its feed-forward part."""
    attention = load.tokens * load.bytes_each * (2 * block.projected + block.query) + _scores(block, shapes, load)
    forward = load.tokens * load.bytes_each * (block.middle + 2 * block.stepwise)
    return float(max(attention, forward + load.tokens * held_bytes(tuned, load) * block.experts))


def _scores(block: Block, shapes: Shapes, load: Load) -> float:
    """Attention's length × length, where it is held: before and after the softmax, which works in float32."""
    if not holds_scores(shapes, block, load):
        return 0.0
    each = _FLOAT32 + load.bytes_each
    length = load.length + load.virtual_tokens
    return float(load.sequences * shapes.heads * length * (length + load.prefix_tokens) * each)
