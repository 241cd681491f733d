"""One speaker under several names in one file: "human" in most chats, "User" in some.

Any of the names is read; other programs may know but one.
"""

from collections import Counter
from typing import Any

from workbench.data.chat import CALLERS, ROLES, chat_in
from workbench.data.check.problems import MOST_ROWS, Findings
from workbench.data.found import value_at
from workbench.data.schema import Schema
from workbench.data.table import Row

_WHO = ("role", "from")
_ALIKE = ("user", "assistant", "system")
_MOST_NAMES = 1_000  # rows may call their speakers as they like
_CHATS = ("messages", "prompt", "completion", "chosen", "rejected", "first", "second")


class Speakers:
    """Counts the names of each speaker, in the columns that hold chats."""

    def __init__(self, schema: Schema) -> None:
        self._sources = [schema.mapping[target] for target in _CHATS if target in schema.mapping]
        self._counts: Counter[tuple[str, str]] = Counter()
        self._rows: dict[tuple[str, str], list[int]] = {}

    def take(self, number: int, row: Row) -> None:
        """Count a row."""
        for source in self._sources:
            chat = chat_in(value_at(row, source))
            for name in set() if isinstance(chat, str) else _names(chat):
                if len(self._counts) == _MOST_NAMES and name not in self._counts:
                    continue
                self._counts[name] += 1
                rows = self._rows.setdefault(name, [])
                if len(rows) < MOST_ROWS:
                    rows.append(number)

    def usual(self) -> dict[str, str]:
        """Return the usual name of the speaker for each name that is not it; empty where all are called alike."""
        best: dict[tuple[str, str], str] = {}
        usual = {}
        for (key, name), _ in self._counts.most_common():
            role = "" if name.casefold() in CALLERS else ROLES.get(name.casefold(), "")
            if role in _ALIKE:
                usual[name] = best.setdefault((key, role), name)
        return {name: other for name, other in usual.items() if other != name}

    def end(self, findings: Findings) -> None:
        """Note the rows in which a speaker is not called by the usual name."""
        usual = self.usual()
        odd: dict[int, str] = {}
        for (_, name), rows in self._rows.items():
            odd |= dict.fromkeys(rows, f"{name!r} beside {usual[name]!r}") if name in usual else {}
        for number in sorted(odd):
            findings.add("mixed-role-names", number, odd[number])


def renamed(chat: Any, usual: dict[str, str]) -> Any:
    """Return a chat, or a turn of one, with the usual name of each speaker."""
    if isinstance(chat, list):
        return [renamed(turn, usual) for turn in chat]
    if not isinstance(chat, dict):
        return chat
    return {key: usual.get(value, value) if key in _WHO and isinstance(value, str) else value
            for key, value in chat.items()}  # fmt: skip


def _names(chat: Any) -> set[tuple[str, str]]:
    """Who speaks in a chat, each with the key under which it is said."""
    turns = [turn for turn in (chat if isinstance(chat, list) else [chat]) if isinstance(turn, dict)]
    return {(key, turn[key]) for turn in turns for key in _WHO if key in turn and isinstance(turn[key], str)}
