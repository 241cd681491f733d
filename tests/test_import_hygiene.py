"""The house's import rules: the command starts without heavy libraries, and only some rooms know torch."""

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import workbench

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "textual", "transformers", "trl", "peft", "datasets", "pyarrow", "duckdb", "pydantic", "rich"}
WITH_TORCH = {"train", "models", "engine", "template"}


def imported(*modules: str) -> set[str]:
    """The top-level modules in a fresh process after these imports."""
    code = "import sys; [__import__(name) for name in sys.argv[1:]]; print(*{m.split('.')[0] for m in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", code, *modules], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return set(ran.stdout.split())


@pytest.mark.parametrize("module", ["workbench", "workbench.cli.main"])
def test_starting_imports_nothing_heavy(module):
    assert imported(module) & HEAVY == set()


def test_only_the_rooms_that_compute_know_torch():
    found = [module.name for module in pkgutil.walk_packages(workbench.__path__, "workbench.")]
    light = [name for name in found if not WITH_TORCH & {name.split(".")[1]} and not name.endswith("__main__")]
    assert {"workbench.runs.spec", "workbench.data.rows"} <= set(light)
    assert imported(*light) & {"torch", "textual", "screens"} == set()


def test_the_layers_hold():
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout
