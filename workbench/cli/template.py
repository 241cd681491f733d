"""`workbench template`: what text the model sees, and which tokens the loss sees."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, Mapping, here

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.data.examples import Examples
    from workbench.template.check import TemplateCheck
    from workbench.template.spec import EncoderSpec

app = typer.Typer(help="See exactly what is trained.", no_args_is_help=True)


_MARGIN = 11  # the longest usual role, assistant, and two spaces
_WAYS = {
    "marks": "the template's own marks",
    "twin": "TRL's training twin of the template",
    "text": "where they begin and end in the text",
    "none": "their text: there is no chat template",
}


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
    from workbench.cli.output import document
    from workbench.template.client import EncoderWorker

    spec = _spec(template, train_on, max_length)
    rows, folder = _opened(file, mapping, model)
    canonical = rows[row - 1]
    with EncoderWorker(folder, spec, here(context).settings) as worker:
        seen = worker.look(canonical, generation_prompt=generation_prompt)
    if as_json:
        document(seen)
    else:
        _draw(seen, row)
    return 1 if seen["problems"] else 0


@app.command()
def check(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="A folder, a Hub id, or starter.")],
    file: Annotated[str, typer.Argument(help="The data file.")],
    template: Annotated[
        str | None, typer.Option("--template", help="A Jinja file in place of the model's own.")
    ] = None,
    train_on: Annotated[TrainOn, typer.Option("--train-on", help="Which tokens are trained.")] = TrainOn.assistant,
    max_length: Annotated[int, typer.Option("--max-length", min=2, help="Cut after this many tokens.")] = 1024,
    mapping: Mapping = [],  # noqa: B006
    as_json: Json = False,
) -> int:
    """Check a model's template with every row of a file: what it leaves out, and what would train wrongly."""
    from workbench.cli.output import document, say
    from workbench.cli.rows_told import RowsTold
    from workbench.template.cache import EncodedCache
    from workbench.template.check import check_template
    from workbench.template.client import EncoderWorker

    spec = _spec(template, train_on, max_length)
    rows, folder = _opened(file, mapping, model)
    with EncoderWorker(folder, spec, here(context).settings) as worker:
        found = check_template(worker, rows, EncodedCache(here(context), say), RowsTold("encoded").tell)
    if as_json:
        document(
            {
                "rows": found.rows, "way": found.way, "template": [vars(each) for each in found.template],
                "problems": [each.as_json() for each in found.problems],
            }
        )  # fmt: skip
    else:
        _tell(found)
    return 1 if found.has_errors else 0


def _spec(template: str | None, train_on: TrainOn, max_length: int) -> "EncoderSpec":
    from pathlib import Path

    from workbench.errors import Missing
    from workbench.template.spec import EncoderSpec

    if template and not Path(template).is_file():
        raise Missing(f"{template}: no such template", "name a Jinja file, or leave --template out")
    return EncoderSpec(template=template, train_on=train_on.value, max_length=max_length)


def _opened(file: str, mapping: list[str], model: str) -> "tuple[Examples, Path]":
    """The rows of the file, and the folder of the model's tokenizer."""
    from workbench.cli.output import say
    from workbench.data.examples import examples
    from workbench.data.map import parse_map
    from workbench.data.rows import locate, open_rows
    from workbench.models.find import Need, find_model

    rows = examples(open_rows(locate(file, say)), parse_map(mapping))
    return rows, find_model(model, Need.TOKENIZER, say).folder


def _tell(found: "TemplateCheck") -> None:
    from workbench.cli.data_check import MARKS, tell_problem
    from workbench.cli.output import line
    from workbench.data.shown import count_words

    line(f"{count_words(found.rows, 'row')} · answers are found by {_WAYS[found.way]}")
    for each in found.template:
        line()
        line(f"{MARKS[each.severity]} {each.severity} {each.code} · the template")
        line(f"  {each.message}")
        line(f"  → {each.fix}")
    for problem in found.problems:
        tell_problem(problem)
    if not (found.template or found.problems):
        line("nothing is wrong with them")


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
