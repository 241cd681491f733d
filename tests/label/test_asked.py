"""What a run that only asks takes along: each prompt once, those held out where some are, none that has its pairs."""

from pathlib import Path
from typing import Any

import pytest

from workbench.errors import WorkbenchError
from workbench.label.asked import NothingLeft, taken_from_labels
from workbench.label.records import NewItem, Origin
from workbench.label.store import open_store
from workbench.runs.spec import RunSpec
from workbench.workspace import Workspace

AT = "http://127.0.0.1:9/v1"


def asked(folder: Path, data: Any = None, *, seed: int = 7, model: str = "m", **task: Any) -> list[dict[str, Any]]:
    asks = {"kind": "sample", "set": "geo", "endpoint": AT, **task}
    found = {"task": asks, "model": model, "seed": seed, "data": data or str(folder / "p.jsonl")}
    return taken_from_labels(Workspace(folder), RunSpec.model_validate(found))


def write(folder: Path, *prompts: str) -> None:
    (folder / "p.jsonl").write_text("".join(f'{{"prompt": "{each}", "completion": "x"}}\n' for each in prompts))


def test_each_prompt_is_asked_once_and_not_again_with_the_same_sampling(tmp_path: Path) -> None:
    write(tmp_path, "a", "b", "a", "c")
    rows = asked(tmp_path)
    assert [(row["row"], row["prompt"], row["source"]) for row in rows] == [
        (1, "a", "p.jsonl:1"), (2, "b", "p.jsonl:2"), (4, "c", "p.jsonl:4")
    ]  # fmt: skip
    settings = {"max_new_tokens": 256, "temperature": 0.8, "top_p": 1.0, "seed": 7, "endpoint": AT}
    origin = Origin("m", settings=settings)
    assert rows[0]["origins"] == [{"model": "m", "run": "", "file": "", "settings": settings}] * 2
    with open_store(tmp_path / "labels.db") as store:
        store.add_items("geo", "pairs", [NewItem(each, ("x", "y"), (origin, origin)) for each in "ab"])
    assert [row["prompt"] for row in asked(tmp_path)] == ["c"]
    assert (
        len(asked(tmp_path, temperature=1.2)) == len(asked(tmp_path, seed=8)) == len(asked(tmp_path, against="n")) == 3
    )
    with pytest.raises(NothingLeft, match=r"every prompt of p\.jsonl has its pairs in geo"):
        asked(tmp_path, rows=2)


def test_what_a_run_held_out_is_asked(tmp_path: Path) -> None:
    write(tmp_path, *"abcdefghij")
    drawn = asked(tmp_path, {"train": str(tmp_path / "p.jsonl"), "split": 0.3})
    assert len(drawn) == 3 and drawn != asked(tmp_path)[:3]
    (tmp_path / "v.jsonl").write_text('{"prompt": "z"}\n')
    assert [row["prompt"] for row in asked(tmp_path, {"train": "none", "validation": str(tmp_path / "v.jsonl")})] == [
        "z"
    ]


def test_a_set_of_another_kind_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a")
    with open_store(tmp_path / "labels.db") as store:
        store.make_set("geo", "ranking")
    with pytest.raises(WorkbenchError, match="geo holds no pairs"):
        asked(tmp_path)
