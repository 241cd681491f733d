"""The lens in a real terminal: counts, marks and two lenses say the same with and without colour, at both sizes."""

import json

import pytest

from tests.conftest import Bench
from tests.terminal import Terminal


@pytest.mark.parametrize("no_color", [None, "1"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_row_is_put_beside_itself(bench: Bench, size: tuple[int, int], no_color: str | None) -> None:
    (bench.folder / "ask.jsonl").write_text(json.dumps({"prompt": "Otter?", "completion": "Grey."}) + "\n")
    (bench.folder / ".workbench").mkdir()
    draft = f"task: sft\nmodel: {bench.folder / 'tiny'}\ndata: {bench.folder / 'ask.jsonl'}\n"
    (bench.folder / ".workbench" / "draft.yaml").write_text(draft)
    with Terminal(bench.command(), bench.folder, size, NO_COLOR=no_color) as terminal:
        terminal.wait("1 Data")
        terminal.press("2")
        lines = terminal.wait("stop trained: all").splitlines()
        answer = next(number for number, line in enumerate(lines) if "Grey." in line)
        assert lines[answer].split() == ["6", "of", "18", "Grey.<|im_end|>⏎"]
        assert lines[answer + 1].split() == ["━" * len("Grey.<|im_end|>")]
        terminal.press("b")
        terminal.wait("Beside it, the same row under")
        terminal.press("down", "down", "enter")
        terminal.wait("row 1 of 1 · 2 differences")
        lines = terminal.wait("═").splitlines()
        answers = [line for line in lines if "Grey." in line]
        assert len(answers) == (1 if size[0] == 120 else 2) and "".join(answers).count("Grey.<|im_end|>⏎") == 2
        marks = [set(line) & set("━═╌") for line in lines[2:]]
        assert set().union(*marks) == set("━═╌")
        terminal.press("n")
        terminal.wait("difference 2 of 2")
        terminal.press("escape")
        terminal.wait("template: model's own")
        terminal.press("ctrl+q")
        assert terminal.ended() == 0
