"""`workbench data dedupe | sample | split`: less of a file, in new files. The file itself is never changed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json

if TYPE_CHECKING:
    from workbench.data.compared import Unreadable
    from workbench.data.dedupe import Copies
    from workbench.data.rows import Rows

_MOST_CLASSES = 20  # that a table shows; --json has them all

File = Annotated[str, typer.Argument(help="The data file: JSON, JSON Lines, CSV, Parquet or plain text.")]
Out = Annotated[Path, typer.Argument(help="The file to write: .jsonl, .json, .csv, .tsv or .parquet.")]
Near = Annotated[
    float,
    typer.Option("--near", metavar="S", help="Near copies: Jaccard similarity of word 5-grams; 1 for exact ones only."),
]
On = Annotated[
    str | None, typer.Option("--on", metavar="COLUMN", help="Compare this column, or place inside one, alone.")
]
By = Annotated[str | None, typer.Option("--by", metavar="COLUMN", help="The column that names a row's class.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of the draw.")]


def dedupe(file: File, out: Out, near: Near = 0.85, on: On = None, as_json: Json = False) -> None:
    """Write the rows without those that repeat an earlier one: word for word, or nearly.

    Compared is the text that the file's schema has a use for, without labels, system prompts and tools. Of rows that
    are copies of each other, or of each other's copies, the first stays.
    """
    from workbench.cli.output import document, line
    from workbench.cli.rows_told import RowsTold
    from workbench.data import dedupe as data

    rows = _open(file)
    done = data.dedupe(rows, out, near, on, RowsTold("compared").tell)
    copies = done.copies
    _tell_left_out(copies.unreadable, "left out, for they cannot be compared")
    _tell_without_text(copies)
    if as_json:
        document(
            {
                "rows_in": copies.rows, "rows_out": done.rows_out, "exact": done.exact, "near": done.near,
                "groups": copies.groups, "compared": copies.columns, "without_text": copies.without_text,
                **_unreadable(copies.unreadable),
            }
        )  # fmt: skip
        return
    line(f"{_rows(copies.rows)} → {out}: {_rows(done.rows_out)}")
    line(f"left out: {done.exact:,} exact and {done.near:,} near copies, in {_groups(copies)}")
    line(f"compared: {', '.join(copies.columns) or 'all values of a row'}")


def sample(
    file: File,
    out: Out,
    count: Annotated[int, typer.Option("-n", "--rows", min=1, help="How many rows; with --by, of each class.")],
    by: By = None,
    seed: Seed = 7,
    as_json: Json = False,
) -> None:
    """Write some of the rows, drawn at random: so many overall, or of each class with --by. Their order is kept."""
    from workbench.cli.output import document, line, say
    from workbench.data import sample as data

    done = data.sample(_open(file), out, count, by, seed)
    classes = done.classes
    _tell_left_out(classes.unreadable, "never drawn")
    short = [name for name, size in classes.sizes.items() if size < count]
    if short and by is None:
        say(f"fewer than {count:,} rows can be read: all are taken")
    elif short:
        who = f"{len(short):,} of {_counted(len(classes.sizes), 'class', 'classes')}"
        say(f"fewer than {count:,} rows, so all are taken: {who}: {_named(short)}")
    if as_json:
        document(
            {
                "rows_in": classes.rows, "rows_out": done.rows_out,
                "per_group": {} if by is None else done.taken, "per_group_in": {} if by is None else classes.sizes,
                "fewer": [] if by is None else short, **_unreadable(classes.unreadable),
            }
        )  # fmt: skip
        return
    line(f"{_rows(classes.rows)} → {out}: {_rows(done.rows_out)}")
    if by is not None:
        _draw_classes(by, {"before": classes.sizes, "after": done.taken})


def split(
    file: File,
    train: Annotated[Path, typer.Option("--train", metavar="A", help="The file for the rows to train on.")],
    validation: Annotated[Path, typer.Option("--validation", metavar="B", help="The file for those held out.")],
    fraction: Annotated[float, typer.Option("--fraction", metavar="F", help="How much is held out.")] = 0.1,
    seed: Seed = 7,
    by: By = None,
    near: Near = 0.85,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Part the rows into training and validation. Copies of each other, exact or near, go into the same part.

    With --by the same share of each class is held out. Both parts keep the file's order.
    """
    from workbench.cli.output import document, line, say
    from workbench.cli.rows_told import RowsTold
    from workbench.data import split as data

    done = data.split(_open(file), train, validation, fraction, seed, by, near, on, RowsTold("compared").tell)
    sizes = done.classes.sizes
    trained = {name: size - done.held_out[name] for name, size in sizes.items()}
    _tell_left_out(done.copies.unreadable, "in neither part")
    _tell_without_text(done.copies)
    missing = [name for name in sizes if not done.held_out[name]]
    if missing:
        say(f"no row held out of {_counted(len(missing), 'class', 'classes')}: {_named(missing)}")
    if as_json:
        document(
            {
                "rows_in": done.copies.rows, "train": done.train, "validation": done.validation,
                "moved_together": done.moved_together, "groups": len(done.copies.groups),
                "per_group": {} if by is None else {"train": trained, "validation": done.held_out},
                "compared": done.copies.columns, "without_text": done.copies.without_text,
                **_unreadable(done.copies.unreadable),
            }
        )  # fmt: skip
        return
    line(f"{_rows(done.train)} → {train}")
    line(f"{_rows(done.validation)} → {validation}")
    line(f"{_rows(done.moved_together)} with copies, in {_groups(done.copies)}, each in one part")
    if by is not None:
        _draw_classes(by, {"train": trained, "validation": done.held_out})


def _open(file: str) -> "Rows":
    from workbench.cli.output import say
    from workbench.data.rows import locate, open_rows

    return open_rows(locate(file, say))


def _unreadable(unreadable: "Unreadable") -> dict[str, Any]:
    return {
        "unreadable": len(unreadable.numbers),
        "unreadable_rows": unreadable.numbers,
        "unreadable_reasons": unreadable.reasons,
    }


def _tell_left_out(unreadable: "Unreadable", what: str) -> None:
    """Say which rows are not in what was written because they do not parse."""
    from workbench.cli.output import say

    if unreadable.numbers:
        say(f"{_rows(len(unreadable.numbers))} cannot be read ({what}):")
    for reason in unreadable.reasons:
        say(f"  {reason}")
    more = len(unreadable.numbers) - len(unreadable.reasons)
    if more:
        say(f"  … and {more:,} more")


def _tell_without_text(copies: "Copies") -> None:
    from workbench.cli.output import say

    if copies.without_text:
        say(f"{_rows(copies.without_text)} without text to compare ({', '.join(copies.columns)}): kept")


def _draw_classes(by: str, counts: dict[str, dict[str, int]]) -> None:
    """The classes with their rows in each of `counts`, the largest first."""
    from workbench.cli.output import cut, line, table

    first, second = counts
    names = list(counts[first])
    rows = [[cut(name, margin=30), *(f"{each[name]:,}" for each in counts.values())] for name in names[:_MOST_CLASSES]]
    table([by, first, second], rows, numbers=[first, second])
    if len(names) > _MOST_CLASSES:
        line(f"… and {len(names) - _MOST_CLASSES:,} more classes")


def _named(names: list[str]) -> str:
    from workbench.printable import printable

    return ", ".join(printable(name[:40]) for name in names[:3]) + (", …" if len(names) > 3 else "")


def _groups(copies: "Copies") -> str:
    return _counted(len(copies.groups), "group", "groups")


def _rows(count: int) -> str:
    return _counted(count, "row", "rows")


def _counted(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"
