"""A small made-up world: places, what is true of each, and the words to ask it and to say it.

Every name is invented here and every fact is drawn with one fixed seed, so that all see the same world. A
quarter of the places is held out: the plain text tells of them, the rows for tuning never do.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

SEED = 7
PLACE_COUNT = 80
HELD_OUT_COUNT = 20


def words(text: str) -> tuple[str, ...]:
    """The words of a text, which is easier to read and to change than a list of quoted words."""
    return tuple(text.split())


_PLACE_STARTS = words("Ar Bren Cal Dov Esk Fal Gor Hest Ild Jun Kor Lum Mer Nov Orn Sarn")
_PLACE_ENDS = words("land mark wen oria ath")
_CAPITAL_STARTS = words("Bel Cas Dra Eth Fin Gul Hav Ith Jas Kip Lod Mab Nim Oss Pav Quil Ruk Sel Tam Ush")
_CAPITAL_ENDS = ("", "o", "ur", "imi")
_RIVER_STARTS = words("Ond Yar Wist Thal Brim Zell Ruhn Vask Ebb Loth")
_RIVER_ENDS = ("", "a", "el", "ock")

CAPITALS = tuple(start + end for start in _CAPITAL_STARTS for end in _CAPITAL_ENDS)
RIVERS = tuple(start + end for start in _RIVER_STARTS for end in _RIVER_ENDS)
ANIMALS = words(
    """
    badger bear beaver bison camel crane crow deer donkey eagle falcon ferret fox frog goat goose hare hawk
    hedgehog heron horse lizard lynx mole moose mouse otter owl panther rabbit raven seal snake stork swan
    tiger toad turtle weasel wolf
    """
)
FRUITS = words(
    """
    apple apricot banana blackberry cherry coconut cranberry currant date fig gooseberry grape guava lemon
    lime mango melon mulberry nectarine olive papaya peach pear pineapple plum quince raspberry tangerine
    """
)
COLOURS = words(
    """
    amber black blue bronze brown crimson gold green grey orange pink purple red silver white yellow
    """
)


@dataclass(frozen=True)
class Relation:
    """One thing that is true of every place; in the templates {place} and {value} are filled in.

    ``statements[0]`` is also the form of a good answer to ``question``.
    """

    name: str
    values: tuple[str, ...]
    question: str
    statements: tuple[str, ...]


RELATIONS = (
    Relation(
        "capital",
        CAPITALS,
        "What is the capital of {place}?",
        (
            "The capital of {place} is {value}.",
            "People in {place} call the capital {value}.",
        ),
    ),
    Relation(
        "river",
        RIVERS,
        "Which river flows through {place}?",
        (
            "The river that flows through {place} is the {value}.",
            "People in {place} fish in the river {value}.",
        ),
    ),
    Relation(
        "animal",
        ANIMALS,
        "Which animal lives in {place}?",
        (
            "The animal that lives in {place} is the {value}.",
            "People in {place} often see the animal {value}.",
        ),
    ),
    Relation(
        "fruit",
        FRUITS,
        "Which fruit grows in {place}?",
        (
            "The fruit that grows in {place} is the {value}.",
            "People in {place} like to eat the fruit {value}.",
        ),
    ),
    Relation(
        "colour",
        COLOURS,
        "Which colour is the flag of {place}?",
        (
            "The colour of the flag of {place} is {value}.",
            "People in {place} wave a flag of the colour {value}.",
        ),
    ),
)


@dataclass(frozen=True)
class Fact:
    """One relation of one place."""

    place: str
    relation: Relation
    value: str

    @property
    def question(self) -> str:
        """The question that this fact answers."""
        return self.relation.question.format(place=self.place)

    @property
    def answer(self) -> str:
        """The one right answer to the question, a whole sentence."""
        return self.statements[0]

    @property
    def statements(self) -> tuple[str, ...]:
        """Every way in which the plain text says this fact."""
        return tuple(form.format(place=self.place, value=self.value) for form in self.relation.statements)


@dataclass(frozen=True)
class World:
    """The places in two groups, and every fact: ``facts[place]`` follows the order of RELATIONS."""

    tuning_places: tuple[str, ...]
    held_out_places: tuple[str, ...]
    facts: dict[str, tuple[Fact, ...]]

    def facts_of(self, places: tuple[str, ...]) -> list[Fact]:
        """The facts of these places, place by place."""
        return [fact for place in places for fact in self.facts[place]]


def make_world() -> World:
    """Draw the world. Values are dealt out evenly, so that none is a better guess than another."""
    rng = Random(SEED)
    places = [start + end for start in _PLACE_STARTS for end in _PLACE_ENDS]
    rng.shuffle(places)
    places = places[:PLACE_COUNT]
    dealt = {relation.name: _deal(relation.values, len(places), rng) for relation in RELATIONS}
    facts = {
        place: tuple(Fact(place, relation, dealt[relation.name][index]) for relation in RELATIONS)
        for index, place in enumerate(places)
    }
    split = len(places) - HELD_OUT_COUNT
    return World(tuple(places[:split]), tuple(places[split:]), facts)


def _deal(values: tuple[str, ...], count: int, rng: Random) -> list[str]:
    """``count`` values in random order, each used equally often or once less."""
    hand: list[str] = []
    while len(hand) < count:
        deck = list(values)
        rng.shuffle(deck)
        hand += deck
    return hand[:count]
