"""The order of several answers as a text, 2>1=3: the second is best, the first and the third are equally good.

Answers are counted from 1 in the text and from 0 in an Order, which holds the groups of equals, best first.
"""

from itertools import combinations

from workbench.errors import WrongUse
from workbench.label.records import Choice

Order = tuple[tuple[int, ...], ...]


def order_of(text: str, answers: int) -> Order:
    """Return the order that `text` says. Raises WrongUse unless it names each of the answers once."""
    try:
        order = order_in(text)
    except ValueError:
        order = ()
    if sorted(place for group in order for place in group) != list(range(answers)):
        example = ">".join(map(str, range(1, answers + 1)))
        raise WrongUse(
            f"{text!r} is no order of {answers} answers", f"name each once, best first: {example}, = for ties"
        )
    return order


def order_in(text: str) -> Order:
    """Return the order that a text says which was checked before. Raises ValueError for one that says none."""
    return tuple(tuple(sorted(int(place) - 1 for place in group.split("="))) for group in text.split(">"))


def ranks_in(order: Order) -> list[float]:
    """Return the rank of each answer by its place, best 1; tied answers have the mean of the ranks that they share."""
    ranks: dict[int, float] = {}
    for group in order:
        before = len(ranks)
        ranks |= dict.fromkeys(group, before + (len(group) + 1) / 2)
    return [ranks[place] for place in sorted(ranks)]


def written(order: Order) -> str:
    """Return the text of an order."""
    return ">".join("=".join(str(place + 1) for place in sorted(group)) for group in order)


def from_merits(merits: tuple[float, ...]) -> Order:
    """Return the order of answers by merit, the greater the better; equals tie."""
    levels = sorted(set(merits), reverse=True)
    return tuple(tuple(place for place, merit in enumerate(merits) if merit == level) for level in levels)


def pairs_in(order: Order) -> list[tuple[int, int, Choice]]:
    """Return every two answers, in the order of their places, and which of them the order says is better."""
    level = {place: height for height, group in enumerate(order) for place in group}
    found: list[tuple[int, int, Choice]] = []
    for one, other in combinations(sorted(level), 2):
        above = level[other] - level[one]
        found.append((one, other, "tie" if above == 0 else "first" if above > 0 else "second"))
    return found
