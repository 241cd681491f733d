"""A judge is measured against most people and against itself, and passes only when that is sure."""

import json
from pathlib import Path

import pytest
from sklearn.metrics import cohen_kappa_score

from workbench.label.consistency import Share
from workbench.label.facts import VoteFact
from workbench.label.records import Answer
from workbench.label.trial import trial


def test_a_judge_is_held_against_the_majority_of_people() -> None:
    said = {1: ("first", "first-clearly", "second"), 2: ("second", "second"), 3: ("first", "second"), 4: ("tie",)}
    votes = [VoteFact(pair, who, choice) for pair, all_ in said.items() for who, choice in zip("abc", all_)]  # type: ignore[arg-type]  # noqa: B905
    votes += [VoteFact(1, "other judge", "second"), VoteFact(4, "c", "skip")]
    votes += [VoteFact(pair, "judge", "first", "first") for pair in (1, 2, 3, 4)]
    votes += [VoteFact(1, "judge", "first", "second", is_repeat=True), VoteFact(2, "judge", "second", "second", True)]
    found = trial(votes, "judge", ["other judge"])
    assert (found.with_people.pairs, found.with_people.observed.value) == (3, pytest.approx(1 / 3))  # 3 is undecided
    assert (found.itself, found.left, found.has_passed) == (Share(1, 2), Share(5, 6), False)


@pytest.mark.parametrize(("pairs", "is_enough"), [(15, False), (16, True)])
def test_a_judge_that_agrees_throughout_passes_on_pairs_enough(pairs: int, is_enough: bool) -> None:
    """Wilson's lower end of 16 of 16 is 0.8064 and of 15 of 15 is 0.7961: kappa 0.613 and 0.592 where chance is 0.5."""
    said: list[Answer] = ["first", "second"]
    votes = [VoteFact(pair, who, said[pair % 2]) for pair in range(pairs) for who in ("ana", "judge")]
    found = trial(votes, "judge")
    assert found.with_people.kappa.value == 1
    assert (found.has_passed, found.is_too_short) == (is_enough, not is_enough)


def test_llmbars_judges_stand_trial(shared: Path) -> None:
    votes: list[VoteFact] = []
    answers: dict[str, Answer] = {"1": "first", "2": "second"}
    counted = {}
    for name in ("ChatGPT", "GPT-4"):
        path = shared / f"llmbar/LLMBar/Natural/evaluators/{name}/Vanilla/result.json"
        rows = json.loads(path.read_text())
        asked = [row["results"][0] for row in rows]
        for at, both in enumerate(asked):
            votes.append(VoteFact(at, name, answers[both["swap = False"]["winner"]], "first"))
            votes.append(VoteFact(at, name, answers[both["swap = True"]["winner"]], "second", is_repeat=True))
        people = [str(row["label"]) for row in rows]
        counted[name] = cohen_kappa_score([both["swap = False"]["winner"] for both in asked], people)
    votes += [VoteFact(at, "ana", answers[label]) for at, label in enumerate(people)]
    chat, gpt4 = (trial(votes, name, ["ChatGPT", "GPT-4"]) for name in ("ChatGPT", "GPT-4"))
    assert chat.with_people.kappa.value == pytest.approx(counted["ChatGPT"])
    assert gpt4.with_people.kappa.value == pytest.approx(counted["GPT-4"])
    assert (chat.itself, chat.left, chat.has_passed) == (Share(71, 100), Share(121, 200), False)
    assert (gpt4.itself, gpt4.left, gpt4.has_passed) == (Share(95, 100), Share(101, 200), True)
