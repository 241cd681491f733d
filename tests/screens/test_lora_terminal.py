"""The LoRA pane in a real terminal: a rectangle by keys becomes the draft on disk, and fits both sizes of window."""

from pathlib import Path

import pytest
import yaml

from tests.conftest import Bench
from tests.terminal import Terminal


def draft_of(folder: Path) -> dict:
    return yaml.safe_load((folder / ".workbench" / "draft.yaml").read_text())


@pytest.mark.parametrize(("size", "colours"), [((80, 24), {"NO_COLOR": "1"}), ((120, 40), {})])
def test_a_painted_rectangle_is_in_the_draft_after_leaving(bench: Bench, size: tuple[int, int], colours) -> None:
    (bench.folder / ".workbench").mkdir()
    (bench.folder / ".workbench" / "draft.yaml").write_text(f"task: sft\nmodel: {bench.folder / 'tiny'}\n")
    with Terminal(bench.command(), bench.folder, size, **colours) as terminal:
        terminal.wait("1 Data")
        terminal.press("3")
        terminal.wait("trainable", 60)
        terminal.wait("free")
        terminal.press("v", "right", "space")
        terminal.wait("2 cells painted")
        assert "‹░›" in terminal.text
        terminal.press("escape", "f")
        terminal.wait("cards, GB")
        terminal.press("escape", "T")
        terminal.wait("Train which parameters?")
        terminal.press("escape", "ctrl+q")
        assert terminal.ended() == 0
    tuning = draft_of(bench.folder)["tuning"]
    assert tuning["kind"] == "lora"
    assert "layers" in tuning["target"], f"a regular expression for whole names, not {tuning['target']}"
