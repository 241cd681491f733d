"""Scores of answers by a reward model: one number for each sequence of tokens, whatever it shares a batch with."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

TOKENS_AT_ONCE = 16_384


def scores(
    model: Any, rows: Sequence[Sequence[int]], *, pad_id: int, dtype: str, label: int = 0,
    seen: Callable[[int], None] = lambda _done: None,
) -> list[float]:  # fmt: skip
    """Return the model's logit of `label` for each row of token ids; `seen` hears how many rows are done.

    Long rows come first, so that memory runs out at once or not at all.
    """
    import torch

    model.eval()
    found = [0.0] * len(rows)
    done = 0
    place = next(model.parameters()).device
    with (
        torch.inference_mode(),
        torch.autocast(place.type, dtype=getattr(torch, dtype), enabled=dtype != "float32"),
    ):
        for batch in _batches(rows):
            width = max(len(rows[index]) for index in batch)
            ids = [[*rows[index], *[pad_id] * (width - len(rows[index]))] for index in batch]
            mask = [[1] * len(rows[index]) + [0] * (width - len(rows[index])) for index in batch]
            logits = model(
                input_ids=torch.tensor(ids, device=place), attention_mask=torch.tensor(mask, device=place)
            ).logits
            for index, score in zip(batch, logits[:, label].float().tolist(), strict=True):
                found[index] = score
            done += len(batch)
            seen(done)
    return found


def _batches(rows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The indices of the rows, those of like length together."""
    batch: list[int] = []
    for index in sorted(range(len(rows)), key=lambda index: -len(rows[index])):
        if batch and (len(batch) + 1) * len(rows[batch[0]]) > TOKENS_AT_ONCE:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
