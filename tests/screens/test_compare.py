"""The Compare pane: typed and held-out prompts, streamed; blind votes; an engine that dies or gives way."""

import json
import os
import signal
from pathlib import Path

from screens.widgets.answers import Answer
from tests.conftest import Bench
from tests.screens.conftest import Opened, screen_text, until
from workbench.label.annotator import login_name
from workbench.label.store import open_store
from workbench.runs.queue import take

WAIT = 90.0
SAMPLING = {"max_new_tokens": 64, "temperature": 0.0, "top_p": 1.0, "seed": 7}


def draft(bench: Bench) -> dict:
    return {"model": str(bench.folder / "tiny"), "data": {"train": str(bench.folder / "rows.jsonl")}}


def answered(pilot) -> bool:
    """Whether it stands below an answer how it ended."""
    return "hit the limit" in screen_text(pilot) or "stopped · " in screen_text(pilot)


async def test_without_anybody_to_ask_it_says_what_to_do(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="compare") as pilot:
        await until(pilot, lambda: "Ctrl+O chooses a run or a model" in screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "no prompt" in screen_text(pilot))


async def test_what_is_pressed_before_the_prompts_are_read_is_done_with_the_first(
    opened: Opened, bench: Bench, trained: Path
) -> None:
    bench.bring(trained, "r1")
    async with opened(bench.folder, pane="compare", run="r1", draft={"model": str(bench.folder / "tiny")}) as pilot:
        pane = pilot.app.active_pane
        await pilot.press("v")
        await until(pilot, lambda: "no prompt" in screen_text(pilot))
        pilot.app.take(draft={"data": {"train": str(bench.folder / "rows.jsonl")}})
        pane.action_blind()  # before anything of the file can have come
        assert pane._prompt is None and pane._blind is None
        await until(pilot, lambda: "» say 0" in screen_text(pilot) and "BLIND" in screen_text(pilot), WAIT)


async def test_a_model_answers_typed_and_held_out_prompts(opened: Opened, bench: Bench) -> None:
    async with opened(bench.folder, pane="compare", draft=draft(bench)) as pilot:
        for text in ("» say 0", "expected  ok", "Enter asks"):
            await until(pilot, lambda: text in screen_text(pilot))  # noqa: B023 - it is waited for at once
        await pilot.press("enter")
        await until(pilot, lambda: answered(pilot), WAIT)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "» say 1" in screen_text(pilot) and answered(pilot), WAIT)
        await pilot.press("i", *"1 2 [/]", "enter")
        await until(pilot, lambda: "» 1 2 [/]" in screen_text(pilot) and answered(pilot), WAIT)
        assert "a typed prompt" in screen_text(pilot) and pilot.app.active_pane.PANE == "compare"
        await pilot.press("left_square_bracket")  # back to the file; nothing is asked a second time
        await until(pilot, lambda: "» say 1" in screen_text(pilot) and answered(pilot))
        session = pilot.app.active_pane._asker._session
        await until(pilot, lambda: pilot.app.active_pane._asker.is_free, WAIT)
        killed = session._engine._child._process.pid
        os.kill(killed, signal.SIGKILL)
        await pilot.press("enter")  # it died while nobody asked: another one is started
        await until(pilot, lambda: session.is_awake and session._engine._child._process.pid != killed, WAIT)
        await until(pilot, lambda: answered(pilot), WAIT)
        await pilot.press("1")  # also while another pane is shown
        with take("cpu", "other", lambda _holder: None):
            await until(pilot, lambda: not session.is_awake)
        await pilot.press("5")
        await until(pilot, lambda: "engine asleep: a run has taken cpu" in screen_text(pilot))
        await pilot.press("i", *"half", "ctrl+q")
    async with opened(bench.folder) as pilot:
        await until(pilot, lambda: "half" in screen_text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "» say 1" in screen_text(pilot))


