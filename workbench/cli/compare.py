"""`workbench compare`: the same prompts answered by base and tuned, or by any models, side by side."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, Mapping, here

if TYPE_CHECKING:
    from workbench.data.examples import Prompt

_END = {"stop": "stopped", "length": "hit the limit"}


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
    """Answer the prompts of a file, or one prompt, with several models. A run brings its base model along."""
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
