"""`workbench lora`: how many parameters a tuning trains, from a model's configuration alone."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli import lora_fit
from workbench.cli.options import Json
from workbench.cli.tuning_options import Settings, takes_tuning, tuning_of

if TYPE_CHECKING:
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


@app.callback()
def _group() -> None:
    """Count what is trained, and know that it fits."""


@app.command()
@takes_tuning
def count(
    model: Annotated[str, typer.Argument(help="A folder, a Hub id, or starter; its weights are not needed.")],
    task: Annotated[Task, typer.Option("--task", help="Decides the head; any: what the model is for.")] = Task.any,
    labels: Annotated[int, typer.Option("--labels", min=0, help="Classes of classify.")] = 0,
    new_tokens: Annotated[
        int, typer.Option("--new-tokens", min=0, help="Tokens that the tokenizer gets: their rows are trained too.")
    ] = 0,
    as_json: Json = False,
    *,
    settings: Settings,
) -> None:
    """Count the parameters that a tuning trains, module by module, as PEFT counts them."""
    from workbench.cli.output import document, say
    from workbench.lora.count import count as counted
    from workbench.lora.known import shapes_of
    from workbench.models.find import Need, find_model

    chosen = tuning_of(settings, "lora count")
    folder = find_model(model, Need.CONFIG, say).folder
    found = counted(shapes_of(folder, task=task.value, labels=labels), chosen, new_tokens)
    if found.refused:
        say(f"a run refuses this: {found.refused}")
    if as_json:
        document(_document(found))
    else:
        _draw(found)


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

    adapter = f" · adapter {found.adapter_bytes / 1e6:,.1f} MB and its header" if found.is_adapter else ""
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
