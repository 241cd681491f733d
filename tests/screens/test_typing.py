"""What is typed into a field is text from its first letter on, however fast it comes."""

import json

import pytest

from tests.conftest import Bench
from tests.terminal import Terminal


def pairs(bench: Bench) -> None:
    row = {"prompt": "p", "chosen": "good", "rejected": "poor"}
    (bench.folder / "pairs.jsonl").write_text(json.dumps(row) + "\n")
    assert bench("label", "import", "pairs.jsonl", "--into", "pairs").code == 0


@pytest.mark.parametrize(
    ("pane", "ready", "typed", "shown"),
    [
        ("1", "rows.jsonl", "/2qx", "/  2qx"),
        ("1", "rows.jsonl", ":2q", "where  2q"),
        ("5", "Compare", "i2 q", "2 q"),
        ("6", "good", "n2 good", "2 good"),
    ],
)
def test_letters_that_come_with_the_key_that_opens_the_field_are_text(
    bench: Bench, pane: str, ready: str, typed: str, shown: str
) -> None:
    pairs(bench)
    (bench.folder / "rows.jsonl").write_text('{"prompt": "a", "completion": "b"}\n' * 9)
    place = {"pairs": "pairs", "row": 1}
    (bench.folder / ".workbench").mkdir()
    (bench.folder / ".workbench" / "place.json").write_text(json.dumps(place))
    with Terminal(bench.command("rows.jsonl"), bench.folder) as terminal:
        terminal.wait("9 rows")
        terminal.press(pane)
        terminal.wait(ready)
        terminal.settle(1.0)
        terminal.write(typed)
        terminal.wait(shown)
