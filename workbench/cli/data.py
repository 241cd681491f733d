"""`workbench data`: what is in a file of rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli import data_check, data_convert, data_distil
from workbench.cli.options import Json, Mapping

if TYPE_CHECKING:
    from workbench.data.query import Selection
    from workbench.data.rows import BadRow, Row, Rows
    from workbench.data.schema import Schema

app = typer.Typer(help="Look at the rows of a file.", no_args_is_help=True)

_NARROWEST = 8
_GAP = 3  # characters that a table puts between two columns


@app.callback()
def _group() -> None:
    """Look at the rows of a file."""
    import signal
    import threading

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGHUP, signal.SIGTERM):  # as Ctrl+C: nothing half-written stays behind
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, signal.default_int_handler)


@app.command()
def show(
    file: Annotated[
        str,
        typer.Argument(
            help="A data file, a folder, a pattern of files or a data set of the Hub; :PART for a split or a table."
        ),
    ],
    row: Annotated[int | None, typer.Option("--row", min=1, help="Show this row whole; the first is 1.")] = None,
    count: Annotated[int, typer.Option("--rows", min=0, help="How many rows to show.")] = 10,
    where: Annotated[
        str | None, typer.Option("--where", metavar="SQL", help="Only rows that meet this condition.")
    ] = None,
    trust_pickle: Annotated[
        bool, typer.Option("--trust-pickle", help="Open a Python pickle, which runs the code that is in it.")
    ] = False,
    mapping: Mapping = [],  # noqa: B006
    as_json: Json = False,
) -> None:
    """Show what a file holds: its schema, its columns and some rows."""
    from workbench.cli.output import document, say
    from workbench.data.map import parse_map
    from workbench.data.query import select
    from workbench.data.rows import locate, open_rows
    from workbench.data.schema import schema_of
    from workbench.errors import WrongUse

    if row is not None and where is not None:
        raise WrongUse("--row and --where exclude each other", "leave one of them out")
    rows = open_rows(locate(file, say), trust_pickle=trust_pickle)
    found = None if where is None else select(rows, where)
    matched = None if found is None else list(found.numbers)
    numbers = _numbers(rows, row, matched)[: count if row is None else 1]
    shown, broken = _read(rows, numbers)
    numbers = [number for number in numbers if number not in broken]
    schema = schema_of(rows, parse_map(mapping))
    for note in _found_notes(found):
        say(note)
    if as_json:
        document(_report(rows, schema, numbers, shown, matched) | _unreadable(broken))
    else:
        _tell(rows, schema, matched)
        if row is None:
            _draw_table(rows, numbers, shown)
        elif shown:
            _draw_row(shown[0])
        _draw_broken(broken)


def _read(rows: "Rows", numbers: Sequence[int]) -> tuple[list["Row"], dict[int, "BadRow"]]:
    """The rows with those numbers that can be read, and what is wrong with the others."""
    from workbench.data.table import BadRow

    shown, broken = [], {}
    for number in numbers:
        try:
            shown.append(rows[number - 1])
        except BadRow as error:
            broken[number] = error
    return shown, broken


def _unreadable(broken: dict[int, "BadRow"]) -> dict[str, Any]:
    return {"unreadable": [{"row": row, "why": error.detail, "raw": error.raw} for row, error in broken.items()]}


def _draw_broken(broken: dict[int, "BadRow"]) -> None:
    """What the file says where a row cannot be read, and why it cannot."""
    from workbench.cli.output import cut, line

    for row, error in broken.items():
        line(f"✗ row {row}: {error.detail}")
        line(f"  {cut(error.raw, 2)}")


def _found_notes(found: "Selection | None") -> list[str]:
    """Return what a person should know of a selection."""
    if found is None:
        return []
    notes = [f"{name} has values of several types: they are compared as JSON" for name in found.as_json]
    if found.unreadable:
        few = ", ".join(f"{number:,}" for number in found.unreadable[:5])
        more = f" and {len(found.unreadable) - 5:,} more" if len(found.unreadable) > 5 else ""
        notes.append(f"rows that cannot be read were not looked at: {few}{more}")
    return notes


def _numbers(rows: "Rows", row: int | None, matched: list[int] | None) -> Sequence[int]:
    if row is not None:
        return [row]
    return range(1, len(rows) + 1) if matched is None else matched


def _report(
    rows: "Rows", schema: "Schema", numbers: Sequence[int], shown: list["Row"], matched: list[int] | None
) -> dict[str, Any]:
    report = {
        "rows_total": len(rows),
        "schema": schema.name,
        "schema_reason": schema.reason,
        "mapping": schema.mapping,
        "format": rows.format,
        "columns": [{"name": column.name, "type": column.type} for column in rows.columns],
        "notes": rows.notes,
        "row_numbers": list(numbers),
        "rows": shown,
    }
    return report if matched is None else {**report, "rows_matched": len(matched)}


def _tell(rows: "Rows", schema: "Schema", matched: list[int] | None) -> None:
    from workbench.cli.output import line

    total = f"{len(rows):,} rows" if len(rows) != 1 else "1 row"
    counted = total if matched is None else f"{len(matched):,} of {total}"
    mapped = " · ".join(f"{target} ← {source}" for target, source in schema.mapping.items())
    line(f"{counted} · {schema.name}: {schema.reason}" + (f" · {mapped}" if mapped else ""))
    for note in rows.notes:
        line(f"note: {note}")


def _draw_table(rows: "Rows", numbers: Sequence[int], shown: list["Row"]) -> None:
    """The rows as a table no wider than the terminal; columns that do not fit are named below."""
    from shutil import get_terminal_size

    from rich.cells import set_cell_size

    from workbench.cli.output import line, table
    from workbench.data.table import some

    if not shown:
        return
    names = rows.column_names
    digits = len(str(numbers[-1]))
    room = get_terminal_size().columns - max(digits, len("row"))
    names, left_out = _split(names, room // (_NARROWEST + _GAP))
    cells = [[_cell(row.get(name)) for name in names] for row in shown]
    headings = [_cell(name) for name in names]
    needs = [max(map(_width, column)) for column in zip(headings, *cells, strict=True)]
    widths = _shares(needs, room - _GAP * len(names))

    def cut(text: str, width: int) -> str:
        return text if _width(text) <= width else set_cell_size(text, width - 1).rstrip() + "…"

    table(
        ["row", *(cut(heading, width) for heading, width in zip(headings, widths, strict=True))],
        [
            [number, *(cut(cell, width) for cell, width in zip(row, widths, strict=True))]
            for number, row in zip(numbers, cells, strict=True)
        ],
        numbers=["row"],
    )
    if left_out:
        line(f"… and the columns {some(left_out)}")


def _split(names: list[str], fit: int) -> tuple[list[str], list[str]]:
    fit = max(fit, 1)
    return names[:fit], names[fit:]


def _shares(needs: list[int], room: int) -> list[int]:
    """How wide each column may be: a narrow one what it needs, the others equal parts of what is left."""
    widths = [0] * len(needs)
    for done, place in enumerate(sorted(range(len(needs)), key=needs.__getitem__)):
        widths[place] = max(min(needs[place], room // (len(needs) - done)), 1)
        room -= widths[place]
    return widths


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _cell(value: Any) -> str:
    """A value on one line, safe to print; only as much of it as a wide terminal could show."""
    from workbench.printable import printable

    return printable(_plain(value)[:500])


def _draw_row(row: "Row") -> None:
    """Each field under its name; a chat as its turns."""
    from workbench.cli.output import line
    from workbench.data.chat import turn_style

    for name, value in row.items():
        line()
        line(_cell(name))
        if turn_style(value):
            _draw_turns(value if isinstance(value, list) else [value])
        else:
            _indented(_plain(value, indent=2), "  ")


def _draw_turns(turns: list[Any]) -> None:
    from workbench.cli.output import line

    for turn in turns:
        parts = dict(turn) if isinstance(turn, dict) else {"": turn}
        speaker = parts.pop("role", None) or parts.pop("from", None)
        if speaker is not None:
            line(f"  {_cell(speaker)}:")
        said = [parts.pop(key) for key in ("content", "value") if key in parts]
        for text in said:
            _indented(_plain(text, indent=2), "    ")
        for key, value in parts.items():
            line(f"    {_cell(key)}:")
            _indented(_plain(value, indent=2), "      ")


def _indented(text: str, indent: str) -> None:
    from workbench.cli.output import line

    for part in text.split("\n"):
        line(indent + part)


def _plain(value: Any, indent: int | None = None) -> str:
    """Text as it is, everything else as JSON; nothing for null."""
    import json

    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=indent, default=str)


app.command("check")(data_check.check)
app.command("convert")(data_convert.convert)
app.command("dedupe")(data_distil.dedupe)
app.command("sample")(data_distil.sample)
app.command("split")(data_distil.split)
