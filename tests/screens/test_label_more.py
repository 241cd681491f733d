"""Beyond votes in the Label pane: rubric and criteria, answers of one's own, agreement, who votes, a reward model."""

from pathlib import Path

import pytest

from screens.widgets.pair import PairView
from tests.screens.conftest import Opened, screen_text, until
from tests.screens.test_label import make_set, ready, shows
from workbench.data.spec import VotesSpec
from workbench.label.store import open_store
from workbench.label.trial import EACH_ORDER

RUBRIC = "# Rubric\n\nHelpful first.\n\n## Criteria\n\n- helpful: it does what was asked\n- honest: nothing is untrue\n"


def editor(folder: Path, words: str) -> str:
    """An editor that replaces what it is given."""
    script = folder / "editor.sh"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "{words}" > "$1"\n')
    script.chmod(0o755)
    return str(script)


async def test_the_rubric_is_shown_and_its_criteria_are_voted_on(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    (tmp_path / "rubric.md").write_text(RUBRIC)
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("r")
        assert "Helpful first." in await shows(pilot, "e edits it in your editor")
        await pilot.press("escape", "c")
        await shows(pilot, "nothing is untrue")
        await pilot.press("a", "d", "enter")
        await shows(pilot, "kept: helpful, honest")
        left = pilot.app.active_pane._shown.left
    with open_store(tmp_path / "labels.db") as store:
        said = {vote.criterion: vote.choice for vote in store.votes("geo")}
        assert said == {"helpful": f"{left}-clearly", "honest": "tie"}
        assert store.progress("geo", "ana").answered == 0, "a criterion is no vote on the pair"


async def test_a_rubric_that_is_not_there_says_how_it_is_written(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("c")
        await shows(pilot, "the rubric names no criteria")
        await pilot.press("r")
        await shows(pilot, "- honest: nothing in it is untrue")


async def test_a_judges_trial_stands_beside_the_agreement(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    with open_store(tmp_path / "labels.db") as store:
        for pair in store.pairs("geo"):
            for name in ("judge:gpt", "judge:llama"):
                store.vote(pair.id, name, "first", shown_left="first", criterion=EACH_ORDER)
                store.vote(pair.id, name, "tie", shown_left="second", criterion=EACH_ORDER, repeat=True)
                store.vote(pair.id, name, "tie")
        store.vote(store.pairs("geo")[1].id, "ana", "first")
    async with opened(tmp_path, size=(80, 24), pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("a")
        await ready(pilot, "question 2?")
        await pilot.press("tab")
        drawn = await shows(pilot, "2 to adjudicate")
        text = " ".join(drawn.translate(dict.fromkeys(map(ord, "│▁▂▃▄▅▆▇█"), " ")).split())
        assert "judge:gpt not passed · kappa 0.00 on 2 pairs · same when swapped" in text
        assert "0/6 · first shown wins 6/6" in text
        assert "judge:llama not passed" in text


async def test_others_votes_are_seen_after_ones_own_and_disputes_are_gone_to(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    with open_store(tmp_path / "labels.db") as store:
        pairs = store.pairs("geo")
        for pair in pairs[:2]:
            store.vote(pair.id, "bob", "second")
            store.vote(pair.id, "cyd", "first")
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("tab")
        await shows(pilot, "vote first")
        await pilot.press("a")
        await ready(pilot, "question 1?")
        await pilot.press("tab")
        text = await shows(pilot, "1 to adjudicate")
        assert "1 not voted on yet" in text and "bob second" in text and "pair 2" not in text
        assert "would more votes help? workbench label enough geo" in text
        await pilot.press("enter")
        await ready(pilot, "question 0?")


async def test_differences_are_marked_in_this_pair_and_the_next(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("b")
        await shows(pilot, "differences are marked")
        answers = pilot.app.screen.query_one(PairView)._answers
        assert [answer._marked for answer in answers] in ([[[(0, 3)]], [[(0, 2)]]], [[[(0, 2)]], [[(0, 3)]]])
        await pilot.press("a")
        await ready(pilot, "question 1?")
        assert all(answer._marked for answer in answers)
        await pilot.press("b")
        assert not any(answer._marked for answer in answers)


async def test_answers_scroll_apart(opened: Opened, tmp_path: Path) -> None:
    with open_store(tmp_path / "labels.db") as store:
        store.add_pair("geo", "long?", "one\n" * 80, "two\n" * 80)
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await ready(pilot, "long?")
        left, right = pilot.app.screen.query_one(PairView)._answers
        await pilot.press("o", "down", "down")
        assert (left.top, right.top) == (2, 0)
        await pilot.press("o", "down")
        assert (left.top, right.top) == (2, 1)


async def test_root_is_asked_once_who_votes(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_set(tmp_path)
    monkeypatch.setenv("USER", "root")
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await shows(pilot, "who votes")
        await pilot.press(*"dia", "enter")
        assert "dia · 1/6" in await ready(pilot, "geo · dia")
        await pilot.press("a")
        await ready(pilot, "question 1?")
        await pilot.press("q")
    async with opened(tmp_path) as pilot:
        assert "who votes" not in await ready(pilot, "geo · dia · 2/6")


async def test_votes_become_the_draft_of_a_reward_model(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        assert pilot.app.active_pane.targets() == []
        await pilot.press("a")
        await ready(pilot, "question 1?")
        await pilot.press("greater_than_sign", "greater_than_sign")
        await until(pilot, lambda: "Start a run" in screen_text(pilot))
        draft = pilot.app.hand.draft
        assert (draft.task.kind, draft.model) == ("reward", "starter")
        assert isinstance(draft.data, VotesSpec) and (draft.data.votes, draft.data.split) == ("geo", 0.1)
        await until(pilot, lambda: "nothing blocks it" in screen_text(pilot), 60)
        await pilot.press("escape", "1")
        await shows(pilot, "No data set is chosen")
        await pilot.press("2")
        await shows(pilot, "No data")


async def test_the_command_line_says_who_votes_and_a_network_disk_is_told_of(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_set(tmp_path)
    monkeypatch.setenv("USER", "root")
    monkeypatch.setattr("workbench.label.database.is_on_network", lambda _path: True)
    async with opened(tmp_path, pane="label", pairs="geo", annotator="eve") as pilot:
        assert "who votes" not in await ready(pilot, "geo · eve · 1/6")
        await shows(pilot, "a network disk: one writer at a time")


async def test_a_set_is_chosen_before_the_file_of_its_name(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    make_set(tmp_path, name="sums")
    (tmp_path / "sums.jsonl").write_text('{"prompt": "1 + 1?", "chosen": "2", "rejected": "3"}\n')
    async with opened(tmp_path, pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("ctrl+o")
        await shows(pilot, "sums.jsonl")
        await pilot.press(*"sums", "enter")
        await shows(pilot, "sums · ana")


@pytest.mark.parametrize(("size", "names"), [((80, 24), ("above", "below")), ((120, 40), ("left", "right"))])
async def test_criteria_call_the_sides_what_the_pair_does(
    opened: Opened, tmp_path: Path, size: tuple[int, int], names: tuple[str, str]
) -> None:
    make_set(tmp_path)
    (tmp_path / "rubric.md").write_text(RUBRIC)
    async with opened(tmp_path, size=size, pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("c")
        await shows(pilot, f"a {names[0]} clearly · s {names[0]} · d tie · f {names[1]} · g {names[1]} clearly")
        await pilot.press("g")
        assert f"helpful         {names[1]} clearly  it does" in await shows(pilot, "▸ honest")


async def test_the_agreement_has_a_line_for_each_annotator_in_80_cells(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path, 12)
    with open_store(tmp_path / "labels.db") as store:
        for number, pair in enumerate(store.pairs("geo")):
            store.vote(pair.id, "ana", "first", shown_left="first", seconds=1)
            store.vote(pair.id, "a person with a long name", "second", shown_left="first", seconds=100)
            if number < 10:
                store.vote(pair.id, "ana", "first", shown_left="second", repeat=True)
    async with opened(tmp_path, size=(80, 24), pane="label", pairs="geo") as pilot:
        await shows(pilot, "all 12 pairs answered")
        await pilot.press("tab")
        drawn = (await shows(pilot, "12 to adjudicate")).splitlines()
    long, ana = (next(line for line in drawn if line.startswith(f"│  {name}")) for name in ("a person with…", "ana "))
    heads = next(line for line in drawn if "annotator " in line)
    assert heads.index("pace") == ana.index("1 s") == long.index("100 s")


async def test_the_end_of_a_set_says_where_its_votes_go(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path, 1)
    async with opened(tmp_path, size=(80, 24), pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.press("a")
        text = await shows(pilot, "all 1 pair answered")
        assert "Tab     shows how far people agree" in text and ">       trains a reward model" in text
        await pilot.press("i", *"no.jsonl", "enter")
        await shows(pilot, "no such file")


async def test_no_key_is_a_vote_while_the_window_is_too_small_to_show_the_pair(opened: Opened, tmp_path: Path) -> None:
    make_set(tmp_path)
    async with opened(tmp_path, size=(80, 24), pane="label", pairs="geo") as pilot:
        await ready(pilot, "question 0?")
        await pilot.resize_terminal(60, 15)
        await shows(pilot, "Workbench needs a window")
        await pilot.press("a")
        await pilot.resize_terminal(80, 24)
        await ready(pilot, "that key did not count")
        await pilot.press("a")
        await shows(pilot, "question 1?")
    with open_store(tmp_path / "labels.db") as store:
        assert len(store.votes("geo")) == 1
