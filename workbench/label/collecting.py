"""What runs were answered, into their sets: sampled answers as pairs, a judge's answers as its votes.

A run writes its own folder and nothing else, so whoever reads a set collects first, of runs that go on too. Collecting
twice, or at once in two terminals, adds nothing twice; what was collected stays when the run's folder is deleted.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.data.preference import digest_of
from workbench.data.shapes import Text
from workbench.errors import WorkbenchError
from workbench.label.records import GivenVote, NewItem, Origin
from workbench.label.store import Store, open_store
from workbench.label.trial import each_order_by
from workbench.runs.folder import RunFolder, all_runs
from workbench.runs.lines import read_lines
from workbench.runs.task import JudgeTask, SampleTask
from workbench.runs.verdicts import ORDERS, each_order, together
from workbench.workspace import Workspace

_LONGEST_NOTE = 4000
Line = dict[str, Any]


@dataclass(frozen=True)
class Collected:
    """What was new."""

    pairs: int = 0
    verdicts: int = 0
    problems: tuple[str, ...] = ()
    """Runs whose answers could not be stored, and why."""


@dataclass
class Collector:
    """Collects again and again; what it has read of a run is not read again."""

    workspace: Workspace
    _read: dict[Path, int] = field(default_factory=dict)

    def collect(self) -> Collected:
        """Collect what runs were answered since the last time. What cannot be stored now is tried again then."""
        counts, problems = {"pairs": 0, "verdicts": 0}, []
        for run in all_runs(self.workspace):
            before = self._read.get(run.answers_file, 0)
            if not _has_more(run.answers_file, before):
                continue
            try:
                lines, offset = read_lines(run.answers_file, before)
                kind, store_lines = _of_task(run)
                with open_store(self.workspace.folder / "labels.db", to_read=True) as store:
                    counts[kind] += store_lines(store, run.spec.task.set, lines)  # type: ignore[union-attr]
            except (WorkbenchError, OSError) as error:
                problems.append(f"{run.name}: its answers cannot be collected: {error}")
            else:
                self._read[run.answers_file] = offset
        return Collected(counts["pairs"], counts["verdicts"], tuple(problems))


def collect(workspace: Workspace) -> Collected:
    """Collect what the workspace's runs were answered."""
    return Collector(workspace).collect()


def _has_more(path: Path, offset: int) -> bool:
    try:
        return path.stat().st_size > offset
    except OSError:
        return False


def _of_task(run: RunFolder) -> tuple[str, Callable[[Store, str, list[Line]], int]]:
    if isinstance(run.spec.task, SampleTask):
        return "pairs", _add_pairs
    if isinstance(run.spec.task, JudgeTask):
        return "verdicts", _add_verdicts
    raise WorkbenchError("it was not started to ask anything")


def _add_pairs(store: Store, set_name: str, lines: list[Line]) -> int:
    known = store.digests(set_name)
    fresh = [item for line in lines for item in _items(line) if digest_of(item.prompt, *item.answers) not in known]
    return store.add_items(set_name, "pairs", fresh) if fresh else 0


def _items(line: Line) -> list[NewItem]:
    """The pairs of a prompt; none of a line of another shape, for the file may be anybody's."""
    try:
        one, other = (Origin(each["model"], each["run"], settings=each["settings"]) for each in line["origins"])
        prompt, source = line["prompt"], str(line["source"])
        return [
            NewItem(prompt, (_like(prompt, first), _like(prompt, second)), (one, other), source)
            for first, second in line["pairs"]
        ]
    except (LookupError, TypeError, ValueError):
        return []


def _like(prompt: Text, text: str) -> Text:
    """An answer in the shape of its prompt."""
    return text if isinstance(prompt, str) else [{"role": "assistant", "content": text}]


def _add_verdicts(store: Store, set_name: str, lines: list[Line]) -> int:
    said = [(str(line.get("pair")), votes) for line in lines if (votes := _votes(line))]
    asked = {(votes[-1].annotator, votes[-1].criterion) for _, votes in said}
    known = {who: set(store.times(set_name, *who)) for who in asked}
    fresh = [
        (digest, votes)
        for digest, votes in said
        if (digest, votes[-1].at) not in known[votes[-1].annotator, votes[-1].criterion]
    ]
    return store.vote_once(set_name, fresh) if fresh else 0


def _votes(line: Line) -> list[GivenVote]:
    """What a judge said in each order, and last its verdict; nothing of a line of another shape."""
    try:
        annotator, mark, at, answers = str(line["annotator"]), str(line["mark"]), float(line["time"]), line["answers"]
        criterion, said = str(line.get("criterion", "")), each_order(answers)
        orders = [
            GivenVote(
                annotator, choice or "skip", left, str(answer["text"])[:_LONGEST_NOTE], None, at,
                each_order_by(criterion), left != ORDERS[0],
            )
            for answer, left, choice in zip(answers, ORDERS, said, strict=True)
        ]  # fmt: skip
        return [*orders, GivenVote(annotator, together(said) or "skip", None, mark, None, at, criterion)]
    except (LookupError, TypeError, ValueError):
        return []