async def test_escape_ends_an_answer_also_while_the_model_loads(opened: Opened, bench: Bench) -> None:
    place = {
        "pane": "compare",
        "panes": {"compare": {"sampling": {**SAMPLING, "max_new_tokens": 100_000, "temperature": 1.0}}},
    }
    (bench.folder / ".workbench").mkdir()
    (bench.folder / ".workbench" / "place.json").write_text(json.dumps(place))
    async with opened(bench.folder, pane="compare", draft=draft(bench)) as pilot:
        await until(pilot, lambda: "» say 0" in screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "loading tiny" in screen_text(pilot), WAIT)
        await pilot.press("escape")
        await until(pilot, lambda: "ended; Enter asks again" in screen_text(pilot))
        asker = pilot.app.active_pane._asker
        await until(pilot, lambda: asker.is_free, WAIT)
        await pilot.pause(0.5)
        assert "writing" not in screen_text(pilot) and not asker.shown.texts
        await pilot.press("enter")
        await until(pilot, lambda: asker.shown.texts and "writing …" in screen_text(pilot), WAIT)
        await pilot.press("escape")
        await until(pilot, lambda: "ended by you" in screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: asker.shown.texts and "writing …" in screen_text(pilot), WAIT)
    # the app has ended, and did not wait for 100,000 tokens


async def test_the_next_prompts_are_asked_while_one_reads(opened: Opened, bench: Bench) -> None:
    async with opened(bench.folder, pane="compare", draft=draft(bench)) as pilot:
        await until(pilot, lambda: "Enter asks tiny three prompts" in screen_text(pilot))
        await pilot.press("enter")
        asker = pilot.app.active_pane._asker
        await until(pilot, lambda: len(asker._kept) == 3 and asker.is_free, WAIT)
        assert "» say 0" in screen_text(pilot)  # and nothing else was shown
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "» say 1" in screen_text(pilot))
        assert answered(pilot)  # at once
        await until(pilot, lambda: len(asker._kept) == 4 and asker.is_free, WAIT)
        await pilot.press("z")
        await until(pilot, lambda: "raw: no chat template" in screen_text(pilot))
        assert not asker._kept and not answered(pilot)  # those were drawn otherwise


async def test_a_wild_answer_is_shown_as_text(opened: Opened, bench: Bench) -> None:
    """Markup, escape sequences, wide and combining characters, and a line of 20,000 characters."""
    from workbench.data.prompts import Prompt
    from workbench.engine.session import Answered, Delta

    async with opened(bench.folder, pane="compare", draft=draft(bench), size=(80, 24)) as pilot:
        await until(pilot, lambda: "» say 0" in screen_text(pilot))
        pane, asker = pilot.app.active_pane, pilot.app.active_pane._asker
        exchange, name = asker.shown, str(bench.folder / "tiny")
        for text in ("[/] [bold]", " \x1b]0;owned\x07\x1b[2J", " 漢字 e\u0301\u202e\n", "last "):
            asker._heard(exchange, Delta(name, text))
        from workbench.compare.columns import columns

        asker.columns = columns([name], pane.workspace, print)
        pane.show_all()
        await until(pilot, lambda: "[/] [bold] ␛]0;owned" in screen_text(pilot))
        assert "漢字" in screen_text(pilot) and "\x1b" not in screen_text(pilot)
        whole = "x" * 20_000 + "\n" + "\n".join(f"line {n}" for n in range(100))
        asker._heard(exchange, Answered(name, whole, 9, 0.5, "stop"))
        await until(pilot, lambda: "↓" in screen_text(pilot))
        assert "more" in screen_text(pilot) and "line 99" not in screen_text(pilot)
        for _ in range(40):
            await pilot.press("pagedown")
        assert "line 99" in screen_text(pilot) and "9 tok · stopped · 0.5 s" in screen_text(pilot)
        assert pane.query(Answer).first().top == pane.query(Answer).first().furthest
        assert asker.answers_to(Prompt(1, "never asked")) is None


