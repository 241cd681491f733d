"""Several answers being put in order: each move returns another order, and none loses or doubles an answer.

At first they stand as drawn by lot, from the item and the annotator alone: no place is always one model's.
"""

import hashlib

from workbench.label.ranking import Order
from workbench.label.records import Item

_SEED = b"workbench ranks 1"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def drawn_by_lot(item: Item, annotator: str, *, is_repeat: bool = False) -> Order:
    """Return the order in which this annotator sees the answers of an item first, none of them tied.

    When it comes again as a hidden repeat they stand the other way round.
    """

    def lot(place: int) -> bytes:
        return hashlib.blake2b(f"{item.digest} {annotator} {place}".encode(), key=_SEED, digest_size=8).digest()

    return tuple((place,) for place in sorted(range(len(item.answers)), key=lot, reverse=is_repeat))


def letters(first: Order) -> dict[int, str]:
    """Return what the answers are called on the screen, by their place: A stood above all others at `first`."""
    names = [*_LETTERS, *(str(number) for number in range(27, len(first) + 1))]
    return {place: names[at] for at, (place,) in enumerate(first)}


def lettered(order: Order, names: dict[int, str]) -> str:
    """Return an order as the screen has it: B>A=C."""
    return ">".join("=".join(names[place] for place in group) for group in order)


def top_down(order: Order) -> list[int]:
    """Return the answers from the best to the last, tied ones beside each other."""
    return [place for group in order for place in group]


def raised(order: Order, place: int) -> Order:
    """Return the order with an answer one level higher: out of its tie, or past the level above."""
    return _reversed(lowered(_reversed(order), place))


def lowered(order: Order, place: int) -> Order:
    """Return the order with an answer one level lower: out of its tie, or past the level below."""
    at = _level(order, place)
    if len(order[at]) > 1:
        rest = tuple(each for each in order[at] if each != place)
        return (*order[:at], rest, (place,), *order[at + 1 :])
    if at + 1 == len(order):
        return order
    return (*order[:at], order[at + 1], order[at], *order[at + 2 :])


def joined(order: Order, place: int) -> Order:
    """Return the order with an answer tied with the one above it, or, where it is, no longer."""
    at = _level(order, place)
    within = order[at].index(place)
    if within:
        return (*order[:at], order[at][:within], order[at][within:], *order[at + 1 :])
    if at == 0:
        return order
    return (*order[: at - 1], order[at - 1] + order[at], *order[at + 1 :])


def _level(order: Order, place: int) -> int:
    return next(at for at, group in enumerate(order) if place in group)


def _reversed(order: Order) -> Order:
    return tuple(group[::-1] for group in order[::-1])
