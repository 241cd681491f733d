"""`workbench template`: what text the model sees, and which tokens the loss sees."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.options import Json, Mapping, here

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.data.examples import Examples
    from workbench.settings import Settings
    from workbench.template.check import TemplateCheck
    from workbench.template.spec import EncoderSpec

app = typer.Typer(help="See exactly what is trained.", no_args_is_help=True)


_WAYS = {
    "marks": "the template's own marks",
    "twin": "TRL's training twin of the template",
    "text": "where they begin and end in the text",
    "none": "their text: there is no chat template",
}


Template = Annotated[
    str | None, typer.Option("--template", help="In place of the model's own: a Jinja file, or a name of the list.")
]
NewTokens = Annotated[
    str, typer.Option("--new-tokens", help="Tokens to add: A,B or template, those that it writes and the model lacks.")
]
StopToken = Annotated[str | None, typer.Option("--stop-token", help="The token that ends an answer.")]


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
    template: Template = None,
    new_tokens: NewTokens = "",
    stop_token: StopToken = None,
    train_on: Annotated[TrainOn, typer.Option("--train-on", help="Which tokens are trained.")] = TrainOn.assistant,
    generation_prompt: Annotated[bool, typer.Option("--generation-prompt", help="End where an answer begins.")] = False,
    max_length: Annotated[int, typer.Option("--max-length", min=2, help="Cut after this many tokens.")] = 1024,
    against_template: Annotated[
        str | None, typer.Option("--against-template", help="A second template for the same row; own: the model's.")
    ] = None,
    against_train_on: Annotated[
        TrainOn | None, typer.Option("--against-train-on", help="A second policy for the same row.")
    ] = None,
    mapping: Mapping = [],  # noqa: B006
    as_json: Json = False,
) -> int:
    """Show one row as the model sees it: its text, its tokens, and which of them are trained and why."""
    from workbench.cli.output import document
    from workbench.cli.template_drawn import draw, draw_both
    from workbench.template.client import EncoderWorker
    from workbench.template.compared import compare
    from workbench.template.seen import seen_of

    spec = _spec(context, template, new_tokens, stop_token, train_on, max_length)
    second = _against(context, spec, against_template, against_train_on)
    rows, folder = _opened(file, mapping, model)
    canonical = rows[row - 1]
    answers = []
    for each in (spec, second) if second else (spec,):
        with EncoderWorker(folder, each, here(context).settings) as worker:
            answers.append(worker.look(canonical, generation_prompt=generation_prompt))
    seen = [seen_of(answer) for answer in answers]
    found = compare(seen[0].tokens, seen[1].tokens) if second else None
    if as_json:
        more = {"against": answers[1], "differences": [each.as_json() for each in found.differences]} if found else {}
        document({**answers[0], **more})
    elif second and found:
        draw_both((seen[0], seen[1]), (spec, second), row, found)
    elif "rejected" in answers[0]:
        draw(seen[0], f"row {row} · chosen")
        draw(seen_of(answers[0]["rejected"]), f"row {row} · rejected")
    else:
        draw(seen[0], f"row {row}")
    return 1 if answers[0]["problems"] else 0


@app.command()
def check(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="A folder, a Hub id, or starter.")],
    file: Annotated[str, typer.Argument(help="The data file.")],
    template: Template = None,
    new_tokens: NewTokens = "",
    stop_token: StopToken = None,
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

    spec = _spec(context, template, new_tokens, stop_token, train_on, max_length)
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


@app.command("list")
def list_templates(
    context: typer.Context,
    model: Annotated[str | None, typer.Option("--model", "-m", help="Also say what this model's own is.")] = None,
    as_json: Json = False,
) -> int:
    """List the templates that --template and a run file's `template:` take in place of a model's own."""
    from workbench.cli.output import document, line, table
    from workbench.template.known import known_templates, same_as

    workspace = here(context)
    found = known_templates(workspace.folder)
    own = _own(model, workspace.settings) if model else None
    like = same_as(own, workspace.folder) if own else None
    if as_json:
        listed = [{"name": each.name, "source": each.source, "path": str(each.path)} for each in found]
        document({"templates": listed} | ({"own": {"template": own, "same_as": like}} if model else {}))
        return 0
    where = {"workspace": "templates/ here", "workbench": "Workbench", "trl": "TRL"}
    table(("name", "from"), [(each.name, where[each.source]) for each in found])
    line()
    if model and own is None:
        line(f"{model} has no template of its own")
    elif model:
        line(f"{model} has its own{f', the same as {like}' if like else ''}, used unless another is named")
    line("any other Jinja file can be named by its path")
    return 0


def _own(model: str, settings: "Settings") -> str | None:
    """The chat template of a model."""
    from workbench.cli.output import say
    from workbench.models.find import Need, find_model
    from workbench.template.client import EncoderWorker
    from workbench.template.spec import EncoderSpec

    with EncoderWorker(find_model(model, Need.TOKENIZER, say).tokenizer_folder, EncoderSpec(), settings) as worker:
        return worker.template


def _spec(
    context: typer.Context, template: str | None, new_tokens: str, stop_token: str | None, train_on: TrainOn,
    max_length: int,
) -> "EncoderSpec":  # fmt: skip
    from workbench.template.known import find_template
    from workbench.template.spec import EncoderSpec
    from workbench.validation import validated

    named = tuple(filter(None, (name.strip() for name in new_tokens.split(","))))
    found = {
        "template": None if template is None else find_template(template, here(context).folder),
        "new_tokens": "template" if named == ("template",) else named,
        "stop_token": stop_token,
        "train_on": train_on.value,
        "max_length": max_length,
    }
    return validated(EncoderSpec, found, "the options")


def _against(
    context: typer.Context, spec: "EncoderSpec", template: str | None, train_on: TrainOn | None
) -> "EncoderSpec | None":
    """What else the row is to be shown under; None when nothing is asked for."""
    from workbench.template.known import find_template

    if template is None and train_on is None:
        return None
    named = {None: spec.template, "own": None}.get(template, template)
    found = find_template(named, here(context).folder) if named and template else named
    return spec.model_copy(update={"template": found, "train_on": (train_on or TrainOn(spec.train_on)).value})


def _opened(file: str, mapping: list[str], model: str) -> "tuple[Examples, Path]":
    """The rows of the file, and the folder of the model's tokenizer."""
    from workbench.cli.output import say
    from workbench.data.examples import encodable
    from workbench.data.map import parse_map
    from workbench.data.rows import locate, open_rows
    from workbench.models.find import Need, find_model

    rows = encodable(open_rows(locate(file, say)), parse_map(mapping))
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
