"""What may be said of an item of each kind, and what may be a name. What is refused is refused before it is stored."""

from collections.abc import Sequence
from typing import Literal, get_args

from workbench.errors import WrongUse
from workbench.label.ranking import order_of, written
from workbench.label.records import CHOICES
from workbench.label.schema import SetKind

SKIP = "skip"
"""No vote for now, of any kind of item."""

Rating = Literal["good", "bad"]
RATINGS: tuple[Rating, ...] = get_args(Rating)


def checked(kind: SetKind, choice: str, answers: int, classes: Sequence[str]) -> str:
    """Return `choice` as it is stored for an item with so many answers. Raises WrongUse for what cannot be said."""
    if choice == SKIP:
        return choice
    if kind == "ranking":
        return written(order_of(choice, answers))
    known = {"pairs": CHOICES, "single": RATINGS, "classes": tuple(classes)}[kind]
    if choice not in known:
        what = "is not a class of this set" if kind == "classes" else "is not a vote"
        raise WrongUse(f"{choice} {what}", f"choose one of {', '.join(known)}")
    return choice


def check_classes(names: Sequence[str]) -> None:
    """Raise WrongUse for names that rows cannot be called by."""
    for name in names:
        check_name(name, "a class needs a name")
        if name == SKIP:
            raise WrongUse("a class cannot be called skip: that leaves a row for later", "give it another name")


def check_name(name: str, fix: str) -> None:
    """Raise WrongUse for a name of nothing, or one that cannot be stored."""
    if not name.strip() or not is_unicode(name):
        raise WrongUse(f"{name!r} is not a name", fix)


def is_unicode(text: str) -> bool:
    """Whether SQLite takes the text: not where it holds half a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
