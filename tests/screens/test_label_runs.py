"""Runs from the Label pane: pairs of the last run appear as they come, a judge is typed, both go on without the app."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from screens.label_runs import judge_spec
from tests.conftest import Bench
from tests.judge_server import JudgeServer
from tests.screens.conftest import Opened, screen_text, until
from tests.screens.test_label import ready, shows
from tests.small import make_model, make_tokenizer
from workbench.errors import WorkbenchError
from workbench.label.drawing import Drawing, specs_of
from workbench.label.store import open_store
from workbench.runs.folder import RunFolder, create_run
from workbench.runs.process import myself
from workbench.runs.state import State, write_state
from workbench.runs.task import JudgeTask, SampleTask
from workbench.workspace import Workspace

WAIT = 60.0


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model with other weights."""
    return make_model(make_tokenizer(tmp_path_factory.mktemp("models") / "tuned"), seed=1, initializer_range=0.3)


def finished_run(bench: Bench, tuned: Path, name: str = "geo-3") -> None:
    """A run that trained the small model whole, with two rows held out."""
    run = RunFolder(bench.folder / "runs" / name)
    run.path.mkdir(parents=True)
    data = {"train": str(bench.folder / "rows.jsonl"), "split": 0.1}
    spec = {"task": "sft", "name": name, "model": str(bench.folder / "tiny"), "data": data, "tuning": "full"}
    run.spec_file.write_text(json.dumps(spec))
    write_state(State("finished", replace(myself(), pid=999_999), 4, 4), run.state_file)
    run.resolved_file.write_text(json.dumps({"rows": 22, "validation_rows": 2}))
    run.output.symlink_to(tuned)


async def test_an_empty_folder_offers_pairs_from_the_last_run_and_shows_them_as_they_come(
    opened: Opened, bench: Bench, tuned: Path
) -> None:
    finished_run(bench, tuned)
    async with opened(bench.folder, pane="label", size=(100, 30)) as pilot:
        await shows(pilot, "Enter   makes 20 pairs from geo-3 and its base")
        assert "workbench label sample geo-3-pairs --model geo-3 --against" in pilot.app.active_pane.command()
        await pilot.press("enter")
        await until(pilot, lambda: "→ geo-3-pairs · 4 shows it" in screen_text(pilot), WAIT)
        await until(pilot, lambda: "geo-3-pairs · ana · 1/" in screen_text(pilot), WAIT)
        await until(pilot, lambda: "its pairs are in geo-3-pairs" in screen_text(pilot), WAIT)
        (run,) = [RunFolder(path) for path in (bench.folder / "runs").iterdir() if path.name != "geo-3"]
        assert (run.spec.task.kind, run.spec.model, run.status) == ("sample", "geo-3", "finished")
        assert pilot.app.hand.run is None and pilot.app.hand.pairs == "geo-3-pairs"
        await pilot.press("4")
        await until(pilot, lambda: "finished 2 prompts" in screen_text(pilot))
        assert " · say" in screen_text(pilot) and "sample → geo-3-pairs · cpu · 2/2 prompts" in screen_text(pilot)
        assert "of 2 prompts" in screen_text(pilot) and "r16" not in screen_text(pilot)
        await pilot.press("greater_than_sign", "greater_than_sign")
        await shows(pilot, "geo-3-pairs · ana")
    with open_store(bench.folder / "labels.db", to_read=True) as store:
        items = store.items("geo-3-pairs")
    assert 10 <= len(items) <= 20 and len({str(item.prompt) for item in items}) == 2
    one, other = items[0].origins
    assert one is not None and other is not None and (one.run, other.run) == ("geo-3", "")


async def test_the_same_key_draws_other_answers_the_second_time(opened: Opened, bench: Bench, tuned: Path) -> None:
    finished_run(bench, tuned)
    _, spec = next(specs_of(Workspace(bench.folder), Drawing("geo-3", str(bench.folder / "tiny"), 10)))
    drawn = create_run(Workspace(bench.folder), spec)
    write_state(State("finished", replace(myself(), pid=999_999), 2, 2), drawn.state_file)
    with open_store(bench.folder / "labels.db") as store:
        store.add_pair("geo-3-pairs", "drawn before", "a", "b")
    async with opened(bench.folder, pane="label", pairs="geo-3-pairs", size=(100, 30)) as pilot:
        await shows(pilot, "geo-3-pairs · ana")
        await pilot.press("S")
        await until(pilot, lambda: "sample-geo-3-2" in screen_text(pilot), WAIT)
    more = RunFolder(bench.folder / "runs" / "sample-geo-3-2").spec
    assert isinstance(more.task, SampleTask) and (more.seed, more.task.seed, more.task.rows) == (7, 8, 2)


async def test_without_a_run_nothing_is_offered_and_the_key_says_why(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="label") as pilot:
        assert "pairs from" not in await shows(pilot, "No pairs yet")
        await pilot.press("S")
        await shows(pilot, "no run has finished here yet")


async def test_a_judge_is_typed_and_its_trial_is_shown(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(tmp_path / "labels.db") as store:
        for n in range(6):
            store.add_pair("geo", f"question {n}?", f"right {n}", f"wrong {n}")
        for pair in store.pairs("geo")[:5]:
            store.vote(pair.id, "ana", "first")
    with JudgeServer(lambda _: "Verdict: A") as server:
        async with opened(tmp_path, pane="label", pairs="geo") as pilot:
            await ready(pilot, "question 5?")
            await pilot.press("n", *"why", "enter", "J", *f"{server.url} m n", "enter")
            await shows(pilot, "who is to judge?")
            assert "why" in screen_text(pilot)  # the note is there again
            await pilot.press("J", *f"{server.url} m", "enter")
            await until(pilot, lambda: "judge-m-1 finished · its trial is in Label" in screen_text(pilot), WAIT)
            await pilot.press("tab")
            await shows(pilot, "judge:m not passed · kappa 0.00 on 5 pairs")
            assert "0/5 · first shown wins 10/10" in screen_text(pilot)
            await pilot.press("escape", "J", *"nowhere", "enter")
            await shows(pilot, "nowhere")
            await until(pilot, lambda: "did you mean" in screen_text(pilot) or "is no folder" in screen_text(pilot))


def test_what_is_typed_for_a_judge_is_a_model_or_an_address_with_a_name() -> None:
    spec = judge_spec("geo", "http://127.0.0.1:1/v1 gpt alone")
    assert isinstance(spec.task, JudgeTask) and spec.model == "gpt"
    assert (spec.task.set, spec.task.endpoint, spec.task.alone) == ("geo", "http://127.0.0.1:1/v1", True)
    assert judge_spec("geo", "alone").model == "alone"
    spec = judge_spec("geo", "runs/first by helpful alone")
    assert isinstance(spec.task, JudgeTask) and spec.model == "runs/first"
    assert (spec.task.criterion, spec.task.alone) == ("helpful", True)
    for wrong in ("http://127.0.0.1:1/v1", "a b", "a by", "http://me:pw@x/v1 gpt"):
        with pytest.raises(WorkbenchError) as refused:
            judge_spec("geo", wrong)
        assert len(str(refused.value).splitlines()) <= 3


def test_what_a_run_held_out_is_sampled_from_the_command_line_too(bench: Bench, tuned: Path) -> None:
    finished_run(bench, tuned)
    ran = bench("label", "sample", "geo", "--model", "geo-3", "-n", "2", "--max-new-tokens", "4", "--wait", "--json")
    assert ran.json["prompts"] == 2
