"""The order of rows: every row once an epoch, the same again from the same seed, the longest first."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.train.order import EpochSampler, epoch_order, rows_of_step

LENGTHS = st.lists(st.integers(1, 500), min_size=1, max_size=300)


@given(LENGTHS, st.integers(1, 32), st.integers(0, 5), st.integers(0, 3))
def test_every_row_once_an_epoch_and_steps_name_their_rows(
    lengths: list[int], batch_size: int, seed: int, epoch: int
) -> None:
    order = epoch_order(lengths, batch_size, seed, epoch)
    assert sorted(order) == list(range(len(lengths)))
    assert order == epoch_order(lengths, batch_size, seed, epoch)
    if len(lengths) >= batch_size:
        longest = max(lengths)
        partial = order[len(lengths) - len(lengths) % batch_size :]
        assert longest in [lengths[row] for row in order[:batch_size]] + [lengths[row] for row in partial]
    steps = -(-len(lengths) // batch_size)
    told = [row for step in range(steps) for row in rows_of_step(lengths, batch_size, seed, epoch * steps + step + 1)]
    assert told == order


def test_epochs_and_seeds_differ_and_batches_hold_rows_of_like_length() -> None:
    lengths = [number % 97 + 1 for number in range(1000)]
    first, second = epoch_order(lengths, 8, 7, 0), epoch_order(lengths, 8, 7, 1)
    assert first != second != epoch_order(lengths, 8, 8, 1)
    padded = sum(8 * max(lengths[row] for row in first[start : start + 8]) for start in range(0, 1000, 8))
    assert padded < 1.05 * sum(lengths)
    sampler = EpochSampler(lengths, 8, 7)
    sampler.set_epoch(1)
    assert list(sampler) == second and len(sampler) == 1000
