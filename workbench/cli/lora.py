"""`workbench lora`: how many parameters a tuning trains, from a model's configuration alone."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli import lora_fit
from workbench.cli.options import Json

if TYPE_CHECKING:
    from workbench.lora.spec import AnyTuning
    from workbench.lora.trained import Count, Trained

app = typer.Typer(help="Count what is trained, and know that it fits.", no_args_is_help=True)


class Task(StrEnum):
    """What is learned."""

    any = "any"
    sft = "sft"
    masked = "masked"
    seq2seq = "seq2seq"
    classify = "classify"
    reward = "reward"
    answer = "answer"


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


@app.callback()
def _group() -> None:
    """Count what is trained, and know that it fits."""


@app.command()
def count(
    model: Annotated[str, typer.Argument(help="A folder, a Hub id, or starter; its weights are not needed.")],
    tuning: Annotated[Kind, typer.Option("--tuning", help="Which parameters are trained.")] = Kind.lora,
    task: Annotated[Task, typer.Option("--task", help="Decides the head; any: what the model is for.")] = Task.any,
    labels: Annotated[int, typer.Option("--labels", min=0, help="Classes of classify.")] = 0,
    rank: Annotated[
        int | None, typer.Option("--rank", "-r", min=1, help="lora: the inner dimension of the adapters; 16.")
    ] = None,
    alpha: Annotated[
        float | None, typer.Option("--alpha", help="lora: the scale is alpha / rank; counts nothing.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", metavar="NAMES|all-linear", help="lora, ia3, freeze: modules, as q_proj,v_proj."),
    ] = None,
    layers: Annotated[str | None, typer.Option("--layers", metavar="0-3,7", help="lora: in these layers only.")] = None,
    rank_pattern: Annotated[
        list[str] | None,
        typer.Option("--rank-pattern", metavar="NAME=RANK", help="lora: another rank there; may be repeated."),
    ] = None,
    dora: Annotated[bool | None, typer.Option("--dora", help="lora: with magnitude vectors.")] = None,
    rslora: Annotated[
        bool | None, typer.Option("--rslora", help="lora: scale by alpha / √rank; counts nothing.")
    ] = None,
    bias: Annotated[Bias | None, typer.Option("--bias", help="lora: biases trained besides.")] = None,
    modules_to_save: Annotated[
        str | None, typer.Option("--modules-to-save", metavar="NAMES", help="lora, ia3: modules trained in a copy.")
    ] = None,
    feedforward: Annotated[
        str | None, typer.Option("--feedforward", metavar="NAMES", help="ia3: targets that are scaled at their input.")
    ] = None,
    last: Annotated[int | None, typer.Option("--last", min=0, help="freeze: how many of the last blocks.")] = None,
    virtual_tokens: Annotated[
        int | None, typer.Option("--virtual-tokens", min=1, help="prompt, p-tuning, prefix: how many; 20.")
    ] = None,
    projection: Annotated[bool | None, typer.Option("--projection", help="prefix: made by two layers.")] = None,
    encoder: Annotated[Encoder | None, typer.Option("--encoder", help="p-tuning: mlp or lstm.")] = None,
    encoder_hidden_size: Annotated[
        int | None, typer.Option("--encoder-hidden-size", min=1, help="p-tuning, prefix: the width of the network.")
    ] = None,
    encoder_layers: Annotated[
        int | None, typer.Option("--encoder-layers", min=1, help="p-tuning: layers of the lstm; 2.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Count the parameters that a tuning trains, module by module, as PEFT counts them."""
    from workbench.cli.output import document, say
    from workbench.lora.count import count as counted
    from workbench.lora.known import shapes_of
    from workbench.models.find import Need, find_model

    settings: dict[str, Any] = {
        "rank": rank, "alpha": alpha, "target": target, "layers": layers, "dora": dora, "rslora": rslora,
        "rank_pattern": _ranks(rank_pattern), "bias": bias and bias.value, "modules_to_save": modules_to_save,
        "feedforward": feedforward, "last": last, "virtual_tokens": virtual_tokens, "projection": projection,
        "encoder": encoder and encoder.value, "encoder_hidden_size": encoder_hidden_size,
        "encoder_layers": encoder_layers,
    }  # fmt: skip
    chosen = _tuning(tuning.value, {name: value for name, value in settings.items() if value is not None})
    folder = find_model(model, Need.CONFIG, say).folder
    found = counted(shapes_of(folder, task=task.value, labels=labels), chosen)
    if found.refused:
        say(f"a run refuses this: {found.refused}")
    if as_json:
        document(_document(found))
    else:
        _draw(found)


