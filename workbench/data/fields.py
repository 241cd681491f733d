"""Reading one field of a row; what is wrong is told with file, row and field."""

from collections.abc import Callable
from typing import Any, TypeVar

from workbench.data.chat import Message, chat_in, from_texts, is_texts, messages_of
from workbench.data.found import is_absent, value_at
from workbench.data.schema import Schema
from workbench.data.table import SAMPLE, BadRow, Row, Rows, type_of
from workbench.data.transcript import transcript_of

Value = TypeVar("Value")


class Fields:
    """The fields of one row, by target. `number` counts from 1."""

    def __init__(self, rows: Rows, schema: Schema, number: int, row: Row) -> None:
        self._rows = rows
        self._mapping = schema.mapping
        self.number = number
        self._row = row

    @property
    def file(self) -> str:
        """The name of the file that the row is in."""
        return self._rows.path.name

    def value(self, target: str) -> Any:
        """Return what the row holds for `target`; None when nothing, also where no column plays that part."""
        source = self._mapping.get(target)
        if source is None:
            self._refuse_latecomer(target)
        found = value_at(self._row, source) if source else None
        return None if is_absent(found) or (isinstance(found, str) and not found.strip()) else found

    def source(self, target: str) -> str:
        """Return the column, or the place in one, that plays the part `target`; "" where none does."""
        return self._mapping.get(target, "")

    def has(self, *targets: str) -> bool:
        """Whether the file has a column for any of `targets`, empty in this row or not."""
        for target in targets:
            self.value(target)
        return any(target in self._mapping for target in targets)

    def needed(self, target: str) -> Any:
        """Return what the row holds for `target`; BadRow when that is nothing."""
        found = self.value(target)
        if found is None:
            raise self.bad(target, "is empty", "fill it in, or take the row out")
        return found

    def text(self, target: str) -> str:
        """Return the text for `target`; numbers and booleans as they are written in JSON."""
        return self._as_text(target, self.needed(target))

    def text_or_none(self, target: str) -> str | None:
        """Return the text for `target`, or None when there is none."""
        found = self.value(target)
        return None if found is None else self._as_text(target, found)

    def messages(self, target: str) -> list[Message]:
        """Return the chat for `target`, also one of texts alone, or one that stands in a text as JSON."""
        return self.read(target, _chat)

    def text_or_messages(self, target: str) -> str | list[Message]:
        """Return the text for `target`, or the messages when it is a chat or a turn of one."""
        found = chat_in(self.needed(target))
        if isinstance(found, (list, dict)):
            return self.read(target, lambda found: messages_of(chat_in(found)))
        return self._as_text(target, found)

    def read(self, target: str, reader: Callable[[Any], Value]) -> Value:
        """Return what `reader` makes of the value for `target`; its ValueError becomes a BadRow."""
        found = self.needed(target)
        try:
            return reader(found)
        except (ValueError, TypeError) as error:
            raise self.bad(target, f"cannot be read: {error}") from error

    def bad(self, target: str, wrong: str, fix: str = "", kind: type[BadRow] = BadRow) -> BadRow:
        """The error, of some `kind`, for the field of `target` in this row."""
        source = self._mapping.get(target, target)
        name = source if source == target else f"{source} (the {target})"
        return kind(self._rows.path, self.number, f"{name} {wrong}", fix)

    def _refuse_latecomer(self, target: str) -> None:
        """A column that the file's first rows lack is not mapped: rather stop than drop what it says."""
        if not is_absent(self._row.get(target)) and target not in self._rows.column_names:
            fix = f"map it: map: {{{target}: {target}}}"
            raise self.bad(target, f"is a column that the first {SAMPLE:,} rows do not have", fix)

    def _as_text(self, target: str, value: Any) -> str:
        if isinstance(value, list) and target == "label":
            return ", ".join(self._as_text(f"{target} in the list", each) for each in value)
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return str(value)
        raise self.bad(target, f"is a JSON {type_of(value)}, not text", "map a column of text to it")


def _chat(found: Any) -> list[Message]:
    found = chat_in(found)
    if isinstance(found, str):
        return transcript_of(found) or messages_of(found)
    return from_texts(found) if is_texts(found) else messages_of(found)
