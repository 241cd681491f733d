"""Labels: what a token is to be predicted as. They are as long as `input_ids`, and -100 where the loss sees nothing."""

from collections.abc import Sequence

IGNORED = -100
"""The label of a token that the loss does not see (PyTorch's cross-entropy `ignore_index`)."""

Stretch = tuple[int, int]
"""Trained tokens that stand together: the first, and the one behind the last."""


def stretches_of(trained: Sequence[bool]) -> list[Stretch]:
    """Return where trained tokens stand, from a flag for each token."""
    flags, found, start = bytes(trained), [], 0
    while (start := flags.find(1, start)) >= 0:
        end = flags.find(0, start)
        end = len(flags) if end < 0 else end
        found.append((start, end))
        start = end
    return found


def labels_of(input_ids: list[int], stretches: Sequence[Stretch]) -> list[int]:
    """Return the labels of tokens that are trained in some stretches."""
    labels = [IGNORED] * len(input_ids)
    for start, end in stretches:
        labels[start:end] = input_ids[start:end]
    return labels
