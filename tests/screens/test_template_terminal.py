"""The Template pane's template in the person's editor, in a real terminal."""

import json
from pathlib import Path

import pytest

from tests.conftest import Bench
from tests.terminal import Terminal


def editor(folder: Path, body: str) -> str:
    """An editor that changes the file by itself."""
    script = folder / "editor.sh"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_template_is_edited_as_a_copy_and_seen_at_once(bench: Bench, size: tuple[int, int]) -> None:
    (bench.folder / "ask.jsonl").write_text(json.dumps({"prompt": "Otter?", "completion": "Grey."}) + "\n")
    before = (bench.folder / "tiny" / "chat_template.jinja").read_bytes()
    shouts = editor(bench.folder, """sed -i 's/message.content/message.content | upper/' "$1" """)
    draft = f"task: sft\nmodel: {bench.folder / 'tiny'}\ndata: {bench.folder / 'ask.jsonl'}\n"
    (bench.folder / ".workbench").mkdir()
    (bench.folder / ".workbench" / "draft.yaml").write_text(draft)
    with Terminal(bench.command(), bench.folder, size, EDITOR=shouts, VISUAL=None) as terminal:
        terminal.wait("1 Data")
        terminal.press("2")
        terminal.wait("Grey.", 60)
        terminal.press("E")
        terminal.wait("GREY.", 60)
        terminal.wait("tiny.jinja")
        terminal.press("ctrl+q")
        assert terminal.ended() == 0
    assert (bench.folder / "tiny" / "chat_template.jinja").read_bytes() == before
    assert "upper" in (bench.folder / "templates" / "tiny.jinja").read_text()


def test_an_editor_that_is_not_there_is_said(bench: Bench) -> None:
    (bench.folder / ".workbench").mkdir()
    draft = f"task: sft\nmodel: {bench.folder / 'tiny'}\ndata: {bench.folder / 'rows.jsonl'}\n"
    (bench.folder / ".workbench" / "draft.yaml").write_text(draft)
    with Terminal(bench.command(), bench.folder, (80, 24), EDITOR="no-such-editor", VISUAL=None) as terminal:
        terminal.wait("1 Data")
        terminal.press("2")
        terminal.wait("trained", 60)
        terminal.press("E")
        terminal.wait("cannot be started")
        terminal.press("ctrl+q")
        assert terminal.ended() == 0
