"""The wheel holds everything that the commands need when there is no checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The files in the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return set(zipfile.ZipFile(next(folder.glob("*.whl"))).namelist())


def test_the_wheel_holds_the_code_the_screens_and_the_sample_data(names):
    assert {"workbench/cli/main.py", "screens/__init__.py", "workbench/sample_data/chat.jsonl"} <= names
    for file in ROOT.joinpath("sample_data", "starter").rglob("*"):
        assert f"workbench/{file.relative_to(ROOT).as_posix()}" in names


def test_the_wheel_holds_the_licence_and_the_command(names):
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)
    assert any(name.endswith("dist-info/entry_points.txt") for name in names)


def test_the_wheel_holds_nothing_of_one_machine(names):
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert not [name for name in names if name.startswith(("tests/", ".venv"))]
