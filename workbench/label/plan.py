"""How a set is gone through: which pairs come first, and how many come again unsaid."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from workbench.label.repeats import Repeats
from workbench.label.scores import differences_of_run, newest_scored
from workbench.workspace import Workspace

Order = Literal["added", "random", "stratified", "least-sure", "disputed"]
ORDERS: tuple[Order, ...] = get_args(Order)
"""As they were added; at random; each source in turn; where a reward model is least sure; where people disagree."""
SEED = 7


@dataclass(frozen=True)
class Plan:
    """How a set is gone through."""

    order: Order = "added"
    repeats: Repeats = field(default_factory=Repeats)
    differences: Mapping[str, float] = field(default_factory=dict)
    """How far a reward model's scores of the two answers lie apart, by the pair's digest (`scores.differences`)."""
    seed: int = SEED

    @property
    def is_plain(self) -> bool:
        """Whether the pairs come as they were added, each once."""
        return self.order == "added" and not self.repeats.share


def plan_of(
    workspace: Workspace,
    order: Order | None = None,
    repeats: float | None = None,
    scores: str | None = None,
    seed: int = SEED,
) -> Plan:
    """Return a plan; what is None is as the workspace's settings say.

    `scores` is a reward run, by default the newest that has scores, and is read when the order goes by them. Raises
    Missing when there is no such run, WrongUse for a share of repeats that is none, and as `differences` does.
    """
    chosen = order or ("least-sure" if scores else workspace.settings.label_order)
    share = workspace.settings.label_repeats if repeats is None else repeats
    apart = {}
    if chosen == "least-sure":
        apart = differences_of_run(workspace, scores or newest_scored(workspace))
    return Plan(chosen, Repeats(share, seed=seed), apart, seed)
