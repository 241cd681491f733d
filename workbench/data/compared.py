"""The text that two rows are compared by, whatever their schema; rows that cannot be read are counted, never lost."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import blake2b
from typing import Any

from workbench.data.chat import messages_of, turn_style
from workbench.data.found import value_at
from workbench.data.schema import schema_of
from workbench.data.table import BadRow, Row, Rows
from workbench.data.targets import SYNONYMS
from workbench.errors import WrongUse

_NOT_COMPARED = (  # what is said is compared, not how it is judged or set up
    *("label", "system", "tools", "choice", "preferred", "strength"),
    *("first_score", "second_score", "ranks", "scores"),
)
_EXPLAINED = 3


@dataclass
class Unreadable:
    """The rows of a file that could not be read: their numbers, counted from 1, and why the first ones could not."""

    numbers: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def add(self, error: BadRow) -> None:
        """Count one more."""
        self.numbers.append(error.row)
        if len(self.reasons) < _EXPLAINED:
            self.reasons.append(error.what)


def compared_columns(rows: Rows, on: str | None = None) -> list[str]:
    """Return the columns, or places in one, whose text is compared: `on`, else those that the schema has a use for.

    Labels, system prompts and tools are not among them. Empty where the schema is unknown: then every value counts.
    Raises WrongUse when there is no column `on`.
    """
    if on is not None:
        check_column(rows, on)
        return [on]
    mapping = schema_of(rows).mapping
    return [mapping[target] for target in SYNONYMS if target in mapping and target not in _NOT_COMPARED]


def whole_columns(rows: Rows, columns: list[str]) -> frozenset[str]:
    """Return those of `columns` that are either the same in two rows or not, however near.

    The passage of a question, whatever the schema: a hundred questions about one passage are no copies of each other.
    """
    schema = schema_of(rows)
    passage = schema.mapping.get("context") if len(columns) > 1 else None
    return frozenset([passage] if passage else [])


def compared_texts(rows: Rows, columns: list[str]) -> Iterator[str | BadRow | None]:
    """Return for every row the text that it is compared by, or what is wrong with it; None where nothing is there."""
    whole = whole_columns(rows, columns)
    for row in rows.each():
        yield row if isinstance(row, BadRow) else compared_text(row, columns, whole)


def compared_text(row: Row, columns: list[str], whole: frozenset[str] = frozenset()) -> str | None:
    """Return the text in those `columns` of a row, one below the other; of a chat, what its turns say.

    What stands in a column of `whole` becomes one word, its hash.
    """
    values = [(column, value_at(row, column)) for column in columns] if columns else list(row.items())
    said = [_hashed(_said(value)) if column in whole else _said(value) for column, value in values if value is not None]
    return "\n".join(said) if said else None


def _hashed(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def check_column(rows: Rows, column: str) -> None:
    """Raise WrongUse when no readable row has the `column`, or a value at that place inside one."""
    if column in rows.column_names or any(value_at(row, column) is not None for row in rows.readable()):
        return
    close = get_close_matches(column, rows.column_names, n=1)
    columns = f"columns: {', '.join(rows.column_names)}"
    raise WrongUse(f"{rows.path} has no column {column}", f"did you mean {close[0]}? {columns}" if close else columns)


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    if turn_style(value):
        try:
            turns = messages_of(value)
        except ValueError:  # a chat with a broken turn is still compared by what it holds
            return "\n".join(_leaves(value))
        return "\n".join(leaf for turn in turns if turn["role"] != "system" for leaf in _leaves_of_turn(turn))
    return "\n".join(_leaves(value))


def _leaves_of_turn(turn: Row) -> Iterator[str]:
    yield from _leaves(turn["content"])
    yield from _leaves(turn.get("tool_calls"))


def _leaves(value: Any) -> Iterator[str]:
    """The texts and numbers in a value, in the order in which they stand there."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif value is not None:
        yield str(value)
