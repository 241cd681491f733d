"""`workbench doctor`: names what is wrong, with the command that mends it, and says so in its exit code."""

import json
import os
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from workbench.cli import checks
from workbench.models.devices import Device, Survey
from workbench.torch_build import Build

ROOT = Path(__file__).parents[2]
GIB, MIB = 1 << 30, 1 << 20


def doctor(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    program = "import sys; from workbench.cli.main import main; main()"
    clean = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    return subprocess.run(
        [sys.executable, "-c", program, "-C", str(folder), "doctor", *arguments],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def gpu_box(tmp_path: Path) -> str:
    """A PATH on which nvidia-smi works."""
    script = tmp_path / "bin" / "nvidia-smi"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\necho '| NVIDIA-SMI 570.1   Driver Version: 570.1   CUDA Version: 12.8 |'\n")
    script.chmod(0o755)
    return f"{script.parent}:{os.environ['PATH']}"


def test_the_document_tells_python_torch_devices_packages_and_problems(tmp_path):
    ran = doctor(tmp_path, "--json")
    answer = json.loads(ran.stdout)
    assert ran.returncode == (1 if answer["problems"] else 0)
    assert answer["python"] == ".".join(map(str, sys.version_info[:3]))
    assert answer["devices"][-1]["kind"] == "cpu"
    required = [Requirement(line) for line in requires("finetune-workbench") or () if "extra ==" not in line]
    assert {each.name for each in required} >= set(answer["packages"]) >= {"torch", "textual"}
    assert all(problem["what"] and problem["fix"] for problem in answer["problems"])


def test_a_cpu_torch_beside_a_gpu_is_named_with_the_one_command_that_mends_it(tmp_path, gpu_box):
    ran = doctor(tmp_path, "--json", PATH=gpu_box)
    answer = json.loads(ran.stdout)
    if not answer["torch"].endswith("+cpu"):
        pytest.skip("the torch here is not a CPU build")
    assert ran.returncode == 1
    (problem,) = [each for each in answer["problems"] if "cannot use the GPU" in each["what"]]
    assert problem["fix"].endswith("--extra-index-url https://download.pytorch.org/whl/cu126")
    assert f'"torch=={answer["torch"].removesuffix("+cpu")}+cu126"' in problem["fix"]


def test_people_read_words_beside_the_signs_and_the_fix_below(tmp_path, gpu_box):
    ran = doctor(tmp_path, PATH=gpu_box)
    lines = ran.stdout.splitlines()
    assert any(line.startswith("✓ ok") and "packages" in line for line in lines)
    assert "\x1b" not in ran.stdout
    wrong = [index for index, line in enumerate(lines) if line.startswith("✗ wrong")]
    assert all(lines[index + 2].strip().startswith("fix: ") for index in wrong)
    assert bool(wrong) is (ran.returncode == 1)


def test_a_terminal_of_another_encoding_still_gets_an_answer(tmp_path):
    ran = doctor(tmp_path, PYTHONIOENCODING="latin-1")
    assert "packages" in ran.stdout
    assert "Error" not in ran.stderr


def test_nothing_heavy_is_imported(tmp_path):
    program = (
        "import sys; from workbench.cli.main import run; run(['doctor', '--json']);"
        "print({'torch', 'transformers', 'textual', 'datasets'} & set(sys.modules), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert ran.stderr == "set()\n"


def test_missing_and_outdated_packages_are_mended_by_one_command():
    needed = [Requirement(text) for text in ("textual>=8.2,<9", "trl>=1.16,<1.17", "rich>=14")]
    check = checks.check_packages(needed, {"textual": "8.1.0", "trl": None, "rich": "15.0.0"})
    assert check.found == "1 of 3 required ones"
    (problem,) = check.problems
    assert problem.what == "textual 8.1.0 is not textual<9,>=8.2, trl is missing"
    assert problem.fix.endswith('-m pip install "textual<9,>=8.2" "trl<1.17,>=1.16"')


def test_an_old_python_is_named():
    assert not checks.check_python("3.11.0", ">=3.11").problems
    assert "3.10.4" in checks.check_python("3.10.4", ">=3.11").problems[0].what


def test_a_disk_that_is_nearly_full_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.hub.library.free_bytes", lambda _: 2 * GIB - 1)
    assert "HF_HOME" in checks.check_models(tmp_path).problems[0].fix
    assert checks.check_workspace(tmp_path).problems
    monkeypatch.setattr("workbench.hub.library.free_bytes", lambda _: 2 * GIB)
    assert not checks.check_models(tmp_path).problems


def test_a_workspace_that_cannot_be_written_is_named(tmp_path):
    check = checks.check_workspace(tmp_path / "gone")
    assert "cannot be written" in check.problems[0].what
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("size", "gpus", "wrong"), [(64 * MIB, 1, False), (63 * MIB, 0, True), (64 * MIB, 2, True), (GIB, 8, False)]
)
def test_several_gpus_need_more_shared_memory(size, gpus, wrong):
    assert bool(checks.check_shared_memory(size, gpus).problems) is wrong


@pytest.mark.parametrize(
    ("size", "environment", "named"),
    [
        ((80, 24), {"TERM": "xterm", "LANG": "de_DE.UTF-8"}, []),
        ((0, 0), {"TERM": "tmux", "LC_ALL": "C.utf8", "LANG": "C"}, []),
        ((79, 24), {"TERM": "xterm"}, ["79 columns"]),
        ((200, 60), {"TERM": "dumb"}, ["TERM=dumb"]),
        ((120, 40), {"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, ["TERM=(unset)", "locale is C,"]),
    ],
)
def test_a_terminal_that_cannot_show_the_app_is_named(size, environment, named):
    problems = checks.check_terminal(size, environment).problems
    assert len(problems) == len(named)
    assert all(words in problem.what for words, problem in zip(named, problems, strict=True))


@pytest.mark.parametrize(
    ("build", "wrong"), [(Build("2.13.0+cpu"), False), (Build("2.13.0", (13, 0)), True), (None, False)]
)
def test_quantisation_needs_a_library_for_this_torch(tmp_path, build, wrong):
    (tmp_path / "libbitsandbytes_cpu.so").touch()
    (tmp_path / "libbitsandbytes_cuda126.so").touch()
    assert bool(checks.check_quantisation(build, tmp_path).problems) is wrong


def test_what_a_driver_complains_about_is_a_problem():
    cpu = Device("cpu", 0, "x86_64", 8 * GIB, 4 * GIB, bf16=False, cores=2)
    check = checks.check_devices(Survey((cpu,), ("the NVIDIA driver does not answer: mismatch",)))
    assert check.found == "cpu x86_64, 4.0 of 8.0 GiB free, 2 cores"
    assert check.problems[0].what == "the NVIDIA driver does not answer: mismatch"
