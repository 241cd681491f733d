"""The rubric is a file that people write; its criteria are a list, and a slip in it is named by its line."""

from pathlib import Path

import pytest

from workbench.errors import Missing, WrongUse
from workbench.label.rubric import Criterion, read_rubric, rubric_of
from workbench.workspace import Workspace

TEXT = """# Which answer is better?

- this list is about something else

## Criteria

Each is voted on by itself.

- **Helpful**: it does what was asked
* honest:nothing in it is untrue: ever
- harmless

## Examples

- none yet
"""


def test_criteria_are_the_list_below_their_heading(tmp_path: Path) -> None:
    path = tmp_path / "rubric.md"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    found = read_rubric(path)
    assert found.criteria == (
        Criterion("helpful", "it does what was asked"),
        Criterion("honest", "nothing in it is untrue: ever"),
        Criterion("harmless"),
    )
    assert found.text.startswith("# Which answer is better?")


def test_a_rubric_without_criteria_is_a_text(tmp_path: Path) -> None:
    (tmp_path / "rubric.md").write_text("helpful > honest > short\n")
    found = rubric_of(Workspace(tmp_path))
    assert found is not None and (found.text, found.criteria) == ("helpful > honest > short\n", ())


def test_the_settings_may_name_another_file(tmp_path: Path) -> None:
    assert rubric_of(Workspace(tmp_path)) is None
    (tmp_path / "workbench.toml").write_text('rubric = "judges/strict.md"\n')
    with pytest.raises(Missing, match=r"there is no rubric .*strict\.md"):
        rubric_of(Workspace(tmp_path))
    (tmp_path / "judges").mkdir()
    (tmp_path / "judges" / "strict.md").write_text("# Criteria\n- brief\n")
    found = rubric_of(Workspace(tmp_path))
    assert found is not None and found.criteria == (Criterion("brief"),)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("- honest: twice", "line 3: honest is there twice"),
        ("- it should be kind: always", "line 3: 'it should be kind: always' is no criterion"),
        ("- : nameless", "line 3"),
    ],
)
def test_a_slip_is_named_by_its_line(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "rubric.md"
    path.write_text(f"# Criteria\n- honest: once\n{line}\n")
    with pytest.raises(WrongUse, match=says):
        read_rubric(path)
    path.write_bytes(b"# caf\xe9")
    with pytest.raises(WrongUse, match="not UTF-8 from byte 5"):
        read_rubric(path)
