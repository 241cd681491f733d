"""Options that several commands share."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workbench.workspace import Workspace

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


Mapping = Annotated[
    list[str],
    typer.Option("--map", metavar="TARGET=SOURCE", help="Take TARGET from the column SOURCE; may be repeated."),
]


def here(context: typer.Context) -> "Workspace":
    """The workspace that the command works in: --workspace, else the current folder."""
    from workbench.workspace import open_workspace

    return open_workspace(context.find_root().params.get("workspace"))
