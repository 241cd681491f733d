"""`workbench label export`: votes into a file that others train on."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, labels

if TYPE_CHECKING:
    from workbench.label.exporting import Exported


class Layout(StrEnum):
    """What is written."""

    trl = "trl"
    kto = "kto"
    openai = "openai"
    argilla = "argilla"
    csv = "csv"
    rewards = "rewards"
    sft = "sft"


class Grade(StrEnum):
    """How much better an answer has to be."""

    slightly = "slightly"
    clearly = "clearly"


class Ties(StrEnum):
    """What becomes of pairs without a better answer."""

    drop = "drop"
    both = "both"
    half = "half"


def export(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The set.")],
    out: Annotated[Path, typer.Argument(help="The file to write: .jsonl, .json, .csv, .tsv or .parquet.")],
    layout: Annotated[Layout, typer.Option("--format", help="Who is to read it.")] = Layout.trl,
    annotator: Annotated[list[str], typer.Option(help="Whose votes count; may be repeated. By default all.")] = [],  # noqa: B006
    min_grade: Annotated[Grade, typer.Option(help="How much better the answer has to be.")] = Grade.slightly,
    min_agreement: Annotated[float, typer.Option(help="The least share of annotators that agree.")] = 0.0,
    ties: Annotated[
        Ties, typer.Option(help="Leave ties out, write them both ways round, or one way, half of them each.")
    ] = Ties.drop,
    split: Annotated[float | None, typer.Option(help="Hold out this share of the prompts, beside OUT.")] = None,
    seed: Annotated[int, typer.Option(help="Draws what is held out.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there.")] = False,
    as_json: Json = False,
) -> None:
    """Write what was voted to a file. Of several annotators the majority decides."""
    from workbench.cli.output import document, line, say
    from workbench.label.exporting import Split, export
    from workbench.label.judged import Wanted
    from workbench.label.store import existing_store

    source = labels(context)
    wanted = Wanted(tuple(annotator), min_grade.value, min_agreement, ties.value)
    with existing_store(source, name) as store:
        done = export(
            store, name, out, layout.value, wanted,
            split=None if split is None else Split(split, seed), force=force, sources=[source],
        )  # fmt: skip
    if layout is Layout.openai and done.rows < _OPENAI_LEAST:
        say(f"OpenAI takes files of at least {_OPENAI_LEAST} rows")
    if as_json:
        document(_document(done, layout.value))
    else:
        line(_words(done))


_OPENAI_LEAST = 10


def _words(done: "Exported") -> str:
    from workbench.data.shown import count_words

    written = f"{count_words(done.rows, 'row')} written to {done.out}"
    if done.validation:
        written += f" · {done.validation_rows:,} to {done.validation}"
    return f"{done.counts.words(done.kind)}\n{written}"


def _document(done: "Exported", layout: str) -> dict[str, Any]:
    from dataclasses import asdict

    validation = {"file": str(done.validation), "rows": done.validation_rows} if done.validation else None
    written = {"rows": done.rows, "file": str(done.out), "format": layout, "kind": done.kind}
    return {**written, "validation": validation, **asdict(done.counts)}
