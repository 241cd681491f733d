"""A model judge votes on the pairs of a set, each asked in both orders, as an annotator of its own: judge:NAME.

Its verdict, all in all or by one criterion, is what both orders name, else a tie. What it said in each order is kept
beside the verdict, under a criterion of its own. A pair is done once its verdict is stored, so a judge that was stopped
goes on where it was.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError, WrongUse
from workbench.label.facts import Facts
from workbench.label.judge_prompt import NO_RUBRIC, USUAL, JudgePrompt, narrowed, read_judge_prompt
from workbench.label.records import Pair
from workbench.label.rubric import read_rubric, rubric_of
from workbench.label.scales import on_scale
from workbench.label.store import Store, existing_store
from workbench.label.trial import EACH_ORDER, JUDGE, NEEDED_KAPPA, Trial, each_order_by, judges_in, trial
from workbench.runs.columns import is_run
from workbench.runs.task import JudgeTask
from workbench.runs.verdicts import ORDERS
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Judge:
    """Who judges, and how it is asked."""

    name: str
    model: str
    """All that tells the model from another: its name, and the address where it answers."""
    prompt: JudgePrompt
    criterion: str = ""
    """What it votes by; "" for all in all."""

    @property
    def annotator(self) -> str:
        """Under what name it votes."""
        return self.name if self.name.startswith(JUDGE) else JUDGE + self.name

    @property
    def mark(self) -> str:
        """What the notes of its verdicts hold: of one model, asked in one way."""
        return "asked as " + sha256(f"{self.model}\0{self.prompt.digest}".encode()).hexdigest()[:12]


def trial_of(
    store: Store, set_name: str, annotator: str, needed: float = NEEDED_KAPPA, criterion: str = ""
) -> Trial:  # fmt: skip
    """Return how a judge does in a set, all in all or by a criterion, with each of its two orders told apart."""
    votes = on_scale(store.facts(set_name, criterion))[0].votes
    orders = store.facts(set_name, each_order_by(criterion)).votes
    return trial(votes, annotator, judges_in(votes), needed, orders, criterion)


def trials_by_criteria(store: Store, set_name: str) -> list[Trial]:
    """Return how each judge does by each single criterion that it voted by."""
    return [
        trial_of(store, set_name, judge, criterion=criterion)
        for judge, criterion in store.criteria(set_name)
        if judge.startswith(JUDGE) and not criterion.startswith(EACH_ORDER)
    ]


def waiting(store: Store, set_name: str, judge: Judge, *, alone: bool, needed: float = NEEDED_KAPPA) -> list[Pair]:
    """Return the pairs that a judge has not judged by its criterion: those that people voted on by it, `alone` all.

    Raises WrongUse where its name has votes of another model or another way of asking, WorkbenchError where people
    have voted on nothing, and `alone` where its trial is not passed.
    """
    facts = store.facts(set_name, judge.criterion)
    _check_same(store, set_name, judge)
    if alone:
        found = trial_of(store, set_name, judge.annotator, needed, judge.criterion)
        _check_passed(found, f"{set_name}{_by(judge.criterion)}")
    wanted = {pair.id for pair in facts.items} if alone else _voted_by_people(facts)
    if not wanted:
        command = f"vote {set_name} 1 first --criterion {judge.criterion}" if judge.criterion else f"next {set_name}"
        raise WorkbenchError(
            f"people have not voted on {set_name}{_by(judge.criterion)} yet, and a judge is held against them",
            f"vote on some pairs first: workbench label {command} --annotator ME",
        )
    done = {vote.item_id for vote in facts.votes if vote.annotator == judge.annotator}
    return [pair for pair in store.pairs(set_name) if pair.id in wanted - done]


def questions_of(workspace: Workspace, model: str, task: JudgeTask) -> list[dict[str, Any]]:
    """Return what a judge's run asks: {"pair" (a digest), "annotator", "mark", "criterion", "questions"} of each pair.

    Its questions are in both orders.

    Raises as `waiting` does, Missing where there is no such set, and what is wrong with the rubric or the question.
    """
    judge = judge_of(workspace, model, task)
    with existing_store(workspace.folder / "labels.db", task.set) as store:
        pairs = waiting(store, task.set, judge, alone=task.alone, needed=task.kappa)[: task.pairs]
    return [
        {
            "pair": pair.digest,
            "annotator": judge.annotator,
            "mark": judge.mark,
            "criterion": judge.criterion,
            "questions": [judge.prompt.asks(pair, left) for left in ORDERS],
        }
        for pair in pairs
    ]


def judge_of(workspace: Workspace, model: str, task: JudgeTask) -> Judge:
    """Return who judges: a model behind an address, a run, or a model here, by whatever path it is named.

    Raises what is wrong with the rubric or the question, and WrongUse where the rubric has no such criterion.
    """
    is_path = task.endpoint is None and not is_run(model, workspace) and Path(model).exists()
    known_as = f"{task.endpoint} {model}" if task.endpoint else str(Path(model).resolve()) if is_path else model
    called = Path(model).name if is_path and Path(model).is_absolute() else model
    rubric = read_rubric(workspace.folder / task.rubric) if task.rubric else rubric_of(workspace)
    path = workspace.folder / task.prompt if task.prompt else USUAL
    if task.criterion:
        asks = read_judge_prompt(path, narrowed(rubric, task.criterion), needs_rubric=True)
    else:
        asks = read_judge_prompt(path, rubric.text if rubric else NO_RUBRIC)
    return Judge(task.annotator or called, known_as, asks, task.criterion)


def _voted_by_people(facts: Facts) -> set[int]:
    judges = judges_in(facts.votes)
    return {vote.item_id for vote in facts.firsts() if vote.annotator not in judges}


def _check_same(store: Store, set_name: str, judge: Judge) -> None:
    for vote in store.votes(set_name):
        is_verdict = vote.annotator == judge.annotator and vote.criterion == judge.criterion and not vote.repeat
        if is_verdict and vote.note != judge.mark:
            raise WrongUse(
                f"{judge.annotator} has votes on {set_name} of another model, or asked in another way",
                "give this one a name of its own: --annotator NAME",
            )


def _by(criterion: str) -> str:
    return f" by {criterion}" if criterion else ""


def _check_passed(found: Trial, what: str) -> None:
    if not found.has_passed:
        from workbench.label.stats_words import figure

        kappa = found.with_people.kappa
        stands = kappa.why if kappa.value is None else f"kappa {figure(kappa)}"
        raise WorkbenchError(
            f"{found.judge} may not judge {what} alone: with people {stands} on {found.with_people.pairs:,} pairs,"
            f" {found.lacks}",
            "without --alone it judges the pairs that people voted on",
        )
