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


def parse_map(pairs: list[str]) -> dict[str, str]:
    """Return --map's TARGET=SOURCE pairs. Raises WrongUse for one without an equals sign."""
    from workbench.errors import WrongUse

    for pair in pairs:
        if "=" not in pair:
            raise WrongUse(f"--map {pair}: expected TARGET=SOURCE", "for example --map prompt=question")
    return {target: source for target, _, source in (pair.partition("=") for pair in pairs)}


def here(context: typer.Context) -> "Workspace":
    """The workspace that the command works in: --workspace, else the current folder."""
    from workbench.workspace import open_workspace

    return open_workspace(context.find_root().params.get("workspace"))
