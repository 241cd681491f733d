"""Columns whose values are of one type in most rows and of another in some."""

from workbench.data.check.problems import MOST_ROWS, Findings
from workbench.data.kinds import value_at
from workbench.data.schema import Schema
from workbench.data.table import Row, type_of

_ANY_TYPE = {"tools", "answers", "history"}


class Types:
    """Counts the types of each field that plays a part."""

    def __init__(self, schema: Schema) -> None:
        self._sources = [source for target, source in schema.mapping.items() if target not in _ANY_TYPE]
        self._counts: dict[tuple[str, type], int] = {}
        self._rows: dict[tuple[str, type], list[int]] = {}

    def take(self, number: int, row: Row) -> None:
        """Count a row."""
        for source in self._sources:
            value = row[source] if source in row else value_at(row, source)
            if value is None:
                continue
            key = (source, type(value))
            count = self._counts.get(key, 0)
            self._counts[key] = count + 1
            if count < MOST_ROWS:
                self._rows.setdefault(key, []).append(number)

    def end(self, findings: Findings) -> None:
        """Note the rows in which a field is not of its usual type."""
        for source in self._sources:
            kinds = {kind: count for (of, kind), count in self._counts.items() if of == source}
            if len(kinds) < 2 or set(kinds) == {int, float}:
                continue
            usual = max(kinds, key=kinds.__getitem__)
            for kind, count in kinds.items():
                if kind is not usual:
                    what = f"{source} is {_name(kind)} here, {_name(usual)} in most rows"
                    findings.add_rows("mixed-types", self._rows[source, kind], count, what)


def _name(kind: type) -> str:
    return type_of(kind())
