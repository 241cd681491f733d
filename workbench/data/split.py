"""Rows parted into training and validation, with copies of each other always in the same part."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from workbench.data.dedupe import NEAR, Copies, find_copies
from workbench.data.sample import SEED, Classes, classes_of
from workbench.data.table import Rows
from workbench.data.write import check_out, copy_rows
from workbench.errors import WorkbenchError, WrongUse

FRACTION = 0.1
"""Of the rows, for validation."""


@dataclass(frozen=True)
class Parts:
    """What became of a file: how many rows went where, by class too."""

    classes: Classes
    copies: Copies
    train: int
    validation: int
    held_out: dict[str, int]
    """The rows of each class that are for validation."""

    @property
    def moved_together(self) -> int:
        """The rows that have copies, which went the same way."""
        return sum(map(len, self.copies.groups))


def split(
    rows: Rows, train: Path, validation: Path, fraction: float = FRACTION, seed: int = SEED,
    by: str | None = None, near: float = NEAR, on: str | None = None, tell: Callable[[int], None] = lambda _: None,
) -> Parts:  # fmt: skip
    """Write the rows to `train` and `validation`, in their order, as `hold_out` parts them.

    Rows that cannot be read go nowhere; `tell` hears how many were compared.
    Raises as `hold_out`, `find_copies`, `classes_of` and `copy_rows` do.
    """
    _check(rows, train, validation, fraction)
    classes = classes_of(rows, by)
    copies = find_copies(rows, near, on, tell)
    held = hold_out(classes, copies, fraction, seed)
    if not held:
        raise _nothing_to_hold_out(rows, classes, copies)
    readable = sorted(number for numbers in classes.numbers.values() for number in numbers)
    trained = copy_rows(rows, [number for number in readable if number not in held], train)
    held_of = {name: sum(number in held for number in numbers) for name, numbers in classes.numbers.items()}
    return Parts(classes, copies, trained, copy_rows(rows, sorted(held), validation), held_of)


def hold_out(classes: Classes, copies: Copies, fraction: float, seed: int) -> set[int]:
    """Return the rows for validation: `fraction` of each class, as nearly as copies that stay together allow.

    Never all rows, and none only where the copies leave no choice. Groups come in a random order; one is held out when
    that brings the classes nearer to their shares, so a group of more than twice what is still open is trained on.
    """
    open_of = _shares(classes.sizes, fraction)
    name_of = {number: name for name, numbers in classes.numbers.items() for number in numbers}
    together = {number for group in copies.groups for number in group}
    groups = [[number] for number in sorted(name_of.keys() - together)] + copies.groups
    Random(seed).shuffle(groups)
    held: set[int] = set()
    for group in groups:
        needs = Counter(name_of[number] for number in group)
        if len(held) + len(group) < len(name_of) and _is_nearer_without(needs, open_of):
            open_of.subtract(needs)
            held.update(group)
    return held


def _is_nearer_without(needs: Counter[str], open_of: Counter[str]) -> bool:
    return sum(abs(open_of[name] - count) - abs(open_of[name]) for name, count in needs.items()) < 0


def _shares(sizes: dict[str, int], fraction: float) -> Counter[str]:
    """How many rows of each class are to be held out: whole numbers, nearest to the fraction together and each.

    The classes whose share has the largest remainder are rounded up.
    """
    rows = sum(sizes.values())
    total = min(max(round(rows * fraction), 1), rows - 1)
    exact = {name: size * total / rows for name, size in sizes.items()} if rows else {}
    shares = Counter({name: int(share) for name, share in exact.items()})
    by_remainder = sorted(exact, key=lambda name: shares[name] - exact[name])
    shares.update(by_remainder[: total - shares.total()])
    return shares


def _check(rows: Rows, train: Path, validation: Path, fraction: float) -> None:
    if not 0 < fraction < 1:
        raise WrongUse(f"--fraction {fraction:g} is no part of the rows", "above 0 and below 1, such as 0.1")
    for out in (train, validation):
        check_out(out, rows.files)
    if train.resolve() == validation.resolve():
        raise WrongUse(f"both parts would be written to {train}", "name two files")


def _nothing_to_hold_out(rows: Rows, classes: Classes, copies: Copies) -> WorkbenchError:
    count = sum(classes.sizes.values())
    if count < 2:
        return WorkbenchError(f"{rows.path}: {count} rows that can be read cannot be parted", "name a file with more")
    largest = max(map(len, copies.groups), default=0)
    what = f"{rows.path}: no group of copies fits into validation; the largest has {largest:,} of {count:,} rows"
    return WorkbenchError(what, "take them out first (workbench data dedupe), or choose a larger --fraction")
