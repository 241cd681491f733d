"""The pairs of a set, or of its rankings, and their votes as they stand: the rows that a reward run trains from.

They are rows of a preference file: `label import` takes them too.
"""

from pathlib import Path
from typing import Any

from workbench.data.spec import VotesSpec
from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.label.content import judged_of
from workbench.label.store import open_store

PREFERS = ("first-clearly", "first", "second", "second-clearly")
"""What a vote says that one can train on."""


def snapshot(labels: Path, asked: VotesSpec) -> list[dict[str, Any]]:
    """Return {"prompt", "chosen", "rejected", "votes", "pair"} for every pair of the set; chosen is the first answer.

    "votes" holds {"annotator", "choice"}, "pair" the pair's digest. Pairs without votes are there too, to be scored.
    `asked.most` leaves none out: the run chooses what it trains on after it has held votes out.
    Raises Missing when there is no such set, WorkbenchError when no vote that counts prefers an answer.
    """
    absent = Missing(f"there is no set of pairs named {asked.votes}", "workbench label list")
    if not labels.exists():
        raise absent
    with open_store(labels, to_read=True) as store:
        held = store.set_named(asked.votes)
        if held.kind not in ("pairs", "ranking"):
            raise WrongUse(f"{held.name} holds no pairs, its kind is {held.kind}", "choose a set of pairs or rankings")
        pairs, said = judged_of(store, held)
        votes = [vote for vote in said if not vote.repeat and not vote.criterion]
    if not pairs:
        raise absent
    known = {vote.annotator for vote in votes}
    strangers = [name for name in asked.annotators if name not in known]
    if strangers:
        raise Missing(
            f"nobody called {', '.join(strangers)} voted on {asked.votes}", f"annotators: {', '.join(sorted(known))}"
        )
    given: dict[int, list[dict[str, str]]] = {pair.id: [] for pair in pairs}
    for vote in votes:
        if not asked.annotators or vote.annotator in asked.annotators:
            given[vote.item_id].append({"annotator": vote.annotator, "choice": vote.choice})
    if not any(vote["choice"] in PREFERS for each in given.values() for vote in each):
        command = f"vote {held.name} 1 first" if held.kind == "pairs" else f"rank {held.name} 1 ORDER"
        raise WorkbenchError(
            f"no vote on {asked.votes} prefers an answer yet", f"workbench label {command} --annotator ME"
        )
    return [
        {
            "prompt": pair.prompt,
            "chosen": pair.first,
            "rejected": pair.second,
            "votes": given[pair.id],
            "pair": pair.digest,
        }
        for pair in pairs
    ]
