"""How often each label occurs."""

from workbench.data.check.problems import MOST_ROWS, Findings
from workbench.data.examples import Example
from workbench.data.schema import Schema
from workbench.data.shown import count_words

_FAR = 10  # times as many rows as the rarest label
_LEAST_ROWS = 10  # for a set of only one label
_MOST_LABELS = 1_000
_TARGETS = {"classification": "completion", "kto": "label"}


class Labels:
    """Counts the labels of a set for classification, or of good and bad answers."""

    def __init__(self, schema: Schema) -> None:
        self._target = _TARGETS.get(schema.name, "")
        self._counts: dict[str, int] = {}
        self._rows: dict[str, list[int]] = {}

    def take(self, number: int, example: Example) -> None:
        """Count a row."""
        if not self._target or len(self._counts) > _MOST_LABELS:
            return
        label = example[self._target]
        self._counts[label] = self._counts.get(label, 0) + 1
        rows = self._rows.setdefault(label, [])
        if len(rows) < MOST_ROWS:
            rows.append(number)

    def end(self, findings: Findings) -> None:
        """Note the rows whose label is more than ten times rarer than the most frequent one."""
        total = sum(self._counts.values())
        if not total or len(self._counts) * 2 > total or len(self._counts) > _MOST_LABELS:
            return
        usual = max(self._counts, key=self._counts.__getitem__)
        if len(self._counts) == 1 and total >= _LEAST_ROWS:
            findings.add_rows("label-imbalance", (), total, f"all rows have the label {usual!r}")
        rare = [label for label, count in self._counts.items() if count * _FAR < self._counts[usual]]
        if rare:
            rarest = min(rare, key=self._counts.__getitem__)
            what = f"{self._told(usual)}, {self._told(rarest)}"
            rows = sorted(number for label in rare for number in self._rows[label])
            findings.add_rows("label-imbalance", rows, sum(self._counts[label] for label in rare), what)

    def _told(self, label: str) -> str:
        return f"{count_words(self._counts[label], 'row')} with {label!r}"
