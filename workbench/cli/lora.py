"""`workbench lora`: how many parameters a tuning trains, from a model's configuration alone."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli import lora_fit
from workbench.cli.options import Json

if TYPE_CHECKING:
    from workbench.lora.count import Count, Trained

app = typer.Typer(help="Count what is trained, and know that it fits.", no_args_is_help=True)


class Task(StrEnum):
    """What is learned."""

    sft = "sft"


class Kind(StrEnum):
    """Which parameters are trained."""

    lora = "lora"
    full = "full"


@app.callback()
def _group() -> None:
    """Count what is trained, and know that it fits."""


@app.command()
def count(
    model: Annotated[str, typer.Argument(help="A folder, a Hub id, or starter; its weights are not needed.")],
    rank: Annotated[
        int | None, typer.Option("--rank", "-r", min=1, help="The inner dimension of the adapters; 16.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", metavar="NAMES|all-linear", help="Modules, as q_proj,v_proj; by default all-linear."),
    ] = None,
    task: Annotated[Task, typer.Option("--task", help="What is learned.")] = Task.sft,  # noqa: ARG001 - one so far
    tuning: Annotated[Kind, typer.Option("--tuning", help="Adapters, or everything.")] = Kind.lora,
    as_json: Json = False,
) -> None:
    """Count the parameters that a tuning trains, module by module, as PEFT counts them."""
    from workbench.cli.output import document, say
    from workbench.errors import WrongUse
    from workbench.lora.count import count as counted
    from workbench.lora.known import shapes_of
    from workbench.lora.spec import FullTuning, LoraTuning
    from workbench.models.find import Need, find_model
    from workbench.validation import validated

    given = {name: value for name, value in (("rank", rank), ("target", target)) if value is not None}
    if given and tuning is Kind.full:
        raise WrongUse(f"full tuning has no {' and no '.join(given)}", "leave it out, or use --tuning lora")
    chosen = validated(LoraTuning, given, "lora count") if tuning is Kind.lora else FullTuning()
    found = counted(shapes_of(find_model(model, Need.CONFIG, say).folder), chosen)
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
        "modules": [
            {
                "name": each.name,
                "shape": list(each.shape),
                "trainable": each.trainable,
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
