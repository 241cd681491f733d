"""Which answer stands on which side, and what a key of the scale then says about the answers.

The side follows from the pair and the annotator alone: neither a resized window nor a restart changes it, and over
many pairs and people each answer is as often to the left as to the right.
"""

import hashlib
from typing import Literal, get_args

from workbench.label.records import CHOICES, Answer, Choice, Pair

Stance = Literal["left-clearly", "left", "tie", "right", "right-clearly", "bad", "skip"]
STANCES: tuple[Stance, ...] = get_args(Stance)
"""What a key says, in the order of the screen; CHOICES is the same scale in the order of the answers."""

_SEED = b"workbench sides 1"


def answer_to_the_left(pair: Pair, annotator: str) -> Answer:
    """Return the answer that this annotator sees to the left."""
    drawn = hashlib.blake2b(f"{pair.digest} {annotator}".encode(), key=_SEED, digest_size=1).digest()[0]
    return "first" if drawn < 128 else "second"


def choice_of(stance: Stance, left: Answer) -> Choice:
    """Return what a stance says when `left` stands to the left."""
    return CHOICES[_place(STANCES.index(stance), left)]


def stance_of(choice: Choice, left: Answer) -> Stance:
    """Return where a choice lies when `left` stands to the left."""
    return STANCES[_place(CHOICES.index(choice), left)]


def _place(at: int, left: Answer) -> int:
    """A place on the five steps seen from the other end where the second answer is to the left; the others stay."""
    return 4 - at if left == "second" and at < 5 else at
