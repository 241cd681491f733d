"""`workbench data check`: what is wrong with the rows of a file, and a new file without it."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, Mapping, here

if TYPE_CHECKING:
    from workbench.data.check.fix import Fixed
    from workbench.data.check.problems import Problem
    from workbench.data.check.run import Checked
    from workbench.template.client import EncoderWorker
    from workbench.workspace import Workspace

MARKS = {"error": "✗", "warning": "!", "note": "·"}
"""How bad a problem is, in one character."""
_NAMED = 8  # rows of a problem
_DEFAULT_LENGTH = 1024  # tokens, as in a run


def check(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="The data file.")],
    model: Annotated[str | None, typer.Option("--model", "-m", help="A folder, a Hub id, or starter.")] = None,
    fix: Annotated[Path | None, typer.Option("--fix", metavar="OUT", help="Write the mended rows there.")] = None,
    validation: Annotated[
        str | None,
        typer.Option("--validation", metavar="FILE", help="Rows that share no prompt; else a folder's other splits."),
    ] = None,
    max_length: Annotated[
        int | None, typer.Option("--max-length", min=2, help="Tokens that fit; else what the model was made for.")
    ] = None,
    mapping: Mapping = [],  # noqa: B006
    as_json: Json = False,
) -> int:
    """Check every row of a file; --fix writes a new file and says what changed."""
    from workbench.cli.output import document, say
    from workbench.cli.rows_told import RowsTold
    from workbench.data.check.fix import fix as write_fixed
    from workbench.data.check.run import check as check_rows
    from workbench.data.check.run import rows_held_out
    from workbench.data.map import parse_map
    from workbench.data.rows import locate, open_rows
    from workbench.data.write import check_out
    from workbench.errors import WrongUse

    if max_length is not None and model is None:
        raise WrongUse("--max-length counts a model's tokens, and no model is named", "add --model MODEL")
    path = locate(file, say)
    rows = open_rows(path)
    others = rows_held_out(path, validation, say)
    if fix:
        check_out(fix, [file for each in (rows, *others) for file in each.files])
    parsed = parse_map(mapping)
    with _encoder(model, max_length, here(context)) as worker:
        encode = worker.encode if worker else None
        checked, written = RowsTold("checked"), RowsTold("written")
        near = RowsTold("compared, for near copies")
        for found in check_rows(rows, parsed, held_out=others, encode=encode, tell=near.tell):
            checked.tell(found.rows)
        fixed = write_fixed(rows, fix, parsed, held_out=others, encode=encode, tell=written.tell) if fix else None
    if as_json:
        document(_report(found, fixed))
    else:
        _tell(found, rows.notes)
    if fixed:
        _tell_fixed(fixed, str(fix))
    return 1 if found.has_errors else 0


def _encoder(
    model: str | None, max_length: int | None, workspace: "Workspace"
) -> "AbstractContextManager[EncoderWorker | None]":
    if model is None:
        return nullcontext()
    from workbench.cli.output import say
    from workbench.models.find import Need, find_model
    from workbench.template.client import EncoderWorker
    from workbench.template.spec import EncoderSpec

    found = find_model(model, Need.TOKENIZER, say)
    spec = EncoderSpec(max_length=max_length or _made_for(found.folder))
    return EncoderWorker(found.tokenizer_folder, spec, workspace.settings)


def _made_for(folder: Path) -> int:
    """The tokens that a model was made for; those of a run by default where its configuration does not say."""
    import json

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    for part in (config, config.get("text_config") or {}):
        for name in ("max_position_embeddings", "n_positions", "seq_length"):
            if isinstance(part.get(name), int) and part[name] > 1:
                return int(part[name])
    return _DEFAULT_LENGTH


def _report(found: "Checked", fixed: "Fixed | None") -> dict[str, Any]:
    from workbench.data.check.problems import MOST_ROWS

    report = {
        "rows": found.rows,
        "schema": found.schema.name,
        "schema_reason": found.schema.reason,
        "mapping": found.schema.mapping,
        "rows_named": MOST_ROWS,
        "problems": [problem.as_json() for problem in found.problems],
    }
    return {**report, "fix": fixed.as_json()} if fixed else report


def _tell(found: "Checked", notes: list[str]) -> None:
    from workbench.cli.output import line
    from workbench.data.shown import count_words, mapping_words

    mapped = f" · {mapping_words(found.schema.mapping)}" if found.schema.mapping else ""
    line(f"{count_words(found.rows, 'row')} · {found.schema.name}{mapped}")
    for note in notes:
        line(f"note: {note}")
    for problem in found.problems:
        tell_problem(problem)
    if not found.problems:
        line("nothing is wrong with them")


def tell_problem(problem: "Problem") -> None:
    """Print a problem of rows."""
    from workbench.cli.output import line
    from workbench.data.shown import count_words

    line()
    line(f"{MARKS[problem.severity]} {problem.severity} {problem.code} · {count_words(problem.count, 'row')}")
    line(f"  {problem.message}")
    if problem.rows:
        named = ", ".join(f"{row:,}" for row in problem.rows[:_NAMED])
        more = problem.count - len(problem.rows[:_NAMED])
        line(f"  {'row' if problem.count == 1 else 'rows'} {named}" + (f" and {more:,} more" if more else ""))
    line(f"  → {problem.fix}")


def _tell_fixed(fixed: "Fixed", out: str) -> None:
    from workbench.cli.output import say
    from workbench.data.shown import count_words

    say(f"{out}: {fixed.rows_out:,} of {count_words(fixed.rows_in, 'row')}")
    for done, counts in (("changed", fixed.changed), ("dropped", fixed.dropped), ("left", fixed.left)):
        if counts:
            say(f"  {done}: " + ", ".join(f"{code} {count:,}" for code, count in counts.items()))
