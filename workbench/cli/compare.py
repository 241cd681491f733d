"""`workbench compare`: the same prompts answered by base and tuned, or by any models, side by side; and scored."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from workbench.cli.options import Json, Mapping, here

if TYPE_CHECKING:
    from workbench.data.examples import Prompt

_ANSWER = "answer"


class _AnswersUnlessAsked(TyperGroup):
    """`workbench compare RUN …` answers prompts; only the name of another command, such as score, says otherwise."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the usual command before arguments that name none."""
        return super().parse_args(ctx, args if args and args[0] in self.commands else [_ANSWER, *args])


app = typer.Typer(cls=_AnswersUnlessAsked, help="Answer the same prompts with several models; or score answers.")
_END = {"stop": "stopped", "length": "hit the limit"}


@app.command(_ANSWER, hidden=True)
def compare(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="RUN_OR_MODEL...", help="Runs (each with its base) or models.")],
    prompts: Annotated[str | None, typer.Option("--prompts", "-p", help="A data file; its prompts are asked.")] = None,
    prompt: Annotated[str | None, typer.Option("--prompt", help="One prompt, in place of a file.")] = None,
    mapping: Mapping = [],  # noqa: B006
    rows: Annotated[int | None, typer.Option("--rows", min=1, help="Only the first ROWS prompts.")] = None,
    max_new_tokens: Annotated[int, typer.Option("--max-new-tokens", min=1, help="Longest answer.")] = 64,
    temperature: Annotated[float, typer.Option("--temperature", min=0, help="0 is greedy.")] = 0.0,
    top_p: Annotated[float, typer.Option("--top-p", min=1e-6, max=1, help="Leave the unlikely tokens out.")] = 1.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the draws, above temperature 0.")] = 7,
    raw: Annotated[bool, typer.Option("--raw", help="Ask the text as it stands, without the chat template.")] = False,
    as_json: Json = False,
) -> None:
    """Answer the prompts of a file, or one prompt, with several models. A run brings its base model along.

    `workbench compare score` scores answers with a reward model.
    """
    from workbench.cli.output import document, say
    from workbench.compare.ask import ask
    from workbench.compare.columns import columns
    from workbench.engine.client import EngineClient
    from workbench.models.generate import Sampling
    from workbench.models.place import place

    workspace = here(context)
    found = columns(names, workspace, say)
    asked = _prompts(prompts, prompt, mapping)[:rows]
    sampling = Sampling(max_new_tokens=max_new_tokens, temperature=temperature, top_p=top_p, seed=seed)
    with EngineClient(place(workspace.settings.device)) as engine:
        answered = ask(engine, found, asked, sampling, workspace.settings, raw=raw)
    if as_json:
        document({"models": [column.name for column in found], "rows": answered})
    else:
        _draw([column.name for column in found], answered)


@app.command()
def score(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="RUN_OR_MODEL", help="A reward run, a reward model or a classifier.")],
    file: Annotated[str, typer.Argument(help="Preferences, prompts with answers, or recorded answers.")],
    mapping: Mapping = [],  # noqa: B006
    label: Annotated[
        str | None, typer.Option("--label", help="Of a classifier: the label whose logit is the score.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Score the answers of a file with a reward model; of preferences also say how often the chosen one leads."""
    from workbench.cli.output import document, say
    from workbench.compare.columns import scoring_column
    from workbench.compare.score import answers_in, score_rows
    from workbench.data.map import parse_map
    from workbench.data.rows import locate, open_rows
    from workbench.engine.client import EngineClient
    from workbench.errors import WorkbenchError
    from workbench.models.place import place

    workspace = here(context)
    column = scoring_column(name, workspace, say)
    asked = answers_in(open_rows(locate(file, say)), parse_map(mapping))
    if not asked:
        raise WorkbenchError(f"{file} has no rows", "name a file with answers")
    with EngineClient(place(workspace.settings.device)) as engine:
        found = {"model": column.name, **score_rows(engine, column, asked, workspace.settings, label)}
    if as_json:
        document(found)
    else:
        _draw_scores(found)


def _draw_scores(found: dict[str, Any]) -> None:
    from workbench.cli.output import line, table
    from workbench.runs.rewards import share

    rows = found["rows"]
    names = list(dict.fromkeys(name for row in rows for name in row.get("scores", {"score": None})))
    more = ["difference"] if any("difference" in row for row in rows) else []
    cells = ([row["row"], *_numbers(row, names), *(f"{row[key]:+.3f}" for key in more if key in row)] for row in rows)
    table(["row", *names, *more], cells, numbers=("row", *names, *more))
    line(f"mean {found['mean']:.3f} · standard deviation {found['spread']:.3f}")
    if "accuracy" in found:
        line(f"the chosen answer leads in {share(found['accuracy'])}")
    if found["cut"]:
        line(f"{found['cut']:,} answers were cut: they are longer than the model takes")


def _numbers(row: dict[str, Any], names: list[str]) -> list[str]:
    scores = row.get("scores", {"score": row["score"]})
    return [f"{scores[name]:.3f}" if name in scores else "" for name in names]


def _prompts(file: str | None, prompt: str | None, mapping: list[str]) -> "list[Prompt]":
    """What is to be asked: of a file every row, else the one prompt."""
    from workbench.cli.output import say
    from workbench.data.examples import Prompt, prompts
    from workbench.data.map import parse_map
    from workbench.data.rows import locate, open_rows
    from workbench.errors import WrongUse

    if (file is None) == (prompt is None):
        raise WrongUse("name what to ask", "--prompts FILE, or --prompt TEXT")
    if prompt is not None:
        return [Prompt(1, prompt)]
    return prompts(open_rows(locate(file or "", say)), parse_map(mapping))


def _draw(models: list[str], rows: list[dict[str, Any]]) -> None:
    from workbench.cli.output import line, table

    for row in rows:
        line(f"» {_text(row['prompt'])}")
        if row.get("expected"):
            line(f"  expected: {row['expected']}")
        answers = [row["answers"][model] or "∅ empty" for model in models]
        ends = [f"{row['tokens'][model]} tokens, {_END[row['finish'][model]]}" for model in models]
        table(models, [answers, ends], equal=True)
        line()


def _text(prompt: Any) -> str:
    return prompt if isinstance(prompt, str) else str(prompt[-1].get("content"))
