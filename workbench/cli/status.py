"""`workbench status`: one line for a tmux bar."""

from typing import Any

import typer

from workbench.cli.options import Json, here


def status(context: typer.Context, as_json: Json = False) -> None:
    """Print one line: the runs that go on, else the last one."""
    from workbench.cli.output import document, line
    from workbench.runs.folder import all_runs
    from workbench.runs.state import ENDED
    from workbench.runs.view import brief

    keys = ("run", "status", "step", "steps")
    runs = [{key: now[key] for key in keys} for now in map(brief, all_runs(here(context)))]
    if as_json:
        return document({"runs": runs})
    shown = [run for run in runs if run["status"] not in ENDED] or runs[-1:]
    return line(" · ".join(map(_short, shown)) or "no runs")


def _short(run: dict[str, Any]) -> str:
    from workbench.runs.view import GLYPHS

    percent = f" {100 * run['step'] // run['steps']}%" if run["steps"] and run["status"] == "running" else ""
    return f"{GLYPHS[run['status']]} {run['run']}{percent}"
