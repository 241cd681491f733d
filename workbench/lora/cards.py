"""Common cards, for asking what a run would fit on: their names, sizes, and what of each a program really gets."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """A GPU as it is sold."""

    name: str
    gigabytes: int
    """As its maker calls it."""
    gib: float
    """What an idle one has free for programs, in GiB: NVIDIA's driver keeps the rest, and ECC memory some."""


CARDS = (
    Card("RTX 4060", 8, 7.6),
    Card("RTX 3060", 12, 11.6),
    Card("T4, RTX 4080", 16, 14.6),
    Card("RTX 3090, RTX 4090", 24, 23.5),
    Card("RTX 5090, V100", 32, 31.3),
    Card("A100 40GB", 40, 39.4),
    Card("L40S, RTX 6000 Ada", 48, 44.3),
    Card("A100 80GB, H100", 80, 79.1),
    Card("RTX PRO 6000", 96, 94.9),
    Card("H200", 141, 139.7),
)
