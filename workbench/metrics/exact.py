"""Exact match, and how sure one can be of a share."""

import math


def normalised(answer: str) -> str:
    """An answer without case, outer white space and final full stop."""
    return answer.strip().casefold().removesuffix(".").strip()


def exact_match(answers: list[str], references: list[str]) -> float:
    """The share of answers that equal their reference after normalising both."""
    pairs = zip(answers, references, strict=True)
    return sum(normalised(answer) == normalised(reference) for answer, reference in pairs) / len(answers)


def wilson_interval(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927); 95 % with z = 1.96."""
    if trials == 0:
        return 0.0, 1.0
    share, squared = successes / trials, z * z
    centre = (share + squared / (2 * trials)) / (1 + squared / trials)
    half = z * math.sqrt(share * (1 - share) / trials + squared / (4 * trials * trials)) / (1 + squared / trials)
    return max(0.0, centre - half), min(1.0, centre + half)
