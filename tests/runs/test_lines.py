"""Lines that a run was answered: a torn end is passed over and mended, a reader goes on where it was."""

from pathlib import Path

from workbench.runs.lines import Lines, read_lines


def test_a_torn_end_is_passed_over_and_mended(tmp_path: Path) -> None:
    path = tmp_path / "output" / "answers.jsonl"
    assert read_lines(path) == ([], 0)
    with Lines(path) as lines:
        lines.add([{"row": 1}, {"row": 2}])
    found, offset = read_lines(path)
    assert found == [{"row": 1}, {"row": 2}]
    with path.open("a") as torn:
        torn.write('{"row": 3, "pro')
    assert read_lines(path, offset) == ([], offset)
    with Lines(path) as lines:
        lines.add([{"row": 4}])
    assert read_lines(path, offset)[0] == [{"row": 4}] and len(read_lines(path)[0]) == 3
