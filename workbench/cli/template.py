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
    last = "last"
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


def _draw(answer: dict[str, Any], row: int) -> None:
    """A line a turn, white space visible; trained tokens are underlined, and marked below for those without colour."""
    from rich.text import Text

    from workbench.cli.output import console, line
    from workbench.template.layout import lay_out
    from workbench.template.seen import seen_of

    seen = seen_of(answer)
    stop = "yes" if seen.has_stop else "no"
    line(f"row {row} · {len(seen.tokens)} tokens, {seen.trained} trained · stop token trained: {stop}")
    screen = console()
    for drawn in lay_out(seen.tokens, max(20, screen.width - _MARGIN)).lines:
        pieces = [(piece.text, piece.width, seen.tokens[piece.token].is_trained) for piece in drawn.pieces]
        text = Text.assemble(
            (f"{drawn.role:<{_MARGIN}}", "bold"), *((text, "underline" if on else "dim") for text, _, on in pieces)
        )
        screen.print(text, soft_wrap=True)
        if drawn.is_marked:
            marks = "".join(("━" if on else " ") * width for _, width, on in pieces)
            screen.print(" " * _MARGIN + marks.rstrip(), soft_wrap=True, markup=False)
    for mark, what, fix in seen.judged():
        line(f"{mark} {what}: {fix}" if fix else f"{mark} {what}")
