"""The frame: six panes, one selection, keys from one registry, and a place that is kept."""

import threading
import time
from functools import partial
from pathlib import Path

from screens.actions import ACTIONS, PANES, actions_of
from screens.app import WorkbenchApp
from tests.screens.conftest import Opened, screen_text, until
from workbench.label.schema import NOUNS


async def test_digits_switch_panes_and_backspace_goes_back(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path) as pilot:
        app = pilot.app
        for number, name in enumerate(PANES, 1):
            await pilot.press(str(number))
            assert name == app.active_pane.PANE
        await pilot.press("backspace")
        assert app.active_pane.PANE == "compare"


def test_no_key_means_two_things_in_a_pane() -> None:
    for pane, kind in [*((pane, "pairs") for pane in PANES), *(("label", kind) for kind in NOUNS)]:
        keys = [key for action in actions_of(pane, kind) for key in action.keys.split(",")]
        assert sorted(keys) == sorted(set(keys)), (pane, kind)


def test_the_footer_offers_at_most_six_keys() -> None:
    for pane in PANES:
        assert 1 <= sum(action.footer for action in actions_of(pane)) <= 6, pane
    assert all(sum(action.footer for action in actions_of("label", kind)) <= 6 for kind in NOUNS)
    assert all(action.help.endswith((".", "?")) for action in ACTIONS)


async def test_the_next_app_stands_where_the_last_one_stood(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path) as pilot:
        pilot.app.take(draft={"model": "starter"}, row=7)
        await pilot.press("3", "q")
    async with opened(tmp_path) as pilot:
        app = pilot.app
        assert app.active_pane.PANE == "lora"
        assert (app.hand.draft.model, app.hand.row) == ("starter", 7)


async def test_a_second_app_works_on_a_copy(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path) as first:
        first.app.take(draft={"model": "starter"})
        await until(first, (tmp_path / ".workbench" / "draft.yaml").exists)
        async with opened(tmp_path) as second:
            assert second.app.hand.draft.model == "starter"
            second.app.take(draft={"model": "org/other"})
            await until(second, (tmp_path / ".workbench" / "draft.2.yaml").exists)
    assert "starter" in (tmp_path / ".workbench" / "draft.yaml").read_text()
    assert "org/other" in (tmp_path / ".workbench" / "draft.2.yaml").read_text()


async def test_a_draft_that_cannot_be_read_is_kept_and_said(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / ".workbench").mkdir()
    (tmp_path / ".workbench" / "draft.yaml").write_text("model: [unclosed\n")
    (tmp_path / ".workbench" / "place.json").write_text('{"pane": "nowhere", "row": -3, "run": 5, "panes": [1]}')
    async with opened(tmp_path) as pilot:
        await until(pilot, lambda: "draft.unreadable.yaml" in screen_text(pilot))
        assert pilot.app.hand.row == 1
    assert (tmp_path / ".workbench" / "draft.unreadable.yaml").read_text().startswith("model: [unclosed")


async def test_a_window_too_small_says_so(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, size=(50, 12)) as pilot:
        assert "60×16" in screen_text(pilot)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "1 Data" in screen_text(pilot))
        assert "60×16" not in screen_text(pilot)


async def test_ctrl_c_only_says_how_to_leave(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path) as pilot:
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "Ctrl+Q leaves" in screen_text(pilot))


async def test_help_is_made_from_the_registry(opened: Opened, tmp_path: Path) -> None:
    async with opened(tmp_path, size=(120, 80)) as pilot:
        await pilot.press("f1")
        text = screen_text(pilot)
        for action in actions_of("data"):
            assert action.help[:40] in text


async def test_a_worker_that_fails_while_the_app_leaves_is_not_told_of(opened: Opened, tmp_path: Path) -> None:
    began, failed = threading.Event(), threading.Event()

    def fail_when_leaving(app: WorkbenchApp) -> None:
        began.set()
        while app.is_running:
            time.sleep(0.001)
        failed.set()
        raise OSError("too late")

    async with opened(tmp_path) as pilot:
        pilot.app.run_worker(partial(fail_when_leaving, pilot.app), thread=True, exit_on_error=False)
        await until(pilot, began.is_set)
    assert failed.wait(5)
