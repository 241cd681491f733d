"""A model's template on a whole file: what it does to chats in general, and which rows would train wrongly."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from workbench.data.check.lengths import Lengths
from workbench.data.check.problems import Findings, Problem
from workbench.data.examples import Example, Examples
from workbench.data.table import BadRow
from workbench.template.client import EncoderWorker
from workbench.template.probes import Probed

_AT_ONCE = 256  # rows


@dataclass(frozen=True)
class TemplateCheck:
    """What was found; `way` is how answers are found, see `probes.way_of`."""

    rows: int
    way: str
    template: tuple[Probed, ...]
    problems: tuple[Problem, ...]

    @property
    def has_errors(self) -> bool:
        """Whether something would train wrongly."""
        severities = [each.severity for each in self.template] + [each.severity for each in self.problems]
        return "error" in severities


def check_template(worker: EncoderWorker, rows: Examples, tell: Callable[[int], None]) -> TemplateCheck:
    """Ask the worker about its template and about every row; `tell` hears how many rows are done."""
    probed, way = worker.probe()
    findings, lengths, done = Findings(), Lengths(worker.encode), 0
    numbers = iter(range(1, len(rows) + 1))
    while batch := list(islice(numbers, _AT_ONCE)):
        for number, finding in lengths.look(list(_readable(rows, batch, findings))):
            findings.add(finding[0], number, finding[1])
        done += len(batch)
        tell(done)
    return TemplateCheck(done, way, tuple(probed), findings.problems())


def _readable(rows: Examples, numbers: list[int], findings: Findings) -> Iterator[tuple[int, Example]]:
    for number in numbers:
        try:
            yield number, rows[number - 1]
        except BadRow as error:
            findings.add("unfit-row", number, error.detail)
