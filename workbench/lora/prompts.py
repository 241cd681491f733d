"""The counts of virtual tokens: prompt tuning, P-tuning and prefixes, with the networks that make them.

The networks are PEFT's: PromptEncoder and PrefixEncoder.
"""

from workbench.errors import WrongUse
from workbench.lora.copies import copied
from workbench.lora.modules import Shapes
from workbench.lora.spec import PrefixTuning, PromptKind, PTuning
from workbench.lora.trained import Count, Trained, adapter

_KEYS_AND_VALUES = 2
_GATES = 4
"""Of an LSTM: input, forget, cell and output."""


def prompts(shapes: Shapes, tuning: PromptKind) -> Count:
    """Return what virtual tokens train. Raises WrongUse when the configuration does not say how wide they are."""
    copies = copied(shapes, ()).trained
    made = sum(each.trainable for each in copies)
    tokens = tuning.virtual_tokens
    sizes = shapes.prompt
    width = sizes.prefix_width if isinstance(tuning, PrefixTuning) else sizes.width
    if not width:
        raise WrongUse(
            f"tuning: PEFT knows no {tuning.kind} tuning for {shapes.model_type} and this task", "use lora, or freeze"
        )
    if isinstance(tuning, PrefixTuning):
        out = sizes.layers * _KEYS_AND_VALUES * width
        found = _projection(tuning, width, out) if tuning.projection else [_embedding(tokens, out)]
        return adapter([*found, *copies], shapes, made + tokens * out)
    embedding = _embedding(tokens * sizes.copies, width)
    network = _network(tuning, width) if isinstance(tuning, PTuning) else []
    return adapter([embedding, *network, *copies], shapes, made + embedding.trainable)


def _embedding(tokens: int, width: int) -> Trained:
    return Trained("prompt_encoder.embedding", (tokens, width), tokens * width, how="prompt")


def _projection(tuning: PrefixTuning, width: int, out: int) -> list[Trained]:
    between = tuning.encoder_hidden_size or width
    return [
        _embedding(tuning.virtual_tokens, width),
        _linear("transform.0", between, width),
        _linear("transform.2", out, between),
    ]


def _network(tuning: PTuning, width: int) -> list[Trained]:
    between = tuning.encoder_hidden_size or width
    if tuning.encoder == "mlp":
        return [
            _linear("mlp_head.0", between, width),
            _linear("mlp_head.2", between, between),
            _linear("mlp_head.4", width, between),
        ]
    both = 2 * between
    layers = [_recurrent(layer, between, both if layer else width) for layer in range(tuning.encoder_layers)]
    return [*layers, _linear("mlp_head.0", both, both), _linear("mlp_head.2", width, both)]


def _recurrent(layer: int, hidden: int, into: int) -> Trained:
    """A layer in both directions: weights for its input and its state, and two biases for each gate."""
    shape = (_GATES * hidden, into + hidden)
    size = 2 * (shape[0] * shape[1] + 2 * _GATES * hidden)
    return Trained(f"prompt_encoder.lstm_head.{layer}", shape, size, how="prompt")


def _linear(name: str, out: int, into: int) -> Trained:
    return Trained(f"prompt_encoder.{name}", (out, into), out * into + out, how="prompt")
