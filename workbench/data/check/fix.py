"""The rows of a file, mended where a program can, written to a new file; those beyond mending are left out.

What needs a person's judgement stays as it is: contradictions, secrets, labels, lost characters.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.data.chat import messages_of
from workbench.data.check.copies import asked_in, whole_key
from workbench.data.check.lengths import Encode
from workbench.data.check.letters import mend
from workbench.data.check.problems import CODES
from workbench.data.check.reading import Reader
from workbench.data.check.run import check, look
from workbench.data.check.speakers import Speakers, renamed
from workbench.data.rows import open_rows
from workbench.data.table import BadRow, Row, Rows
from workbench.data.write import write_rows

_TELL_EVERY = 1_000  # rows


@dataclass(frozen=True)
class Fixed:
    """What a fix did, in rows by code; one that was dropped counts once. `left` is what `check` still finds."""

    rows_in: int
    rows_out: int
    changed: dict[str, int]
    dropped: dict[str, int]
    left: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """Return it as `data check --json` prints it."""
        return {
            "rows_in": self.rows_in, "rows_out": self.rows_out,
            "changed": self.changed, "dropped": self.dropped, "left": self.left,
        }  # fmt: skip


def fix(
    rows: Rows,
    out: Path,
    map: Mapping[str, str] | None = None,
    *,
    held_out: Sequence[Rows] = (),
    encode: Encode | None = None,
    tell: Callable[[int], None] = lambda _: None,
) -> Fixed:
    """Write the mended rows to `out` and say what was done; `tell` hears how many rows are done.

    `held_out` and `encode` are as for `check`; the latter serves to say what is left. Raises as
    `write_rows` does; `rows` are never changed.
    """
    reader = Reader(rows, map)
    mending = _Mending(reader, asked_in(held_out, map), _usual_names(reader))
    sources = [file for each in (rows, *held_out) for file in each.files]
    written = write_rows(out, mending.rows(tell), sources)
    left: dict[str, int] = {}
    if written:
        *_, found = check(open_rows(out), map, held_out=held_out, encode=encode)
        left = {problem.code: problem.count for problem in found.problems}
    return Fixed(mending.done, written, dict(mending.changed), dict(mending.dropped), left)


@dataclass
class _Mending:
    """One pass over the rows. A mended row is looked at again, so that nothing is written that would be reported."""

    reader: Reader
    others: frozenset[int]
    usual: dict[str, str]
    """The name that most chats give a speaker, for each other name."""
    done: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    _seen: set[int] = field(default_factory=set)

    def rows(self, tell: Callable[[int], None]) -> Iterator[Row]:
        """Return the rows that stay."""
        for number, row in enumerate(self.reader.rows.each(), 1):
            self.done = number
            if number % _TELL_EVERY == 0:
                tell(number)
            kept = self._mended(number, row)
            if kept is not None:
                yield kept

    def _mended(self, number: int, row: Row | BadRow) -> Row | None:
        found, example = look(self.reader, number, row, self.others)
        codes = dict.fromkeys(code for code, _ in found)
        if self.usual and not isinstance(row, BadRow):
            row, before = self._renamed(row), row
            self.changed["mixed-role-names"] += row != before
        wrong = [code for code in codes if CODES[code].mending == "mend"]
        if wrong and not isinstance(row, BadRow):
            row = self._repaired(row, wrong)
            found, example = look(self.reader, number, row, self.others)
            codes = dict.fromkeys(code for code, _ in found)
        reason = next((code for code in codes if CODES[code].mending == "drop"), "")
        if not reason and example is not None and self.reader.rows.format != "text":
            key = whole_key(example)
            reason = "exact-copy" if key in self._seen else ""
            self._seen.add(key)
        if reason or isinstance(row, BadRow):
            self.dropped[reason] += 1
            return None
        self.changed.update(code for code in wrong if code not in codes)
        return row

    def _renamed(self, row: Row) -> Row:
        for source in self.reader.sources:
            row = _replaced(row, source, lambda chat: renamed(chat, self.usual))
        return row

    def _repaired(self, row: Row, wrong: list[str]) -> Row:
        for source in self.reader.sources:
            row = _replaced(row, source, _mend_texts)
        if "ends-without-answer" in wrong:
            mapping = self.reader.schema.mapping
            for target in ("messages", "completion"):
                row = _replaced(row, mapping[target], _cut_after_answer) if target in mapping else row
        return row


def _usual_names(reader: Reader) -> dict[str, str]:
    speakers = Speakers(reader.schema)
    if reader.schema.name in ("messages", "sharegpt", "preference", "kto", "prompt-completion"):
        for row in reader.rows.readable():
            speakers.take(0, row)
    return speakers.usual()


def _replaced(value: Any, source: str, change: Callable[[Any], Any]) -> Any:
    """A copy of a row with the value in the column `source`, or at that place in one, changed."""
    if isinstance(value, dict):
        first, _, rest = (source, "", "") if source in value else source.partition(".")
        if first not in value:
            return value
        inner = value[first]
        return {**value, first: _replaced(inner, rest, change) if rest else change(inner)}
    if isinstance(value, list):
        first, _, rest = source.partition(".")
        if not first.isdigit() or int(first) >= len(value):
            return value
        inner = value[int(first)]
        changed = _replaced(inner, rest, change) if rest else change(inner)
        return [*value[: int(first)], changed, *value[int(first) + 1 :]]
    return value


def _mend_texts(value: Any) -> Any:
    if isinstance(value, str):
        return mend(value)
    if isinstance(value, list):
        return [_mend_texts(inner) for inner in value]
    return {key: _mend_texts(inner) for key, inner in value.items()} if isinstance(value, dict) else value


def _cut_after_answer(chat: Any) -> Any:
    """A chat, in whatever layout, without the turns after the assistant's last."""
    if not isinstance(chat, list):
        return chat
    answers = [place for place, turn in enumerate(chat) if messages_of([turn])[-1]["role"] == "assistant"]
    return chat[: answers[-1] + 1] if answers else chat
