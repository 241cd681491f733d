"""The order in which rows are trained: a pure function of lengths, batch size, seed and epoch.

So a resumed run finds its place again, and a point on the loss curve can name its rows. Rows of one length share
a batch, which saves padding: each pool of 50 batches is sorted by length, and the batches are then shuffled.
"""

import random
from collections.abc import Iterator, Sequence

_BATCHES_A_POOL = 50


def epoch_order(lengths: Sequence[int], batch_size: int, seed: int, epoch: int) -> list[int]:
    """Return the row indices of one epoch, batch after batch; every row once.

    The batch with the longest row of all comes first, so that running out of memory happens at once; a batch
    that is not full comes last.
    """
    chance = random.Random(f"{seed}/{epoch}")
    rows = chance.sample(range(len(lengths)), len(lengths))
    pool = batch_size * _BATCHES_A_POOL
    batches = []
    for start in range(0, len(rows), pool):
        ordered = sorted(rows[start : start + pool], key=lambda row: -lengths[row])
        batches += [ordered[first : first + batch_size] for first in range(0, len(ordered), batch_size)]
    partial = [batch for batch in batches if len(batch) < batch_size]
    full = [batch for batch in batches if len(batch) == batch_size]
    chance.shuffle(full)
    full.sort(key=lambda batch: max(lengths[row] for row in batch) < max(lengths))
    return [row for batch in full + partial for row in batch]


def rows_of_step(lengths: Sequence[int], batch_size: int, seed: int, step: int) -> list[int]:
    """Return the indices of the rows that optimizer step `step` (counted from 1) was trained on."""
    steps_an_epoch = -(-len(lengths) // batch_size)
    epoch, place = divmod(step - 1, steps_an_epoch)
    return epoch_order(lengths, batch_size, seed, epoch)[place * batch_size : (place + 1) * batch_size]


class EpochSampler:
    """Hands `epoch_order` to a data loader, which calls `set_epoch` before each epoch."""

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self._lengths, self._batch_size, self._seed = lengths, batch_size, seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next."""
        self._epoch = epoch

    def __iter__(self) -> Iterator[int]:
        return iter(epoch_order(self._lengths, self._batch_size, self._seed, self._epoch))

    def __len__(self) -> int:
        return len(self._lengths)