async def test_the_command_asks_the_same(opened: Opened, bench: Bench) -> None:
    async with opened(bench.folder, pane="compare", draft=draft(bench)) as pilot:
        await until(pilot, lambda: "» say 0" in screen_text(pilot))
        command = pilot.app.active_pane.command
        model, rows = bench.folder / "tiny", bench.folder / "rows.jsonl"
        assert command() == f"workbench compare {model} --prompts {rows}"
        await pilot.press("i", *"it's 2", "enter")
        await until(pilot, lambda: "» it's 2" in screen_text(pilot))
        assert command() == f"""workbench compare {model} --prompt 'it'"'"'s 2'"""


async def test_controls_are_checked_and_kept(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, pane="compare") as pilot:
        await pilot.press("c", "backspace", *"-1", "enter")
        await until(pilot, lambda: "✗ temperature is -1" in screen_text(pilot))
        await pilot.press("backspace", "backspace", *"0.7", "enter")
        await until(pilot, lambda: "T 0.7" in screen_text(pilot))
        await pilot.press("q")
    async with opened(tmp_path) as pilot:
        await until(pilot, lambda: "T 0.7" in screen_text(pilot))


async def test_blind_votes_hide_who_is_who_and_are_stored_by_answer(
    opened: Opened, bench: Bench, trained: Path
) -> None:
    bench.bring(trained, "r1")
    rows = (bench.folder / "rows.jsonl").read_text().splitlines()[:3]
    (bench.folder / "three.jsonl").write_text("\n".join(rows) + "\n")
    chosen = {"model": str(bench.folder / "tiny"), "data": {"train": str(bench.folder / "three.jsonl")}}
    async with opened(bench.folder, pane="compare", run="r1", draft=chosen) as pilot:
        pane = pilot.app.active_pane

        def can_vote(prompt: str) -> bool:
            return f"» {prompt}" in screen_text(pilot) and "a A clearly" in screen_text(pilot)

        await until(pilot, lambda: "Enter asks base and r1 three prompts" in screen_text(pilot))
        await pilot.press("a")
        await until(pilot, lambda: "v begins a blind comparison" in screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: answered(pilot) and not pane._asker.shown.is_live, WAIT)
        await pilot.press("v")  # the answers to prompt 1 were seen with names: it is not voted on
        await until(pilot, lambda: can_vote("say 1"), WAIT)
        body = "\n".join(screen_text(pilot).splitlines()[1:])
        assert "BLIND" in body and "r1" not in body and "tiny" not in body and not answered(pilot)
        swapped = pane._left_is_second
        await pilot.press("a")
        await until(pilot, lambda: can_vote("say 2") and "saved ✓ 1" in screen_text(pilot), WAIT)
        await pilot.press("1")  # digits are panes here
        assert pilot.app.active_pane.PANE == "data"
        await pilot.press("5", "d")
        await until(pilot, lambda: "after 2: r1" in screen_text(pilot), WAIT)
        await pilot.press("d", "a")  # there is nothing left to vote on
        assert len(pane._blind) == 2 and "u takes the last vote back" in screen_text(pilot)
        await pilot.press("u")
        await until(pilot, lambda: can_vote("say 2"), WAIT)
        assert "after" not in screen_text(pilot)
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: "you have seen whose answers these are" in screen_text(pilot))
        assert not pane._blind.can_vote(pane._asker)
        (bench.folder / "other.jsonl").write_text('{"prompt": "another", "completion": "x"}\n')
        pilot.app.take(draft={"data": {"train": str(bench.folder / "other.jsonl")}})
        await pilot.press("a")  # these answers are to another prompt: nothing is stored
        await until(pilot, lambda: "» another" in screen_text(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: "after 1: r1" in screen_text(pilot))
    with open_store(bench.folder / "labels.db") as store:
        (found,) = store.sets()
        assert (found.name, found.pairs, found.votes) == ("r1", 2, 1)
        assert store.tally("r1", login_name())["second-clearly" if swapped else "first-clearly"] == 1
        assert json.loads(store.pairs("r1")[0].source) == {"columns": ["tiny", "r1"], **SAMPLING, "raw": False}
