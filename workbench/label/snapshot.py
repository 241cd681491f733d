"""The pairs of a set and their votes as they stand now, as the rows that a reward run keeps and trains from.

They are rows of a preference file: `label import` takes them too.
"""

from pathlib import Path
from typing import Any

from workbench.data.spec import VotesSpec
from workbench.errors import Missing, WorkbenchError
from workbench.label.store import open_store

_PREFERS = ("first-clearly", "first", "second", "second-clearly")


def snapshot(labels: Path, asked: VotesSpec) -> list[dict[str, Any]]:
    """Return {"prompt", "chosen", "rejected", "votes", "pair"} for every pair of the set; chosen is the first answer.

    "votes" holds {"annotator", "choice"}, "pair" the pair's digest. Pairs without votes are there too, to be scored.
    Raises Missing when there is no such set, WorkbenchError when no vote that counts prefers an answer.
    """
    absent = Missing(f"there is no set of pairs named {asked.votes}", "workbench label list")
    if not labels.exists():
        raise absent
    with open_store(labels, to_read=True) as store:
        pairs = store.pairs(asked.votes)
        votes = [vote for vote in store.votes(asked.votes) if not vote.repeat and not vote.criterion]
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
            given[vote.pair_id].append({"annotator": vote.annotator, "choice": vote.choice})
    if not any(vote["choice"] in _PREFERS for each in given.values() for vote in each):
        raise WorkbenchError(
            f"no vote on {asked.votes} prefers an answer yet",
            f"workbench label vote {asked.votes} 1 first --annotator ME",
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
