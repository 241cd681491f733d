"""What runs were answered goes into their sets once, whoever collects, and what is no answer is passed over."""

import json
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.label.collecting import Collected, Collector, collect
from workbench.label.records import Origin
from workbench.label.store import open_store
from workbench.runs.folder import RunFolder, create_run
from workbench.runs.lines import Lines
from workbench.runs.spec import RunSpec
from workbench.workspace import Workspace

CHAT = [{"role": "user", "content": "hello"}]


def started(folder: Path, kind: str, name: str = "one", **task: Any) -> RunFolder:
    data = {"data": "p.jsonl"} if kind == "sample" else {}
    asked = {"task": {"kind": kind, "set": "geo", **task}, "model": "m", "name": name, **data}
    return create_run(Workspace(folder), RunSpec.model_validate(asked))


def drawn(row: int, prompt: Any, *pairs: tuple[str, str]) -> dict[str, Any]:
    origins = [asdict(Origin(model)) for model in ("base", "tuned")]
    return {"row": row, "prompt": prompt, "source": f"p.jsonl:{row}", "origins": origins, "pairs": pairs}


def said(pair: str, at: float, *texts: str, annotator: str = "judge:m") -> dict[str, Any]:
    answers = [{"text": text, "finish": "stop"} for text in texts]
    return {"pair": pair, "annotator": annotator, "mark": "asked as 1", "answers": answers, "time": at}


def add(run: RunFolder, *entries: dict[str, Any]) -> None:
    with Lines(run.answers_file) as lines:
        lines.add(entries)


def test_pairs_are_collected_as_they_come_and_never_twice(tmp_path: Path) -> None:
    run, collector = started(tmp_path, "sample"), Collector(Workspace(tmp_path))
    assert collector.collect() == Collected() and not (tmp_path / "labels.db").exists()
    add(run, drawn(1, "hello", ("a", "b"), ("a", "c")))
    assert collector.collect() == Collected(2) and collector.collect() == Collected()
    add(run, drawn(2, CHAT, ("a", "b")), drawn(3, "nothing"))
    assert collector.collect() == Collected(1) and collect(Workspace(tmp_path)) == Collected()
    with open_store(tmp_path / "labels.db") as store:
        one, _, chat = store.items("geo")
    assert one.answers == ("a", "b") and [each and each.model for each in one.origins] == ["base", "tuned"]
    assert chat.answers == tuple([{"role": "assistant", "content": text}] for text in "ab")
    assert chat.source == "p.jsonl:2"


def test_many_who_collect_at_once_double_nothing(tmp_path: Path) -> None:
    run = started(tmp_path, "sample")
    add(run, *(drawn(n, f"p{n}", ("a", "b")) for n in range(50)))
    with open_store(tmp_path / "labels.db") as store:
        pairs = [store.pair(store.add_pair("geo", f"q{n}", "x", "y")) for n in range(20)]
    judge = started(tmp_path, "judge", "two")
    add(judge, *(said(pair.digest, 100.0 + n, "Verdict: A", "Verdict: B") for n, pair in enumerate(pairs)))
    found: list[Collected] = []
    threads = [threading.Thread(target=lambda: found.append(collect(Workspace(tmp_path)))) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sum(each.pairs for each in found) == 50 and sum(each.verdicts for each in found) == 20
    with open_store(tmp_path / "labels.db") as store:
        assert len(store.items("geo")) == 70 and len(store.votes("geo")) == 60
        assert {len(store.history(pair.id)) for pair in pairs} == {3}


def test_a_vote_that_was_taken_back_stays_so_and_may_be_given_anew(tmp_path: Path) -> None:
    with open_store(tmp_path / "labels.db") as store:
        pair = store.pair(store.add_pair("geo", "q", "x", "y"))
        run = started(tmp_path, "judge")
        add(run, said(pair.digest, 100.0, "Verdict: A", "Verdict: B"))
        assert collect(Workspace(tmp_path)) == Collected(0, 1)
        assert store.standing("geo", "judge:m") == [(pair.id, "first")]
        store.undo("judge:m", "geo", "ana")
        assert collect(Workspace(tmp_path)) == Collected() and store.standing("geo", "judge:m") == []
        add(run, said(pair.digest, 200.0, "Verdict: B", "Verdict: A"))
        assert collect(Workspace(tmp_path)) == Collected(0, 1)
        assert store.standing("geo", "judge:m") == [(pair.id, "second")]


def test_what_is_no_answer_is_passed_over_and_what_cannot_be_stored_is_said(tmp_path: Path) -> None:
    run = started(tmp_path, "sample")
    add(run, {"row": 1}, {"pairs": 3, "origins": []}, drawn(2, "p", ("a", "b")) | {"pairs": [["a"]]})
    with run.answers_file.open("a") as file:
        file.write("no JSON\n" + json.dumps([1]) + "\n")
    add(started(tmp_path, "judge", "two"), said("unknown", 1.0, "Verdict: A", "Verdict: A"), {"pair": 1})
    assert collect(Workspace(tmp_path)) == Collected()
    with open_store(tmp_path / "labels.db") as store:
        store.make_set("ranks", "ranking")
    add(started(tmp_path, "sample", "three", set="ranks"), drawn(1, "p", ("a", "b")))
    (problem,) = collect(Workspace(tmp_path)).problems
    assert problem.startswith("three: its answers cannot be collected: ranks holds rankings, not pairs")