def _tuning(kind: str, settings: "dict[str, Any]") -> "AnyTuning":
    """The tuning of this kind. Raises WrongUse for a setting that it does not have."""
    from workbench.errors import WrongUse
    from workbench.lora.spec import KINDS
    from workbench.validation import validated

    fields = KINDS[kind].model_fields
    strange = [name.replace("_", "-") for name in settings if name not in fields]
    if strange:
        having = [other for other, each in KINDS.items() if set(settings) <= set(each.model_fields)]
        raise WrongUse(
            f"{kind} tuning has no {' and no '.join(strange)}",
            f"leave it out, or use --tuning {' or '.join(having)}" if having else "leave it out",
        )
    return validated(KINDS[kind], settings, "lora count")


def _ranks(patterns: list[str] | None) -> dict[str, str] | None:
    """NAME=RANK as a rank_pattern."""
    from workbench.errors import WrongUse

    if not patterns:
        return None
    for pattern in patterns:
        if "=" not in pattern:
            raise WrongUse(f"--rank-pattern {pattern}: expected NAME=RANK", "for example q_proj=8")
    return dict(pattern.rsplit("=", 1) for pattern in patterns)


def _document(found: "Count") -> dict[str, Any]:
    return {
        "trainable": found.trainable,
        "total": found.total,
        "percent": found.percent,
        "base": found.base,
        "adapter_bytes": found.adapter_bytes,
        **({"refused": found.refused} if found.refused else {}),
        "modules": [
            {
                "name": each.name,
                "shape": list(each.shape),
                "trainable": each.trainable,
                "how": each.how,
                **({"rank": each.rank} if each.rank else {}),
                **({"experts": each.experts} if each.experts > 1 else {}),
            }
            for each in found.trained
        ],
    }


def _draw(found: "Count") -> None:
    """A line for each kind of module; layers of equal shape are one line."""
    from workbench.cli.output import line, table

    adapter = f" · adapter {found.adapter_bytes / 1e6:,.1f} MB" if found.is_adapter else ""
    line(f"{found.trainable:,} of {found.total:,} parameters are trained = {found.percent:.3g} %{adapter}")
    rows = [
        (kind, len(members), _shape(members[0]), f"{members[0].trainable:,}", f"{sum(m.trainable for m in members):,}")
        for kind, members in _alike(found.trained)
    ]
    table(("module", "times", "out × in", "trains", "in all"), rows, numbers=("times", "out × in", "trains", "in all"))


def _alike(trained: "tuple[Trained, ...]") -> "list[tuple[str, list[Trained]]]":
    """The modules in groups of one kind and one shape, each with the kind's name."""
    from workbench.lora.modules import place_of

    groups: dict[tuple[str, tuple[int, ...], int], list[Trained]] = {}
    for each in trained:
        groups.setdefault((place_of(each.name).kind, each.shape, each.trainable), []).append(each)
    return [(kind, members) for (kind, _, _), members in groups.items()]


def _shape(each: "Trained") -> str:
    shape = " × ".join(f"{size:,}" for size in each.shape)
    return f"{each.experts} × ({shape})" if each.experts > 1 else shape


app.command("fit")(lora_fit.fit)
