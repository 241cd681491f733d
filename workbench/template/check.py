"""A model's template on a whole file: what it does to chats in general, and which rows would train wrongly."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workbench.data.check.lengths import Lengths
from workbench.data.check.problems import Findings, Problem
from workbench.data.examples import Example, Examples
from workbench.data.table import BadRow
from workbench.template.cache import EncodedCache
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


def check_template(
    worker: EncoderWorker, rows: Examples, cache: EncodedCache, tell: Callable[[int], None]
) -> TemplateCheck:
    """Ask the worker about its template and about every row; `tell` hears how many rows are done."""
    probed, way = worker.probe()
    findings, lengths, number = Findings(), Lengths(worker.encode), 0
    asked = deque[int]()  # the rows that wait for an answer; none of those whose answers were kept
    for answer in cache.answers(worker, rows, lambda: worker.encode(_readable(rows, findings, asked))):
        number = asked.popleft() if asked else number + 1
        for code, detail in lengths.judged(answer):
            findings.add(code, number, detail)
        if number % _AT_ONCE == 0:
            tell(number)
    tell(len(rows))
    return TemplateCheck(len(rows), way, tuple(probed), findings.problems())


def _readable(rows: Examples, findings: Findings, asked: deque[int]) -> Iterator[Example]:
    for number in range(1, len(rows) + 1):
        try:
            example = rows[number - 1]
        except BadRow as error:
            findings.add("unfit-row", number, error.detail)
            continue
        asked.append(number)
        yield example
