"""Rows for other tasks: classes of text, a toy language, summaries, and answers marked in a text.

Only the tuning places occur here.
"""

from __future__ import annotations

from random import Random
from typing import Any

from sample_data.world import ANIMALS, COLOURS, FRUITS, Fact, World, words

Row = dict[str, Any]

_REMARKS = {
    "good": ("is sweet and cheap", "is the best I ever had", "made me happy", "was a joy to taste"),
    "bad": ("is sour and dear", "is the worst I ever had", "made me ill", "was a pain to swallow"),
    "neutral": ("comes to town by boat", "is sold by the dozen", "is kept in the cellar", "ripens late"),
}
_OPENINGS = ("The {fruit} of {place}", "A {fruit} from {place}", "In {capital} the {fruit}")

_VERBS = words("sees hears follows finds likes carries")
_SYLLABLES = words("ba do fe gi hu ka lo me ni po ru sa te vi zu")


def classes(world: World, rng: Random) -> list[tuple[str, str]]:
    """Remarks of travellers about fruit, and whether they are good, bad or neutral."""
    rows = []
    for place in world.tuning_places:
        for label, remarks in _REMARKS.items():
            opening = rng.choice(_OPENINGS).format(
                fruit=_value(world, place, "fruit"), place=place, capital=_value(world, place, "capital")
            )
            rows.append((f"{opening} {rng.choice(remarks)}.", label))
    rng.shuffle(rows)
    return rows


def translation(rng: Random) -> list[Row]:
    """Sentences in English and in Orrish, a toy language: the verb comes last, the colour after its noun."""
    nouns = ANIMALS[:20] + FRUITS[:10]
    colours = COLOURS[:8]
    orrish = _lexicon([*nouns, *colours, *_VERBS], rng)
    rows = []
    for _ in range(240):
        subject, thing = rng.choice(ANIMALS[:20]), rng.choice(nouns)
        verb, colour = rng.choice(_VERBS), rng.choice(colours)
        english = f"The {subject} {verb} the {colour} {thing}."
        sentence = f"{orrish[subject]} {orrish[thing]} {orrish[colour]} {orrish[verb]}."
        rows.append({"translation": {"en": english, "or": sentence.capitalize()}})
    return rows


def summary(world: World, rng: Random) -> list[Row]:
    """Two reports about each tuning place, shortened to its capital and its river."""
    rows = []
    for place in world.tuning_places * 2:
        sentences = _report(world.facts[place], rng)
        short = f"{place}: the capital is {_value(world, place, 'capital')}"
        short += f" and the river is the {_value(world, place, 'river')}."
        rows.append({"document": " ".join(sentence for _, sentence in sentences), "summary": short})
    rng.shuffle(rows)
    return rows


def squad(world: World, rng: Random) -> Row:
    """A text about each tuning place, with a question for each fact in it, nested as in SQuAD 1.1."""
    articles = [_article(place, world.facts[place], rng) for place in world.tuning_places]
    return {"version": "1.1", "data": articles}


def _article(place: str, facts: tuple[Fact, ...], rng: Random) -> Row:
    context = ""
    questions = []
    for fact, sentence in _report(facts, rng):
        start = len(context) + sentence.rindex(fact.value)
        questions.append(
            {
                "id": f"{place.lower()}-{fact.relation.name}",
                "question": fact.question,
                "answers": [{"text": fact.value, "answer_start": start}],
            }
        )
        context += sentence + " "
    return {"title": place, "paragraphs": [{"context": context.rstrip(), "qas": questions}]}


def _report(facts: tuple[Fact, ...], rng: Random) -> list[tuple[Fact, str]]:
    """The facts in random order, each with one of its sentences; the value is the last word."""
    pairs = [(fact, rng.choice(fact.statements)) for fact in facts]
    rng.shuffle(pairs)
    return pairs


def _value(world: World, place: str, relation_name: str) -> str:
    return next(fact.value for fact in world.facts[place] if fact.relation.name == relation_name)


def _lexicon(english: list[str], rng: Random) -> dict[str, str]:
    """A different word of three syllables for each English word."""
    made: list[str] = []
    while len(made) < len(english):
        candidate = "".join(rng.choice(_SYLLABLES) for _ in range(3))
        if candidate not in made:
            made.append(candidate)
    return dict(zip(english, made, strict=True))
