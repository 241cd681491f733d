"""The problems of a data set as the Data pane shows them: a list, marks in the table, sentences beside a row."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from screens.widgets.columns import Column
from workbench.data.shown import count_words

if TYPE_CHECKING:
    from workbench.data.check.problems import Problem, Severity

MARKS: "dict[Severity, str]" = {"error": "✗", "warning": "⚠", "note": "·"}
COLUMNS = (Column("problem", is_part=True), Column("rows", is_number=True), Column("what"))


class Problems:
    """What a check found, by row; `only` is the one problem whose rows are visited, all errors and warnings if none."""

    def __init__(self, found: "Sequence[Problem]" = (), *, is_done: bool = False) -> None:
        self.all = found
        self.is_done = is_done
        self.only = ""
        self._of_row: dict[int, list[Problem]] = {}
        for problem in self.all:
            for row in problem.rows:
                self._of_row.setdefault(row, []).append(problem)

    def of(self, row: int) -> "list[Problem]":
        """Return the problems of a row, errors first."""
        return self._of_row.get(row, [])

    def mark(self, row: int) -> str:
        """Return the sign of the worst problem of a row; a note is none."""
        found = self.of(row)
        return MARKS[found[0].severity] if found and found[0].severity != "note" else ""

    def next(self, row: int, among: Set[int] | None = None) -> int:
        """Return the next row after `row` that has a problem, from the top again after the last; 0 for none.

        `among` holds the rows that count; None stands for all of them.
        """
        rows = self._visited(among)
        return rows[bisect_right(rows, row) % len(rows)] if rows else 0

    def place(self, row: int, among: Set[int] | None = None) -> tuple[int, int]:
        """Return which of the rows with a problem this is, counted from 1, and how many there are."""
        rows = self._visited(among)
        return bisect_left(rows, row) + 1, len(rows)

    @property
    def is_cut(self) -> bool:
        """Whether some of the problems that are visited have more rows than are listed."""
        return any(each.count > len(each.rows) for each in self._chosen)

    @property
    def _chosen(self) -> "Sequence[Problem]":
        chosen = [each for each in self.all if each.code == self.only] if self.only else []
        return chosen or [each for each in self.all if each.severity != "note"] or self.all

    def _visited(self, among: Set[int] | None) -> list[int]:
        rows = {row for problem in self._chosen for row in problem.rows}
        return sorted(rows if among is None else rows & among)

    def words(self) -> str:
        """Return how many rows have errors and warnings, in a few characters; empty before anything is known."""
        found = [self._rows_words(severity) for severity in MARKS if severity != "note"]
        return " ".join(filter(None, found)) or ("✓" if self.is_done else "")

    def _rows_words(self, severity: "Severity") -> str:
        """How many rows have a problem this bad; at least so many where not all of them are listed."""
        problems = [each for each in self.all if each.severity == severity]
        count = len({row for each in problems for row in each.rows})
        most = max((each.count for each in problems), default=0)
        is_all = len(problems) < 2 or all(each.count == len(each.rows) for each in problems)
        return f"{MARKS[severity]}{'' if is_all else '≥'}{max(count, most):,}" if most else ""


class ProblemSource:
    """A list of problems to choose from."""

    def __init__(self, problems: "Sequence[Problem]") -> None:
        self.problems = problems

    def __len__(self) -> int:
        return len(self.problems)

    def prepare(self, first: int, stop: int) -> None:
        """Everything is here."""

    def number(self, place: int) -> int:
        """Their order."""
        return place + 1

    @property
    def largest(self) -> int:
        """How many there are."""
        return len(self.problems)

    def mark(self, place: int) -> str:
        """How bad it is."""
        return MARKS[self.problems[place].severity]

    def cells(self, place: int, columns: Sequence[int]) -> Sequence[str]:
        """The code, how many rows, and the sentence."""
        each = self.problems[place]
        return [(each.code, f"{each.count:,}", each.message)[column] for column in columns]


def described(problem: "Problem") -> str:
    """Return what is wrong and what to do, on one line."""
    return f"{MARKS[problem.severity]} {problem.message} → {_by_key(problem.fix)}"


def _by_key(fix: str) -> str:
    """What to do, where a key does what an option of the command does."""
    return fix.replace("`--fix OUT`", "F")


def list_words(problems: Problems) -> str:
    """Return what stands above the list."""
    return count_words(len(problems.all), "problem") + ("" if problems.is_done else " so far")
