"""Several answers to one prompt with their order of merit, and the pairs that follow from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from workbench.data.fields import Fields
from workbench.data.fits import RANKS, place_of
from workbench.data.preference import Preference
from workbench.data.shapes import Text, question, with_system

_TEXTS = ("text", "response", "content", "output", "answer", "completion")
_FIX = "give each answer a number: ranks count from the best, scores grow with merit"


@dataclass(frozen=True)
class Ranking:
    """A prompt and its answers, each with its merit: the greater, the better."""

    prompt: Text
    answers: tuple[tuple[str, float], ...]

    def pairs(self) -> Iterator[Preference]:
        """Yield every two answers of different merit, the better one chosen."""
        best_first = sorted(self.answers, key=lambda answer: -answer[1])
        for (better, above), (worse, below) in combinations(best_first, 2):
            if above > below:
                yield Preference(self.prompt, better, worse)


def ranking(fields: Fields) -> Ranking:
    """Return how a row ranks its answers. Raises BadRow where an answer has no text or no number."""
    asked = question(fields, "prompt")
    if fields.value("system") is not None:
        asked = with_system(fields, [{"role": "user", "content": asked}] if isinstance(asked, str) else asked)
    responses = fields.needed("responses")
    if not isinstance(responses, list):
        raise fields.bad("responses", "is not a list of answers")
    texts = [_text(fields, each) for each in responses]
    return Ranking(asked, tuple(zip(texts, _merits(fields, responses), strict=True)))


def _text(fields: Fields, response: Any) -> str:
    found = response
    if isinstance(response, dict):
        found = next((response[key] for key in _TEXTS if key in response), None)
    if not isinstance(found, str) or not found.strip():
        raise fields.bad("responses", "holds an answer without text", "take it out, with its number")
    return found


def _merits(fields: Fields, responses: list[Any]) -> list[float]:
    """A number for each answer, the greater the better: a rank counts the other way round."""
    beside = next((target for target in ("ranks", "scores") if fields.value(target) is not None), "")
    if beside:
        numbers, is_rank = fields.value(beside), beside == "ranks"
    else:
        key = place_of(responses[0]) if isinstance(responses[0], dict) else ""
        numbers, is_rank = [each.get(key) if isinstance(each, dict) else None for each in responses], key in RANKS
    if not isinstance(numbers, list) or len(numbers) != len(responses):
        raise fields.bad(beside or "responses", f"does not number {len(responses)} answers", _FIX)
    if not all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in numbers):
        raise fields.bad(beside or "responses", "numbers an answer with something else than a number", _FIX)
    return [-number if is_rank else number for number in numbers]
