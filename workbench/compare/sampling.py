"""Pairs for a set from answers that models sample: several of one model to a prompt, or those of two models.

A prompt's pairs are stored together, with who answered and how it was sampled; a prompt that has pairs of the same
models and the same sampling is not asked again, so what was stopped goes on where it was.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations

from workbench.compare.ask import Answering, prompt_ids
from workbench.compare.columns import Column
from workbench.data.prompts import Prompt
from workbench.data.shapes import Text
from workbench.label.records import NewItem, Origin
from workbench.label.store import Store
from workbench.models.generate import Sampling
from workbench.settings import Settings

_PROMPTS_AT_ONCE = 16
"""A batch of the engine. What is on disk grows by the pairs of so many prompts."""


@dataclass(frozen=True)
class Sampled:
    """A model whose answers are sampled, and as what they are kept."""

    column: Column
    origin: Origin


@dataclass(frozen=True)
class Drawn:
    """What became of the prompts."""

    prompts: int = 0
    pairs: int = 0
    """That the set did not have before."""
    equal: int = 0
    """Answers that were the same as another to their prompt: they make no pair."""
    empty: int = 0
    """Answers without a word."""


def sampled(column: Column, sampling: Sampling, *, model: str, run: str = "") -> Sampled:
    """Return a model with the origin of its answers."""
    return Sampled(column, Origin(model, run, settings=asdict(sampling)))


def unasked(store: Store, set_name: str, prompts: Sequence[Prompt], models: Sequence[Sampled]) -> list[Prompt]:
    """Return the prompts that have no pairs of these models with this sampling yet, each prompt once."""
    there = any(each.name == set_name for each in store.sets())
    wanted = (models[0].origin, models[-1].origin)
    done = {_key(item.prompt) for item in store.items(set_name) if item.origins == wanted} if there else set()
    left = {_key(prompt.prompt): prompt for prompt in reversed(prompts)}
    return sorted((prompt for key, prompt in left.items() if key not in done), key=lambda prompt: prompt.row)


def draw_pairs(
    store: Store,
    set_name: str,
    source: str,
    prompts: Sequence[Prompt],
    models: Sequence[Sampled],
    times: int,
    sampling: Sampling,
    engine: Answering,
    settings: Settings,
    tell: Callable[[Drawn], None],
) -> Drawn:
    """Sample each prompt `times` from one model or two and store the pairs; `tell` hears after each batch.

    Of one model every two answers that differ are a pair (Ouyang et al. 2022, section 3.5); of two models the first
    answer is the first model's. `source` is the file of the prompts.
    """
    columns = [each.column for each in models]
    ids = prompt_ids(columns, prompts, settings)
    engine.load(columns)
    done = Drawn()
    for start in range(0, len(prompts), _PROMPTS_AT_ONCE):
        batch = slice(start, start + _PROMPTS_AT_ONCE)
        asked = {name: rows[batch] for name, rows in ids.items()}
        answers: list[list[list[str]]] = [[[] for _ in models] for _ in prompts[batch]]
        for draw in range(times):  # a seed for each: rows that are alike in two batches would be drawn alike
            for each in engine.answer(asked, replace(sampling, seed=sampling.seed + draw)):
                place = [column.name for column in columns].index(each["column"])
                answers[each["row"]][place].append(each["text"])
        items: list[NewItem] = []
        for prompt, said in zip(prompts[batch], answers, strict=True):
            pairs, equal, empty = _pairs(said)
            done = replace(done, prompts=done.prompts + 1, equal=done.equal + equal, empty=done.empty + empty)
            items += _items(prompt, pairs, models, f"{source}:{prompt.row}")
        done = replace(done, pairs=done.pairs + store.add_items(set_name, "pairs", items))
        tell(done)
    return done


def _pairs(said: Sequence[Sequence[str]]) -> tuple[list[tuple[str, str]], int, int]:
    """Return the pairs of a prompt's answers by model, how many answers repeat another, and how many are empty."""
    empty = sum(not text for texts in said for text in texts)
    if len(said) == 1:
        full = [text for text in said[0] if text]
        different = list(dict.fromkeys(full))
        return list(combinations(different, 2)), len(full) - len(different), empty
    both = [(one, other) for one, other in zip(*said, strict=True) if one and other]
    pairs = list(dict.fromkeys(pair for pair in both if pair[0] != pair[1]))
    return pairs, len(both) - len(pairs), empty


def _items(
    prompt: Prompt, pairs: Sequence[tuple[str, str]], models: Sequence[Sampled], source: str
) -> Iterator[NewItem]:
    origins = (models[0].origin, models[-1].origin)
    for pair in pairs:
        answers = tuple(_like(prompt.prompt, text) for text in pair)
        yield NewItem(prompt.prompt, answers, origins, source)


def _like(prompt: Text, text: str) -> Text:
    """An answer in the shape of its prompt."""
    return text if isinstance(prompt, str) else [{"role": "assistant", "content": text}]


def _key(prompt: Text) -> str:
    return json.dumps(prompt, sort_keys=True)
