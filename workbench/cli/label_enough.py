"""`workbench label enough`: whether more votes would help, by reward runs on a quarter, a half and all of them."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import Json, here, labels

if TYPE_CHECKING:
    from workbench.label.enough import Outlook
    from workbench.runs.folder import RunFolder


def enough(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The set of pairs, or of rankings.")],
    model: Annotated[str, typer.Option("--model", help="The model that each reward run begins from.")] = "starter",
    changes: Annotated[
        list[str], typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the run file of all runs.")
    ] = [],  # noqa: B006
    wait: Annotated[bool, typer.Option("--wait", help="Show progress until the runs have ended.")] = False,
    as_json: Json = False,
) -> int:
    """Say whether more votes would help: train reward models on a quarter, a half and all of them, and compare.

    Runs that were asked the same on the same votes are not started again; those that are missing queue on the device.
    """
    from workbench.cli.output import document, say
    from workbench.cli.progress import watch
    from workbench.data.spec import VotesSpec
    from workbench.label.enough import outlook_or_why
    from workbench.label.learning import curve_specs, point_of, run_of
    from workbench.label.snapshot import snapshot
    from workbench.runs.spec import reward_spec
    from workbench.runs.start import start

    workspace = here(context)
    asked = reward_spec(name, model, tuple(changes))
    assert isinstance(asked.data, VotesSpec)
    rows = snapshot(labels(context), asked.data)
    runs = []
    for spec in curve_specs(asked, rows):
        run = run_of(workspace, spec, rows)
        if run is None:
            run = start(workspace, spec, say, lambda *_: rows)
            say(f"{run.name} started")
        runs.append(run)
    for run in runs if wait else ():
        watch(run)
    found, why = outlook_or_why([point for point in map(point_of, runs) if point is not None])
    if as_json:
        verdict = found.document() if found else {"verdict": None, "why": why}
        document({"set": name, "runs": [_document(run) for run in runs], "enough": verdict})
    else:
        _draw(runs, found)
    return 1 if any(run.status in ("failed", "lost") for run in runs) else 0


def _document(run: "RunFolder") -> dict[str, object]:
    from dataclasses import asdict

    from workbench.label.learning import point_of

    point = point_of(run)
    none = {"pairs": None, "accuracy": None, "held_out": None}
    return {"run": run.name, "status": run.status, **(asdict(point) if point else none)}


def _draw(runs: "list[RunFolder]", found: "Outlook | None") -> None:
    from workbench.cli.output import line, table

    told = [_document(run) for run in runs]
    columns = ("run", "status", "pairs", "right", "held-out votes")
    cells = [
        (
            str(each["run"]), str(each["status"]), _number(each["pairs"]),
            "–" if each["accuracy"] is None else f"{each['accuracy']:.0%}".replace("%", " %"),
            _number(each["held_out"]),
        )
        for each in told
    ]  # fmt: skip
    table(columns, cells, numbers=columns[2:])
    line()
    line(found.words() if found else "when these runs have ended, the same command says whether more votes would help")


def _number(value: object) -> str:
    return "–" if value is None else f"{value:,}"
