"""How a set is gone through: what comes first, and how much comes again unsaid."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.errors import WrongUse
from workbench.label.records import Order, PairSet
from workbench.label.repeats import Repeats
from workbench.label.schema import NOUNS, SetKind
from workbench.label.scores import differences_of_run, newest_scored
from workbench.workspace import Workspace

SEED = 7


@dataclass(frozen=True)
class Plan:
    """How a set is gone through."""

    order: Order = "added"
    repeats: Repeats = field(default_factory=Repeats)
    differences: Mapping[str, float] = field(default_factory=dict)
    """How far a reward model's scores of two answers lie apart, by the pair's digest (`scores.differences`): of pairs,
    or of every two answers of rankings."""
    seed: int = SEED

    @property
    def is_plain(self) -> bool:
        """Whether everything comes as it was added, once."""
        return self.order == "added" and not self.repeats.share


def plan_of(
    workspace: Workspace,
    held: PairSet | None = None,
    order: Order | None = None,
    repeats: float | None = None,
    scores: str | None = None,
    seed: int = SEED,
) -> Plan:
    """Return a plan; what is None is as it was kept for the set that is `held`, else as the workspace's settings say.

    `scores` is a reward run, by default the newest that has scores; it is read when pairs or rankings come by them.
    Raises Missing when there is no such run, WrongUse for a share of repeats that is none, and as `differences` does.
    """
    held = held or PairSet("", 0, 0)
    chosen = order or ("least-sure" if scores else held.order or usual_order(held.kind, workspace.settings.label_order))
    if chosen == "least-sure" and held.kind == "single":
        raise WrongUse(
            f"no model says how sure it is of the {NOUNS[held.kind]}s of {held.name}", "choose another order"
        )
    kept = workspace.settings.label_repeats if held.repeats is None else held.repeats
    share = kept if repeats is None else repeats
    apart = {}
    if chosen == "least-sure" and held.kind != "classes":
        apart = differences_of_run(workspace, scores or newest_scored(workspace))
    return Plan(chosen, Repeats(share, seed=seed), apart, seed)


def usual_plan(held: PairSet) -> Plan:
    """Return how a set is gone through where nobody says anything else."""
    return Plan(held.order or usual_order(held.kind))


def usual_order(kind: SetKind, said: Order = "added") -> Order:
    """Return in which order a set of a kind is gone through where nothing is kept for it; `said` is what is usual.

    Rows with a class come by what a model is least sure of. Answers cannot, and rankings do where that is said of their
    set: no run need have scores of them.
    """
    if kind == "classes":
        return "least-sure"
    return "added" if said == "least-sure" and kind != "pairs" else said
