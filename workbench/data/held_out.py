"""Which rows a run holds out of training, so that whoever asks later finds the same ones."""

import random


def held_out_places(count: int, share: float, seed: int) -> list[int]:
    """Return the places of the rows that are held out of `count`, from 0, in their order: at least one of any."""
    order = random.Random(seed).sample(range(count), count)
    return sorted(order[: max(1, round(count * share))])
