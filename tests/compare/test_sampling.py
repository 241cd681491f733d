"""What sampled answers become: pairs with their origin, in the shape of the prompt, none twice."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.compare.sampling import Drawn, draw_pairs, sampled, unasked

from workbench.compare.columns import Column
from workbench.data.prompts import Prompt
from workbench.label.store import open_store
from workbench.models.generate import Sampling
from workbench.settings import Settings

SAMPLING = Sampling(temperature=0.8)


class Scripted:
    """An engine that answers each prompt with the next of its texts, and remembers the seeds."""

    def __init__(self, texts: dict[str, list[str]]) -> None:
        self.texts, self.seeds = texts, list[int]()

    def load(self, columns: list[Column]) -> None:
        assert [column.name for column in columns] == list(self.texts)

    def answer(
        self, prompts: dict[str, list[list[int]]], sampling: Sampling, *, stream: bool = False
    ) -> Iterator[dict[str, Any]]:
        text = len(self.seeds)
        self.seeds.append(sampling.seed)
        for name, rows in prompts.items():
            for row in range(len(rows)):
                yield {"row": row, "column": name, "text": self.texts[name][text], "tokens": 1, "finish": "stop"}


def test_pairs_of_one_model_are_every_two_answers_that_differ(tmp_path: Path, tiny: Path) -> None:
    model = sampled(Column("tiny", tiny, None, tiny), SAMPLING, model="base", run="geo-1")
    chat = [{"role": "user", "content": "hello"}]
    engine = Scripted({"tiny": ["a", "b", "a", "", "c"]})
    with open_store(tmp_path / "labels.db") as store:
        prompts = [Prompt(1, "hello"), Prompt(2, chat), Prompt(3, "hello")]
        left = unasked(store, "geo", prompts, [model])
        assert [prompt.row for prompt in left] == [1, 2]
        done = draw_pairs(store, "geo", "p.jsonl", left, [model], 5, SAMPLING, engine, Settings(), lambda _: None)
        assert (done, engine.seeds) == (Drawn(2, 6, 2, 2), [7, 8, 9, 10, 11])
        items = store.items("geo")
        assert [each.answers for each in items[:3]] == [("a", "b"), ("a", "c"), ("b", "c")]
        assert items[3].answers == tuple([{"role": "assistant", "content": text}] for text in "ab")
        assert items[3].prompt == chat and items[3].source == "p.jsonl:2"
        assert items[0].origins == (model.origin, model.origin) and model.origin.run == "geo-1"
        assert unasked(store, "geo", prompts, [model]) == []
        warmer = sampled(model.column, Sampling(temperature=1.2), model="base", run="geo-1")
        assert len(unasked(store, "geo", prompts, [warmer])) == 2


def test_pairs_of_two_models_are_draw_by_draw(tmp_path: Path, tiny: Path) -> None:
    models = [sampled(Column(name, tiny, None, tiny), SAMPLING, model=name) for name in ("one", "other")]
    engine = Scripted({"one": ["a", "a", "", "a"], "other": ["b", "a", "c", "b"]})
    with open_store(tmp_path / "labels.db") as store:
        prompts = [Prompt(1, "hello")]
        done = draw_pairs(store, "geo", "p.jsonl", prompts, models, 4, SAMPLING, engine, Settings(), lambda _: None)
        assert asdict(done) == {"prompts": 1, "pairs": 1, "equal": 2, "empty": 1}
        (item,) = store.items("geo")
        assert item.answers == ("a", "b") and [origin and origin.model for origin in item.origins] == ["one", "other"]
