"""How long a run takes and what it costs: tokens, floating-point operations, hours and a price. Pure arithmetic.

Kaplan et al. 2020, section 2.1: a token costs 2 operations a parameter forward, 2 for the gradients of what passes and
2 for the gradients of the weights; the last are needed only for what is trained.
"""

from dataclasses import dataclass

from workbench.lora.count import Count

_FORWARD = _BACKWARD = _WEIGHTS = 2
_SECONDS = 3600


@dataclass(frozen=True)
class Work:
    """What a run has to do."""

    tokens_per_step: int
    """With every row as long as the longest: at most."""
    steps: int | None
    """None while nobody said how many."""
    flops_per_token: float

    @property
    def tokens(self) -> int | None:
        """Of the whole run."""
        return None if self.steps is None else self.tokens_per_step * self.steps

    @property
    def flops(self) -> float | None:
        """Of the whole run."""
        return None if self.tokens is None else self.flops_per_token * self.tokens

    def hours(self, tokens_per_second: float | None) -> float | None:
        """Return the hours at a measured speed; None while the steps or the speed are unknown."""
        if self.tokens is None or not tokens_per_second:
            return None
        return self.tokens / tokens_per_second / _SECONDS


def flops_per_token(counted: Count, *, checkpointing: bool) -> float:
    """Return 6·N for full tuning, 4·N + 6·trained with adapters; checkpointing runs the forward pass again.

    N is all that a token passes; attention's own length × length products are left out, as in the source.
    """
    passed = counted.total
    again = _FORWARD * passed * checkpointing
    return (_FORWARD + _BACKWARD) * passed + _WEIGHTS * counted.trainable + again


def work(counted: Count, *, rows: int, length: int, devices: int, steps: int | None, checkpointing: bool) -> Work:
    """Return the work of `steps` optimizer steps on `rows` rows for each of `devices`."""
    return Work(rows * length * devices, steps, flops_per_token(counted, checkpointing=checkpointing))


def price(hours: float | None, rate: float | None, devices: int) -> float | None:
    """Return what the hours cost at `rate` for one device and hour; None while either is unknown."""
    return None if hours is None or rate is None else hours * rate * devices
