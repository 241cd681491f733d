"""The options that say a tuning, each once: `lora count` and `lora fit` both have them all."""

import inspect
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from workbench.lora.spec import AnyTuning


class Kind(StrEnum):
    """Which parameters are trained."""

    lora = "lora"
    full = "full"
    freeze = "freeze"
    prompt = "prompt"
    p_tuning = "p-tuning"
    prefix = "prefix"
    ia3 = "ia3"
    bias = "bias"


class Bias(StrEnum):
    """Which biases LoRA trains besides."""

    none = "none"
    all = "all"
    lora_only = "lora_only"


class Encoder(StrEnum):
    """The network of P-tuning."""

    mlp = "mlp"
    lstm = "lstm"


class Quantise(StrEnum):
    """How frozen weights are held."""

    none = "none"
    nf4 = "nf4"
    int8 = "int8"


class Start(StrEnum):
    """What virtual tokens begin as."""

    vocabulary = "vocabulary"
    random = "random"


_OPTIONS: dict[str, Any] = {
    "tuning": Annotated[Kind | None, typer.Option("--tuning", help="Which parameters are trained; lora.")],
    "rank": Annotated[
        int | None, typer.Option("--rank", "-r", min=1, help="lora: the inner dimension of the adapters; 16.")
    ],
    "alpha": Annotated[float | None, typer.Option("--alpha", help="lora: the scale is alpha / rank; counts nothing.")],
    "target": Annotated[
        str | None,
        typer.Option("--target", metavar="NAMES|all-linear", help="lora, ia3, freeze: modules, as q_proj,v_proj."),
    ],
    "target_parameters": Annotated[
        str | None, typer.Option("--target-parameters", metavar="NAMES", help="lora: experts that are one parameter.")
    ],
    "layers": Annotated[str | None, typer.Option("--layers", metavar="0-3,7", help="lora: in these layers only.")],
    "rank_pattern": Annotated[
        list[str] | None,
        typer.Option("--rank-pattern", metavar="NAME=RANK", help="lora: another rank there; may be repeated."),
    ],
    "alpha_pattern": Annotated[
        list[str] | None,
        typer.Option("--alpha-pattern", metavar="NAME=ALPHA", help="lora: another alpha there; may be repeated."),
    ],
    "dora": Annotated[bool | None, typer.Option("--dora", help="lora: with magnitude vectors.")],
    "rslora": Annotated[bool | None, typer.Option("--rslora", help="lora: scale by alpha / √rank; counts nothing.")],
    "dropout": Annotated[float | None, typer.Option("--dropout", help="lora: before A; counts nothing.")],
    "bias": Annotated[Bias | None, typer.Option("--bias", help="lora: biases trained besides.")],
    "modules_to_save": Annotated[
        str | None, typer.Option("--modules-to-save", metavar="NAMES", help="lora, ia3: modules trained in a copy.")
    ],
    "feedforward": Annotated[
        str | None, typer.Option("--feedforward", metavar="NAMES", help="ia3: targets that are scaled at their input.")
    ],
    "last": Annotated[int | None, typer.Option("--last", min=0, help="freeze: how many of the last blocks.")],
    "virtual_tokens": Annotated[
        int | None, typer.Option("--virtual-tokens", min=1, help="prompt, p-tuning, prefix: how many; 20.")
    ],
    "start": Annotated[Start | None, typer.Option("--start", help="prompt: what they begin as; counts nothing.")],
    "projection": Annotated[bool | None, typer.Option("--projection", help="prefix: made by two layers.")],
    "encoder": Annotated[Encoder | None, typer.Option("--encoder", help="p-tuning: mlp or lstm.")],
    "encoder_hidden_size": Annotated[
        int | None, typer.Option("--encoder-hidden-size", min=1, help="p-tuning, prefix: the width of the network.")
    ],
    "encoder_layers": Annotated[
        int | None, typer.Option("--encoder-layers", min=1, help="p-tuning: layers of the lstm; 2.")
    ],
    "quantise": Annotated[
        Quantise | None, typer.Option("--quantise", help="Adapters: how the frozen weights are held; none.")
    ],
}
"""By the name of the field that each sets; `tuning` is the kind."""
_PATTERNS = ("rank_pattern", "alpha_pattern")

Settings = dict[str, Any]
"""What was said of a tuning, by the names of its fields."""


def takes_tuning(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options besides its own: it is called with what was said of them as `settings`."""
    own = inspect.signature(command, eval_str=True)

    @wraps(command)
    def called(**given: Any) -> None:
        said = {name: given.pop(name) for name in _OPTIONS}
        command(**given, settings={name: value for name, value in said.items() if value is not None})

    keyword = inspect.Parameter.KEYWORD_ONLY
    shared = [inspect.Parameter(name, keyword, default=None, annotation=kind) for name, kind in _OPTIONS.items()]
    kept = [each.replace(kind=keyword) for each in own.parameters.values() if each.name != "settings"]
    called.__signature__ = own.replace(parameters=[*kept, *shared])  # type: ignore[attr-defined]
    return called


def tuning_of(settings: Settings, source: str) -> "AnyTuning":
    """Return the tuning. Raises WrongUse for a setting that its kind does not have, naming `source`."""
    from workbench.errors import WrongUse
    from workbench.lora.spec import KINDS
    from workbench.validation import validated

    kind = str(settings.get("tuning", Kind.lora).value)
    given = {name: _plain(name, value) for name, value in settings.items() if name != "tuning"}
    fields = KINDS[kind].model_fields
    strange = [name.replace("_", "-") for name in given if name not in fields]
    if strange:
        having = [other for other, each in KINDS.items() if set(given) <= set(each.model_fields)]
        raise WrongUse(
            f"{kind} tuning has no {' and no '.join(strange)}",
            f"leave it out, or use --tuning {' or '.join(having)}" if having else "leave it out",
        )
    return validated(KINDS[kind], given, source)


def _plain(name: str, value: Any) -> Any:
    """An option's value as a run's file has it: NAME=VALUE of a pattern, the word of a choice."""
    from workbench.errors import WrongUse

    if name not in _PATTERNS:
        return value.value if isinstance(value, StrEnum) else value
    for pattern in value:
        if "=" not in pattern:
            option = f"--{name.replace('_', '-')}"
            raise WrongUse(f"{option} {pattern}: expected NAME=NUMBER", "for example q_proj=8")
    return dict(pattern.rsplit("=", 1) for pattern in value)
