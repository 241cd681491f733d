"""The app in a terminal that exists only in memory, driven by Textual's Pilot."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.app import WorkbenchApp
from workbench.workspace import Workspace

Opened = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Opened:
    """Open the app: `async with opened(folder, size=(80, 24), pane="train", row=3, draft={...}) as pilot`."""
    monkeypatch.setenv("WORKBENCH_LOCKS", str(tmp_path / "locks"))
    monkeypatch.setenv("USER", "ana")  # root would be asked who votes

    @asynccontextmanager
    async def open_app(
        folder: Path, *, size: tuple[int, int] = (120, 40), **options: Any
    ) -> AsyncIterator[Pilot[None]]:
        app = WorkbenchApp(Workspace(folder.resolve()), **options)
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: app.active_pane.has_begun)
            yield pilot

    return open_app


async def until(pilot: Pilot[None], condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Wait until `condition` holds (a thread or a process answers when it can) and return what it returned."""
    for _ in range(int(seconds / 0.02)):
        found = condition()
        if found:
            return found
        await pilot.pause(0.02)
    raise AssertionError(f"never came true; the screen shows:\n{screen_text(pilot)}")


def screen_text(pilot: Pilot[None]) -> str:
    """Return what the screen shows, as text."""
    lines = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines)
