"""What make says it will do, and the one line it says when it cannot. Nothing is installed here."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


def python(folder: Path, script: str) -> Path:
    """A Python that does what `script` does."""
    file = folder / "python"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(("target", "last"), [("demo", "workbench demo --headless"), ("test", "-m pytest")])
def test_demo_and_test_install_everything_in_numbered_steps(tmp_path, target, last):
    planned = make("-n", target, f"VENV={tmp_path}/none").stdout
    places = [planned.index(f"[{step}/4]") for step in (1, 2, 3, 4)]
    assert [*places, planned.rindex(last)] == sorted([*places, planned.rindex(last)])
    assert "-m workbench.torch_install" in planned
    assert ".[test]" in planned


def test_what_is_installed_is_not_installed_again(tmp_path):
    (tmp_path / "bin").mkdir()
    python(tmp_path / "bin", "echo 1")
    (tmp_path / "installed").touch()
    assert "[1/4]" not in make("-n", "test", f"VENV={tmp_path}").stdout


def test_an_environment_whose_python_is_gone_is_made_again(tmp_path):
    (tmp_path / "installed").touch()
    assert "[1/4]" in make("-n", "test", f"VENV={tmp_path}").stdout


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac', "Python 3.9.2 is too old"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "sudo apt install python3-venv"),
    ],
)
def test_a_python_that_will_not_do_is_one_clear_line(tmp_path, script, said):
    ran = make("install", f"PYTHON={python(tmp_path, script)}", f"VENV={tmp_path}/new")
    assert ran.returncode == 2
    lines = [line for line in ran.stderr.splitlines() if not line.startswith("make:")]
    assert len(lines) == 1
    assert said in lines[0]
    assert not (tmp_path / "new").exists()


def test_no_python_at_all_is_one_clear_line(tmp_path):
    ran = make("install", "PYTHON=no-such-python", f"VENV={tmp_path}/new")
    assert ran.stderr.startswith("There is no no-such-python here")


def test_pins_name_every_requirement_and_nothing_of_one_build_of_torch():
    import tomllib

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    lines = ROOT.joinpath("constraints.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())["project"]
    pinned = {canonicalize_name(name): version for name, version in pins.items()}
    for text in project["dependencies"] + project["optional-dependencies"]["test"]:
        needed = Requirement(text)
        assert needed.specifier.contains(pinned[canonicalize_name(needed.name)]), text
    assert not [name for name in pinned if name.startswith(("nvidia-", "triton", "cuda-")) and name != "nvidia-ml-py"]
    assert not [version for version in pins.values() if "+" in version]
