"""Draws the README's pictures: every pane of the app on the sample data, after a real run. Writes docs/*.svg.

python -m tests.pictures [--size 120x40] [--theme workbench-dark] [--to docs]
"""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from screens.app import WorkbenchApp
from tests.bench.app_workspace import workspace
from tests.screens.conftest import until
from workbench.workspace import Workspace

# pane, the keys that lead to what is shown, and the text that says it is there
_SCENES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("data", ("1", "down", "down"), "alpaca.json:1"),
    ("template", ("greater_than_sign", "greater_than_sign"), "stop trained"),
    ("lora", ("3",), "trainable"),
    ("train", ("4",), "finished 150 steps"),
    ("compare", ("5", "enter"), "stopped"),
    ("label", ("6",), "clearly"),
)


async def draw(folder: Path, size: tuple[int, int], theme: str, to: Path) -> None:
    """Go through the panes and save each."""
    app = WorkbenchApp(Workspace(folder))
    async with app.run_test(size=size) as pilot:
        app.theme = theme
        for pane, keys, text in _SCENES:
            for key in keys:
                await pilot.press(key)
                await pilot.pause(0.3)
            await until(pilot, lambda text=text: text in _text(app), 60)
            await pilot.pause(3.0)
            drawn = app.export_screenshot(title=f"workbench · {pane}").replace("<text ", '<text xml:space="preserve" ')
            (to / f"{pane}.svg").write_text(drawn, encoding="utf-8")


def _text(app: WorkbenchApp) -> str:
    return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())


def main() -> None:
    """Draw them all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--theme", default="workbench-dark")
    parser.add_argument("--to", type=Path, default=Path("docs"))
    asked = parser.parse_args()
    columns, lines = map(int, asked.size.split("x"))
    to = asked.to.resolve()
    to.mkdir(exist_ok=True)
    with workspace() as folder, tempfile.TemporaryDirectory() as locks:
        os.environ |= {"WORKBENCH_LOCKS": locks, "USER": "ana"}
        os.chdir(folder)
        asyncio.run(draw(folder, (columns, lines), asked.theme, to))


if __name__ == "__main__":
    main()
