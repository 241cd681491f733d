"""`workbench template`: what text the model sees, and which tokens the loss sees."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from workbench.cli.options import Json, Mapping, here

app = typer.Typer(help="See exactly what is trained.", no_args_is_help=True)


_MARGIN = 11  # the longest usual role, assistant, and two spaces


class TrainOn(StrEnum):
    """Which tokens are trained."""

    assistant = "assistant"
    completion = "completion"
    all = "all"


@app.callback()
def _group() -> None:
    """See exactly what is trained."""


@app.command()
def show(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="The data file.")],
    model: Annotated[str, typer.Option("--model", "-m", help="A folder, a Hub id, or starter.")],
    row: Annotated[int, typer.Option("--row", min=1, help="Which row.")] = 1,
    template: Annotated[
        str | None, typer.Option("--template", help="A Jinja file in place of the model's own.")
    ] = None,
    train_on: Annotated[TrainOn, typer.Option("--train-on", help="Which tokens are trained.")] = TrainOn.assistant,
    generation_prompt: Annotated[bool, typer.Option("--generation-prompt", help="End where an answer begins.")] = False,
    max_length: Annotated[int, typer.Option("--max-length", min=2, help="Cut after this many tokens.")] = 1024,
    mapping: Mapping = [],  # noqa: B006
    as_json: Json = False,
) -> int:
    """Show one row as the model sees it: its text, its tokens, and which of them are trained and why."""
    from pathlib import Path

    from workbench.cli.output import document, say
    from workbench.data.examples import examples
    from workbench.data.map import parse_map
    from workbench.data.rows import locate, open_rows
    from workbench.errors import Missing
    from workbench.models.find import Need, find_model
    from workbench.template.client import EncoderWorker
    from workbench.template.spec import EncoderSpec

    if template and not Path(template).is_file():
        raise Missing(f"{template}: no such template", "name a Jinja file, or leave --template out")
    canonical = examples(open_rows(locate(file, say)), parse_map(mapping))[row - 1]
    spec = EncoderSpec(template=template, train_on=train_on.value, max_length=max_length)
    found = find_model(model, Need.TOKENIZER, say)
    with EncoderWorker(found.folder, spec, here(context).settings) as worker:
        seen = worker.look(canonical, generation_prompt=generation_prompt)
    if as_json:
        document(seen)
    else:
        _draw(seen, row)
    return 1 if seen["problems"] else 0


def _draw(seen: dict[str, Any], row: int) -> None:
    """A line a turn, white space visible; trained tokens are underlined, and marked below for those without colour."""
    from rich.text import Text

    from workbench.cli.output import console, line
    from workbench.printable import printable

    trained = sum(token["trained"] for token in seen["tokens"])
    line(f"row {row} · {len(seen['tokens'])} tokens, {trained} trained · stop token trained: {_yes(seen)}")
    screen = console()
    for role, tokens in _turns(seen["tokens"]):
        name = f"{printable(role):<{_MARGIN}}"
        for characters in _lines(tokens, max(20, screen.width - _MARGIN)):
            marks = " " * _MARGIN
            text = Text.assemble((name, "bold"), *((shown, "underline" if on else "dim") for shown, on in characters))
            marks += "".join(("━" if on else " ") * _width(shown) for shown, on in characters)
            screen.print(text, soft_wrap=True)
            if "━" in marks:
                screen.print(marks.rstrip(), soft_wrap=True, markup=False)
            name = " " * _MARGIN
    for problem in seen["problems"]:
        line(f"✗ {problem.replace('-', ' ')}")
    if "control-token" in seen["warnings"]:
        line("⚠ a control token written in a message is encoded as plain text")
    if seen["truncated"]:
        line(f"⚠ {seen['truncated']} tokens do not fit and are cut")


def _lines(tokens: list[dict[str, Any]], width: int) -> list[list[tuple[str, bool]]]:
    """The characters of the tokens as they are shown, with whether each is trained, broken into lines of `width`."""
    from workbench.printable import printable

    lines: list[list[tuple[str, bool]]] = [[]]
    room = width
    for token in tokens:
        for character in printable(token["text"]):
            if _width(character) > room:
                lines.append([])
                room = width
            lines[-1].append((character, token["trained"]))
            room = 0 if character == "⏎" else room - _width(character)
    return lines


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _turns(tokens: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    turns: list[tuple[Any, str, list[dict[str, Any]]]] = []
    for token in tokens:
        key = (token["role"], token.get("turn"))
        if not turns or turns[-1][0] != key:
            turns.append((key, token["role"], []))
        turns[-1][2].append(token)
    return [(role, members) for _, role, members in turns]


def _yes(seen: dict[str, Any]) -> str:
    return "yes" if seen["stop_token_trained"] else "no"
