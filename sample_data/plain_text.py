"""The plain text that the starter model reads: statements, and lists of questions without answers.

The text comes in three parts that tell of ever more places. Few places at first let a small network find
out how to look a fact up; with all of them at once it stays on a long plateau (Zucchet et al. 2025, "How do
language models learn facts?"). Held-out places come only in the last part.
"""

from __future__ import annotations

from random import Random

from sample_data.world import ANIMALS, COLOURS, FRUITS, Fact, World

PART_HEADING = "# Part "
LINES_PER_DOCUMENT = 5
QUESTION_LISTS_KEPT = 0.6
GENERAL_LINES_PER_PLACE = 4
_SEED = 11
# (how many places a part tells of, how many times it goes through them)
_PARTS = ((10, 16), (30, 10), (80, 8))


def plain_text(world: World) -> str:
    """The whole text: documents with a blank line between and none inside; a heading before each part."""
    rng = Random(_SEED)
    places = world.tuning_places + world.held_out_places
    documents = []
    for number, (place_count, passes) in enumerate(_PARTS, start=1):
        documents.append(f"{PART_HEADING}{number}: {place_count} places")
        for _ in range(passes):
            documents += _one_pass(world, places[:place_count], rng)
    return "\n\n".join(documents) + "\n"


def _one_pass(world: World, places: tuple[str, ...], rng: Random) -> list[str]:
    """Words and sums, then statements, then questions.

    The order keeps questions apart from the answers: after the last question come words and sums, no places.
    """
    facts = world.facts_of(places)
    general = _shuffled(_word_statements() + _sum_statements(), rng)[: GENERAL_LINES_PER_PLACE * len(places)]
    statements = [_profile(world.facts[place], rng) for place in places]
    statements += [_notes(world.facts[place], rng) for place in places]
    statements += _in_lines([rng.choice(fact.statements) for fact in facts], rng)
    questions = [_question_list(world.facts[place], rng) for place in places]
    questions += _in_lines([fact.question for fact in facts], rng)
    questions = _shuffled(questions, rng)[: int(QUESTION_LISTS_KEPT * len(questions))]
    return _in_lines(general, rng) + _shuffled(statements, rng) + questions


def _profile(facts: tuple[Fact, ...], rng: Random) -> str:
    """All facts of one place, each said in one of its ways."""
    return "\n".join(_shuffled([rng.choice(fact.statements) for fact in facts], rng))


def _notes(facts: tuple[Fact, ...], rng: Random) -> str:
    """All facts of one place in a single line."""
    listed = ", ".join(_shuffled([f"{fact.relation.name} {fact.value}" for fact in facts], rng))
    return f"Notes on {facts[0].place}: {listed}."


def _question_list(facts: tuple[Fact, ...], rng: Random) -> str:
    """Every question about one place."""
    return "\n".join(_shuffled([fact.question for fact in facts], rng))


def _word_statements() -> list[str]:
    kinds = (("an animal", ANIMALS), ("a fruit", FRUITS), ("a colour", COLOURS))
    return [f"The word {word} means {kind}." for kind, words in kinds for word in words]


def _sum_statements() -> list[str]:
    return [f"{left} plus {right} is {left + right}." for left in range(10) for right in range(10)]


def _in_lines(lines: list[str], rng: Random) -> list[str]:
    """The lines in random order, a few to a document."""
    mixed = _shuffled(lines, rng)
    starts = range(0, len(mixed), LINES_PER_DOCUMENT)
    return ["\n".join(mixed[start : start + LINES_PER_DOCUMENT]) for start in starts]


def _shuffled(items: list[str], rng: Random) -> list[str]:
    """A shuffled copy."""
    copy = list(items)
    rng.shuffle(copy)
    return copy
