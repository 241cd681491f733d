"""`workbench compare`: the same prompts answered by base and tuned, or by any models, side by side."""

from typing import Annotated, Any

import typer

from workbench.cli.options import Json, here

_END = {"stop": "stopped", "length": "hit the limit"}


def compare(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="RUN_OR_MODEL...", help="Runs (each with its base) or models.")],
    prompts: Annotated[str, typer.Option("--prompts", "-p", help="A data file; its prompts are asked.")],
    rows: Annotated[int | None, typer.Option("--rows", min=1, help="Only the first ROWS prompts.")] = None,
    max_new_tokens: Annotated[int, typer.Option("--max-new-tokens", min=1, help="Longest answer.")] = 64,
    temperature: Annotated[float, typer.Option("--temperature", min=0, help="0 is greedy.")] = 0.0,
    raw: Annotated[bool, typer.Option("--raw", help="Ask the text as it stands, without the chat template.")] = False,
    as_json: Json = False,
) -> None:
    """Answer the prompts of a file with several models. A run brings its base model along."""
    from workbench.cli.output import document, say
    from workbench.compare.ask import ask
    from workbench.compare.columns import columns
    from workbench.data.examples import prompts as prompts_of
    from workbench.data.rows import locate, open_rows
    from workbench.engine.client import EngineClient
    from workbench.models.generate import Sampling
    from workbench.models.place import place

    workspace = here(context)
    found = columns(names, workspace, say)
    asked = prompts_of(open_rows(locate(prompts, say)))[:rows]
    sampling = Sampling(max_new_tokens=max_new_tokens, temperature=temperature)
    with EngineClient(place(workspace.settings.device)) as engine:
        answered = ask(engine, found, asked, sampling, workspace.settings, raw=raw)
    if as_json:
        document({"models": [column.name for column in found], "rows": answered})
    else:
        _draw([column.name for column in found], answered)


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
