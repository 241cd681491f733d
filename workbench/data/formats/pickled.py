"""A pandas pickle. Opening one runs whatever code is in it, so a person has to allow it for this one file."""

from pathlib import Path
from typing import Any

from workbench.data.formats.arrow_values import plain
from workbench.data.formats.json_text import JsonRows
from workbench.data.table import BadFile, Row
from workbench.errors import WrongUse

_PROTOCOLS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


class PickleRows(JsonRows):
    """Rows of a pickled DataFrame, Series, list of rows or {column: values}, in memory."""

    format = "pickle"


def is_pickle(head: bytes) -> bool:
    """Whether a file begins as pickles have since 2003 do."""
    return head.startswith(_PROTOCOLS)


def open_pickle(path: Path, *, trust: bool) -> PickleRows:
    """Return the rows of a pickle. Raises WrongUse without `trust`, and BadFile when it holds no rows."""
    if not trust:
        raise WrongUse(
            f"{path} is a Python pickle: opening it runs the code that is in it",
            "if you trust who made it, data show FILE --trust-pickle shows it; to train on it, write it as Parquet",
        )
    import pandas

    try:
        held = pandas.read_pickle(path)  # noqa: S301 - a person allowed it
    except Exception as error:  # a pickle may raise anything
        what = f"{path}: the pickle cannot be opened: {type(error).__name__}: {error}"
        raise BadFile(what, "open it where it was made, and write Parquet") from error
    return PickleRows(path, [_row(row) for row in _records(path, held)])


def _records(path: Path, held: Any) -> list[Any]:
    import pandas

    if isinstance(held, dict):
        held = pandas.DataFrame(held)
    if isinstance(held, pandas.Series):
        held = held.to_frame(held.name or "text")
    if isinstance(held, pandas.DataFrame):
        frame = held.reset_index() if any(name is not None for name in held.index.names) else held
        records: list[Any] = frame.to_dict("records")
        return records
    if isinstance(held, list):
        return held
    raise BadFile(f"{path} holds a {type(held).__name__}, not rows", "pickle a DataFrame, or better write Parquet")


def _row(row: Any) -> Row | Any:
    return {str(name): _value(value) for name, value in row.items()} if isinstance(row, dict) else _value(row)


def _value(value: Any) -> Any:
    """A value as JSON could hold it: those of NumPy as Python's own, missing ones null."""
    import pandas

    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_value(inner) for inner in value]
    if isinstance(value, dict):
        return {str(name): _value(inner) for name, inner in value.items()}
    return None if pandas.api.types.is_scalar(value) and pandas.isna(value) else plain(value)
