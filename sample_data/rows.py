"""Rows that teach a model to answer: instructions, chats, completions, preferences; and held-out questions.

Only the tuning places occur here, but for ``held_out``, which asks about the others alone.
"""

from __future__ import annotations

from random import Random
from typing import Any

from sample_data.world import ANIMALS, COLOURS, FRUITS, Fact, World

Row = dict[str, Any]

SYSTEM_MESSAGE = "You answer questions about the world in one sentence."


def alpaca(world: World, rng: Random) -> list[Row]:
    """Every question about the tuning places; and with an input: places, sums, words to choose from."""
    rows = [
        {"instruction": fact.question, "input": "", "output": fact.answer}
        for fact in world.facts_of(world.tuning_places)
    ]
    rows += [_place_row(rng.choice(world.facts[place])) for place in world.tuning_places]
    rows += [_sum_row(rng) for _ in range(30)]
    rows += [_choice_row(rng) for _ in range(30)]
    rng.shuffle(rows)
    return rows


def chat(world: World, rng: Random) -> list[Row]:
    """For each tuning place conversations of one, two and three questions; some have a system message."""
    rows = []
    for place in world.tuning_places:
        for turn_count in (1, 2, 3):
            messages = []
            if rng.random() < 0.5:
                messages.append({"role": "system", "content": SYSTEM_MESSAGE})
            for fact in _some(world.facts[place], turn_count, rng):
                messages.append({"role": "user", "content": fact.question})
                messages.append({"role": "assistant", "content": fact.answer})
            rows.append({"messages": messages})
    rng.shuffle(rows)
    return rows


def prompt_completion(world: World, rng: Random) -> list[Row]:
    """Every question about the tuning places with its answer."""
    facts = _tuning_facts(world, rng)
    return [{"prompt": fact.question, "completion": fact.answer} for fact in facts]


def preference(world: World, rng: Random) -> list[Row]:
    """The right answer against a wrong fact or against more questions, turn by turn."""
    facts = _tuning_facts(world, rng)
    return [
        {"prompt": fact.question, "chosen": fact.answer, "rejected": _worse(fact, facts, index % 2 == 0, rng)}
        for index, fact in enumerate(facts)
    ]


def kto(world: World, rng: Random) -> list[Row]:
    """Single completions, good and bad in turn; the bad ones are those of ``preference``."""
    facts = _tuning_facts(world, rng)
    return [
        {"prompt": fact.question, "completion": fact.answer, "label": True}
        if index % 2 == 0
        else {"prompt": fact.question, "completion": _worse(fact, facts, index % 4 == 1, rng), "label": False}
        for index, fact in enumerate(facts)
    ]


def held_out(world: World) -> list[Row]:
    """Every question about the held-out places with its one right answer."""
    facts = world.facts_of(world.held_out_places)
    return [{"prompt": fact.question, "answer": fact.answer} for fact in facts]


def _tuning_facts(world: World, rng: Random) -> list[Fact]:
    facts = world.facts_of(world.tuning_places)
    rng.shuffle(facts)
    return facts


def _worse(fact: Fact, facts: list[Fact], wrong_fact: bool, rng: Random) -> str:
    """A wrong answer in the right form, or what an untuned model does: two more questions."""
    if not wrong_fact:
        same_place = tuple(other for other in facts if other.place == fact.place and other is not fact)
        return "\n".join(other.question for other in _some(same_place, 2, rng))
    values = [other.value for other in facts if other.relation is fact.relation]
    wrong_value = rng.choice([value for value in values if value != fact.value])
    return Fact(fact.place, fact.relation, wrong_value).answer


def _some(facts: tuple[Fact, ...], count: int, rng: Random) -> list[Fact]:
    """``count`` different facts in random order."""
    mixed = list(facts)
    rng.shuffle(mixed)
    return mixed[:count]


def _place_row(fact: Fact) -> Row:
    return {
        "instruction": fact.relation.question.format(place="this place"),
        "input": f"The place is {fact.place}.",
        "output": fact.answer,
    }


def _sum_row(rng: Random) -> Row:
    left, right = rng.randrange(10), rng.randrange(10)
    return {
        "instruction": "What is the sum?",
        "input": f"{left} plus {right}",
        "output": f"{left} plus {right} is {left + right}.",
    }


def _choice_row(rng: Random) -> Row:
    kinds = {"an animal": rng.choice(ANIMALS), "a fruit": rng.choice(FRUITS), "a colour": rng.choice(COLOURS)}
    asked = rng.choice(list(kinds))
    words = list(kinds.values())
    rng.shuffle(words)
    return {
        "instruction": f"Which word means {asked}?",
        "input": f"The words are {', '.join(words)}.",
        "output": f"The word {kinds[asked]} means {asked}.",
    }
