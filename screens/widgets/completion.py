"""Names of columns offered while SQL is typed: Tab or the right arrow takes what is offered."""

import re
from collections.abc import Sequence

from textual.suggester import Suggester

_WORD = re.compile(r'"[^"]*$|\w+$')
_PLAIN = re.compile(r"[A-Za-z_]\w*")


class ColumnNames(Suggester):
    """Completes the last word; a name that SQL has to quote is offered after a quotation mark too."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._names = [name for name in names if name.isprintable()]

    async def get_suggestion(self, value: str) -> str | None:
        """Return `value` with its last word completed."""
        found = _WORD.search(value)
        if found is None or value[: found.start()].count("'") % 2:
            return None
        word = found[0]
        for name in self._names:
            quoted = '"' + name.replace('"', '""') + '"'
            whole = quoted if word.startswith('"') else name if _PLAIN.fullmatch(name) else ""
            if whole.casefold().startswith(word.casefold()) and len(whole) > len(word):
                return value + whole[len(word) :]
        return None
