"""The step that puts torch into a new environment: what it keeps, what it refuses, what it writes."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from workbench.torch_install import bounds_of, held, pinned

ROOT = Path(__file__).parents[2]
TOOLS = ("sh", "cat")


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder for PATH with nothing of the machine's drivers in it."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for tool in TOOLS:
        (folder / tool).symlink_to(shutil.which(tool) or "")
    return folder


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A new environment in which there is nothing, not even pip."""
    venv.create(tmp_path / "environment", symlinks=True)
    return tmp_path / "environment"


def install(
    python: Path, tools: Path, written: Path, pins: str, more: Path | None = None
) -> subprocess.CompletedProcess:
    constraints = written.with_name("pins.txt")
    constraints.write_text(pins)
    return subprocess.run(
        [python, "-m", "workbench.torch_install", "--constraints", constraints, "--write", written],
        cwd=ROOT,
        env={"PATH": str(tools), "PYTHONPATH": str(more) if more else "", "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
    )


def put_torch(folder: Path, version: str, cuda: str) -> None:
    """What a torch looks like to one who does not import it."""
    (folder / "torch").mkdir(parents=True)
    (folder / "torch" / "__init__.py").write_text("raise AssertionError('torch was imported')\n")
    (folder / "torch" / "version.py").write_text(f"__version__ = '{version}'\ncuda = '{cuda}'\n")
    (folder / f"torch-{version}.dist-info").mkdir()
    (folder / f"torch-{version}.dist-info" / "METADATA").write_text(f"Name: torch\nVersion: {version}\n")


def put_gpu(tools: Path, cuda: str) -> None:
    script = tools / "nvidia-smi"
    script.write_text(f"#!/bin/sh\necho '| Driver Version: 580.65   CUDA Version: {cuda} |'\n")
    script.chmod(0o755)


def test_the_pin_is_read_and_replaced_by_what_is_installed():
    pins = "# pins\ntokenizers==0.23.3\ntorch==2.13.0\ntqdm==4.70.1\n"
    assert pinned(pins) == "==2.13.0"
    assert held(pins, "2.13.0+cpu") == "# pins\ntokenizers==0.23.3\ntqdm==4.70.1\ntorch==2.13.0+cpu\n"
    assert pinned("") == ""
    assert held("", "2.13.0") == "torch==2.13.0\n"


def test_the_bounds_are_those_of_the_project():
    assert bounds_of('[project]\ndependencies = ["torchao>=1", "torch>=2.9,<2.14; os_name"]') == ">=2.9,<2.14"
    assert bounds_of(ROOT.joinpath("pyproject.toml").read_text()).startswith(">=2.")


def test_the_cuda_torch_of_a_gpu_box_is_kept_and_held(tmp_path, tools, environment):
    put_gpu(tools, "13.0")
    put_torch(tmp_path / "packages", "2.10.0+cu128", "12.8")
    written = tmp_path / "constraints.txt"
    ran = install(environment / "bin" / "python", tools, written, "torch==2.13.0\n", tmp_path / "packages")
    assert ran.returncode == 0, ran.stderr
    assert "2.10.0+cu128, which is here already" in ran.stdout
    assert written.read_text() == "torch==2.10.0+cu128\n"


def test_without_any_torch_in_reach_it_says_what_to_do_and_leaves_the_environment_alone(tmp_path, tools, environment):
    put_gpu(tools, "13.0")
    before = (environment / "pyvenv.cfg").read_text()
    ran = install(environment / "bin" / "python", tools, tmp_path / "constraints.txt", "torch==2.13.0\n")
    assert ran.returncode == 1
    assert "WORKBENCH_TORCH=any" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "include-system-site-packages = false" in before
    assert (environment / "pyvenv.cfg").read_text() == before
    assert not (tmp_path / "constraints.txt").exists()


def test_a_torch_whose_installation_was_cut_short_is_not_kept(tmp_path, tools, environment):
    put_torch(tmp_path / "packages", "2.13.0+cpu", "")
    shutil.rmtree(tmp_path / "packages" / "torch-2.13.0+cpu.dist-info")
    written = tmp_path / "constraints.txt"
    ran = install(environment / "bin" / "python", tools, written, "torch==2.13.0\n", tmp_path / "packages")
    assert ran.returncode == 1
    assert "here already" not in ran.stdout


def test_it_needs_nothing_but_the_standard_library():
    code = "import sys, workbench.torch_install; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    ran = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) <= {*sys.stdlib_module_names, "workbench", "__main__"}
