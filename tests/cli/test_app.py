"""`workbench`, `workbench FILE`, `workbench FOLDER`: the app where it can be drawn, else a sentence."""

from pathlib import Path

import pytest

from tests.conftest import Bench
from tests.terminal import Terminal
from workbench.cli.app import COMMANDS, opening
from workbench.cli.commands import app
from workbench.errors import Missing


def test_the_names_known_without_typer_are_the_commands_there_are() -> None:
    groups = {group.name for group in app.registered_groups}
    commands = {each.name or each.callback.__name__ for each in app.registered_commands if each.callback}
    assert set(COMMANDS) == groups | commands


def test_a_file_opens_in_the_current_folder_and_a_folder_as_itself(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data").mkdir()  # a command's name is the command, whatever lies here
    workspace, options = opening(["rows.csv"]) or pytest.fail("not opened")
    assert workspace.folder == tmp_path and options["draft"] == {"data": {"train": str(tmp_path / "rows.csv")}}
    assert opening(["elsewhere"])[0].folder == tmp_path / "elsewhere"
    assert opening(["-C", "elsewhere"]) == opening(["--workspace=elsewhere"])
    assert opening(["--annotator", "ana"])[1] == {"annotator": "ana"}
    assert opening(["--annotator=ana", "rows.csv"])[1]["annotator"] == "ana"
    assert opening(["data"]) is opening(["train", "list"]) is opening(["--help"]) is opening(["trian"]) is None
    with pytest.raises(Missing, match=r"nope\.csv: no such file"):
        opening(["nope.csv"])


def test_without_a_terminal_it_says_so(bench: Bench) -> None:
    ran = bench()
    assert (ran.code, ran.out) == (2, "")
    assert "needs a terminal" in ran.err and "workbench --help" in ran.err


@pytest.mark.parametrize(
    ("size", "term", "said"), [((50, 12), "xterm", "of 60×16, not 50×12"), ((80, 24), "dumb", "TERM is dumb")]
)
def test_a_terminal_that_cannot_show_it_is_told_why(bench: Bench, size, term: str, said: str) -> None:
    with Terminal(bench.command(), bench.folder, size, TERM=term) as terminal:
        assert terminal.ended() == 2
        assert said in terminal.text and b"\x1b[?1049h" not in terminal.raw


def test_the_command_line_is_as_it_was_after_the_app(bench: Bench) -> None:
    with Terminal(bench.command(), bench.folder) as terminal:
        terminal.wait("1 Data")
        terminal.press("ctrl+c")
        terminal.wait("Ctrl+Q leaves")
        terminal.press("q")
        assert terminal.ended() == 0
        assert b"\x1b[?1049l" in terminal.raw and b"\x1b[?25h" in terminal.raw
