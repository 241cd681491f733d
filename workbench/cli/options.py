"""Options that several commands share."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.workspace import Workspace

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


Wait = Annotated[bool, typer.Option("--wait", help="Show progress until it ends; Ctrl+C leaves, the run goes on.")]


Mapping = Annotated[
    list[str],
    typer.Option("--map", metavar="TARGET=SOURCE", help="Take TARGET from the column SOURCE; may be repeated."),
]


def here(context: typer.Context) -> "Workspace":
    """The workspace that the command works in: --workspace, else the current folder."""
    from workbench.workspace import open_workspace

    return open_workspace(context.find_root().params.get("workspace"))


def labels(context: typer.Context) -> "Path":
    """The labels.db of the workspace, with what its runs were answered collected into it."""
    from workbench.cli.output import say
    from workbench.label.collecting import collect

    workspace = here(context)
    for problem in collect(workspace).problems:
        say(problem)
    return workspace.folder / "labels.db"
