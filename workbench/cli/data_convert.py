"""`workbench data convert`: the same rows in another format, under other names, or in another schema."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.options import Json, Mapping

if TYPE_CHECKING:
    from workbench.data.convert import Conversion
    from workbench.data.table import Row, Rows

_NAMED = 20
"""Rows that are left out are counted; this many are named with the reason."""


def convert(
    file: Annotated[str, typer.Argument(help="The data file.")],
    out: Annotated[Path, typer.Argument(help="The new file: .jsonl, .json, .csv, .tsv or .parquet.")],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="SCHEMA",
            help="messages, sharegpt, alpaca, prompt-completion, prompt, preference, kto or text.",
        ),
    ] = "",
    map: Mapping = [],  # noqa: B006 - typer copies it
    as_json: Json = False,
) -> None:
    """Write the rows in another format or schema; the file itself stays as it is.

    Without --to and --map every column stays. With --map alone, each column takes the name of its part.
    """
    from workbench.cli.output import document, line, say
    from workbench.data.map import parse_map
    from workbench.data.rows import locate, open_rows
    from workbench.data.schema import schema_of
    from workbench.data.shown import count_words
    from workbench.data.write import check_out, write_rows
    from workbench.errors import WorkbenchError

    rows = open_rows(locate(file, say))
    check_out(out, rows.files)
    made, dropped = _made(rows, to, parse_map(map))
    count = write_rows(out, made, rows.files)
    if len(rows) and not count:
        out.unlink()
        first = made.left_out[0]
        raise WorkbenchError(f"no row of {rows.path} could be converted; {first.what.partition(', ')[2]}", first.fix)
    report = {
        "rows_in": len(rows),
        "rows_out": count,
        "schema": schema_of(open_rows(out)).name if count else made.to,
        "left_out": len(made.left_out),
        "problems": [{"row": error.row, "why": error.detail} for error in made.left_out[:_NAMED]],
        "columns_left_out": dropped,
    }
    for note in rows.notes:
        say(f"note: {note}")
    _narrate(report)
    if as_json:
        document(report)
    else:
        line(f"{out}: {count_words(count, 'row')} of {count_words(len(rows), 'row')} · {report['schema']}")


class _Copied:
    """All rows as they are."""

    def __init__(self, rows: "Rows") -> None:
        from workbench.data.schema import schema_of
        from workbench.data.table import BadRow

        self._rows = rows
        self.to = schema_of(rows).name
        self.left_out: list[BadRow] = []

    def __iter__(self) -> "Iterator[Row]":
        from workbench.data.table import BadRow

        self.left_out.clear()
        for row in self._rows.each():
            if isinstance(row, BadRow):
                self.left_out.append(row)
            else:
                yield row


def _made(rows: "Rows", to: str, map: dict[str, str]) -> "tuple[Conversion | _Copied, list[str]]":
    """The converted rows, and the columns that are not among them."""
    from workbench.data.convert import Conversion

    if not to and not map:
        return _Copied(rows), []
    conversion = Conversion(rows, to, map)
    used = {source.partition(".")[0] for source in conversion.schema.mapping.values()}
    used |= set(conversion.schema.mapping.values())
    return conversion, [name for name in rows.column_names if name not in used]


def _narrate(report: dict[str, Any]) -> None:
    """Tell what is not in the new file."""
    from workbench.cli.output import say
    from workbench.data.shown import count_words

    if report["columns_left_out"]:
        say(f"columns that the schema has no use for are left out: {', '.join(report['columns_left_out'])}")
    if report["left_out"]:
        say(f"{count_words(report['left_out'], 'row')} left out:")
        for problem in report["problems"]:
            say(f"  row {problem['row']}: {problem['why']}")
        more = report["left_out"] - len(report["problems"])
        if more:
            say(f"  and {more:,} more")
