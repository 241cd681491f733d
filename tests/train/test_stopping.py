"""After training the model is asked a few of its prompts; whether it ends its answers is in the journal."""

import json

from tests.conftest import ROOT, Bench


def samples(bench: Bench, name: str) -> list[dict]:
    journal = (bench.folder / "runs" / name / "journal.jsonl").read_text().splitlines()
    return [entry for entry in map(json.loads, journal) if entry["kind"] == "sample"]


def test_a_model_that_does_not_stop_is_warned_of(bench: Bench) -> None:
    assert bench("train", "start", bench.spec("endless", max_steps=1), "--wait", "--json").code == 0
    asked = samples(bench, "endless")
    rows = [json.loads(line) for line in (bench.folder / "rows.jsonl").read_text().splitlines()]
    assert len(asked) == 8
    assert not any(sample["ended"] for sample in asked)
    assert {sample["tokens"] for sample in asked} == {asked[0]["tokens"]}
    assert all(row["prompt"] in sample["prompt"] for row, sample in zip(rows, asked, strict=False))
    (warning,) = [each for each in bench.show("endless")["warnings"] if each["code"] == "does-not-stop"]
    assert (warning["asked"], warning["ended"], warning["limit"]) == (8, 0, asked[0]["tokens"])


def test_a_model_that_stops_says_so_on_its_card(bench: Bench) -> None:
    data = str(ROOT / "sample_data" / "alpaca.json")
    spec = bench.spec("ends", model="starter", data=data, max_steps=60, batch_size=16, learning_rate=2e-3)
    assert bench("train", "start", spec, "--wait", "--json").code == 0
    asked = samples(bench, "ends")
    assert len(asked) == 8 and all(sample["ended"] for sample in asked)
    assert all("<|" not in sample["text"] for sample in asked)
    from workbench.runs.card import card
    from workbench.runs.curves import Curves
    from workbench.runs.folder import RunFolder
    from workbench.runs.watch import Watch
    from workbench.workspace import Workspace

    run = RunFolder(bench.folder / "runs" / "ends")
    (seen,) = Watch(Workspace(bench.folder)).look()
    assert "ends its answers: 8 of 8" in card(run, seen, Curves(run.journal_file).read())
