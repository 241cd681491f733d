"""Which torch belongs on which machine, decided from what nvidia-smi, pip and torch/version.py really print."""

from pathlib import Path
from typing import Any

import pytest

from workbench.torch_build import (
    INDEX,
    Build,
    Gpu,
    build_of,
    choose,
    find_gpu,
    find_mismatch,
    gpu_of,
    is_within,
    offered_build,
    offers,
    stays,
    suits,
)

NVIDIA_SMI = """\
Fri Jun 12 09:14:51 2026
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 570.133.20             Driver Version: 570.133.20     CUDA Version: 12.8     |
|-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
|   0  NVIDIA H100 80GB HBM3          On  |   00000000:19:00.0 Off |                    0 |
+-----------------------------------------+------------------------+----------------------+
"""
CPU_ONLY, DRIVER_12, DRIVER_13 = Gpu("none"), Gpu("nvidia", (12, 8)), Gpu("nvidia", (13, 0))
CPU_BUILD, CUDA_13 = Build("2.13.0+cpu"), Build("2.13.0", (13, 0))
COMMON = ["filelock", "typing-extensions>=4.10.0", "sympy>=1.13.3", "jinja2", 'optree>=0.13.0; extra == "optree"']
CUDA_13_NEEDS = [
    'cuda-toolkit[cublas,cudart,cufft]==13.0.3; platform_system == "Linux"',
    'nvidia-cudnn-cu13==9.20.0.48; platform_system == "Linux"',
    'triton==3.7.1; platform_system == "Linux" and python_version < "3.15"',
]
CUDA_12_NEEDS = [
    'nvidia-cuda-nvrtc-cu12==12.8.93; platform_system == "Linux"',
    'nvidia-cuda-runtime-cu12==12.8.90; platform_system == "Linux"',
]


def report(version: str, needs: list[str], system: str = "Linux") -> dict[str, Any]:
    """The parts of `pip install --dry-run --no-deps --report -` that are read."""
    metadata = {"name": "torch", "version": version, "requires_dist": COMMON + needs}
    return {"version": "1", "install": [{"metadata": metadata}], "environment": {"platform_system": system}}


@pytest.mark.parametrize(
    ("printed", "gpu"),
    [
        (NVIDIA_SMI, DRIVER_12),
        (NVIDIA_SMI.replace("CUDA Version: 12.8", "CUDA UMD Version: 13.0"), DRIVER_13),
        (NVIDIA_SMI.replace("12.8 ", "N/A "), Gpu("nvidia", None)),
        ("No devices were found\n", CPU_ONLY),
        (None, CPU_ONLY),
    ],
)
def test_nvidia_smi_tells_the_newest_cuda_of_the_driver(printed, gpu):
    assert gpu_of(printed, None) == gpu


def test_rocm_smi_tells_of_an_amd_gpu():
    assert gpu_of(None, "GPU[0]\t\t: Card Series: AMD Instinct MI300X\n") == Gpu("rocm")
    assert gpu_of(None, "ERROR:root:Driver not initialized\n") == CPU_ONLY


@pytest.mark.parametrize(("status", "kind"), [(0, "nvidia"), (9, "none")])
def test_the_nvidia_smi_on_the_path_counts_only_when_it_works(tmp_path, monkeypatch, status, kind):
    script = tmp_path / "nvidia-smi"
    script.write_text(f"#!/bin/sh\necho 'Driver Version: 570.1 CUDA Version: 12.8'\nexit {status}\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_gpu().kind == kind


@pytest.mark.parametrize(
    ("text", "build"),
    [
        ("__version__ = '2.13.0+cpu'\ncuda: Optional[str] = None\nhip: Optional[str] = None\n", CPU_BUILD),
        ("__version__ = '2.13.0+cu130'\ncuda: Optional[str] = '13.0'\n", Build("2.13.0+cu130", (13, 0))),
        ("__version__ = '2.9.1+rocm6.4'\nhip: Optional[str] = '6.4.43482'\n", Build("2.9.1+rocm6.4", rocm=True)),
        ("# no version\n", None),
    ],
)
def test_the_installed_build_is_read_without_importing_torch(text, build):
    assert build_of(text) == build


@pytest.mark.parametrize(
    ("offered", "build"),
    [
        (report("2.13.0+cpu", []), CPU_BUILD),
        (report("2.13.0", CUDA_13_NEEDS), CUDA_13),
        (report("2.9.1", CUDA_12_NEEDS), Build("2.9.1", (12, 8))),
        (report("2.13.0+cu126", CUDA_12_NEEDS), Build("2.13.0+cu126", (12, 6))),
        (report("2.13.0", ["triton==3.7.1"]), Build("2.13.0", (0, 0))),
        (report("2.13.0+rocm7.2", ["triton-rocm==3.7.1"]), Build("2.13.0+rocm7.2", rocm=True)),
        (report("2.13.0", CUDA_13_NEEDS, "Darwin"), Build("2.13.0")),
        ({"install": [], "environment": {"platform_system": "Linux"}}, None),
    ],
)
def test_what_a_wheel_requires_tells_cuda_where_its_version_does_not(offered, build):
    assert offered_build(offered) == build


@pytest.mark.parametrize(
    ("build", "gpu", "right"),
    [
        (CPU_BUILD, CPU_ONLY, True),
        (CUDA_13, CPU_ONLY, False),
        (Build("2.13.0", (0, 0)), CPU_ONLY, False),
        (CUDA_13, DRIVER_13, True),
        (CUDA_13, DRIVER_12, False),
        (Build("2.13.0+cu126", (12, 6)), DRIVER_13, True),
        (Build("2.9.1", (12, 9)), DRIVER_12, True),
        (CPU_BUILD, DRIVER_12, False),
        (CUDA_13, Gpu("rocm"), False),
    ],
)
def test_a_build_suits_a_machine(build, gpu, right):
    assert suits(build, gpu) is right


def chosen(gpu: Gpu, answers: dict[str, Build], *, take_any: bool = False) -> tuple[list[str], Build] | None:
    """Choose among what each place answers; a place is named by its last argument."""
    return choose(offers("==2.13.0", gpu), gpu, lambda place: answers.get(place[-1]), take_any=take_any)


def test_without_a_gpu_cuda_is_never_chosen():
    plain = {"torch==2.13.0": CUDA_13, "torch===2.13.0": CUDA_13}
    assert chosen(CPU_ONLY, plain) is None
    assert chosen(CPU_ONLY, plain | {INDEX + "cpu": CPU_BUILD}) == (
        ["torch==2.13.0", "--index-url", INDEX + "cpu"],
        CPU_BUILD,
    )
    assert chosen(CPU_ONLY, plain, take_any=True) == (["torch==2.13.0"], CUDA_13)


def test_a_folder_with_a_cpu_wheel_is_enough_without_a_gpu():
    assert chosen(CPU_ONLY, {"torch==2.13.0": CPU_BUILD}) == (["torch==2.13.0"], CPU_BUILD)


def test_with_a_gpu_a_cpu_wheel_in_a_folder_is_passed_over():
    answers = {"torch==2.13.0": CPU_BUILD, "torch===2.13.0": CUDA_13}
    assert chosen(DRIVER_13, answers) == (["torch===2.13.0"], CUDA_13)


def test_an_older_driver_gets_the_build_that_it_can_run():
    older = Build("2.13.0+cu126", (12, 6))
    answers = {"torch==2.13.0": CUDA_13, "torch===2.13.0": CUDA_13, INDEX + "cu126": older}
    assert chosen(DRIVER_12, answers) == (["torch==2.13.0", "--index-url", INDEX + "cu126"], older)


def test_an_older_driver_where_pytorchs_index_is_out_of_reach_gets_an_older_torch():
    older = Build("2.10.0", (12, 8))
    answers = {"torch==2.13.0": CPU_BUILD, "torch===2.13.0": CUDA_13, "torch>=2.9,<2.11": older}
    assert chosen(DRIVER_12, answers) == (["torch>=2.9,<2.11"], older)


@pytest.mark.parametrize(
    ("version", "within"),
    [
        ("2.9.0", True),
        ("2.9.1+cu128", True),
        ("2.13.0", True),
        ("2.10.0a0+git50eac81", True),
        ("2.9.0a0+50eac811a6.nv25.09", False),
        ("2.9.0.dev20250801+cu128", False),
        ("2.8.0", False),
        ("2.14.0", False),
        ("2.14.0.dev20260801", False),
    ],
)
def test_versions_lie_within_bounds_as_pip_sees_it(version, within):
    assert is_within(version, ">=2.9,<2.14") is within


@pytest.mark.parametrize(
    ("build", "gpu", "kept"),
    [
        (Build("2.10.0+cu128", (12, 8)), DRIVER_12, True),
        (Build("2.8.0+cu128", (12, 8)), DRIVER_12, False),
        (Build("2.13.0+cu130", (13, 0)), DRIVER_12, False),
        (Build("2.10.0+rocm7.0", rocm=True), Gpu("rocm"), True),
        (Build("2.10.0+cu128", (12, 8)), CPU_ONLY, True),
        (CPU_BUILD, CPU_ONLY, True),
        (Build("2.12.0+cpu"), CPU_ONLY, False),
        (CPU_BUILD, DRIVER_13, False),
    ],
)
def test_an_installed_gpu_torch_stays_and_a_cpu_torch_follows_the_pin(build, gpu, kept):
    assert stays(build, gpu, "==2.13.0", ">=2.9,<2.14") is kept


@pytest.mark.parametrize(
    ("build", "gpu", "index"),
    [
        (CPU_BUILD, DRIVER_12, "cu126"),
        (CPU_BUILD, DRIVER_13, "cu130"),
        (CPU_BUILD, Gpu("nvidia", (13, 2)), "cu130"),
        (CUDA_13, DRIVER_12, "cu126"),
        (CPU_BUILD, Gpu("rocm"), "rocm7.2"),
    ],
)
def test_a_torch_that_cannot_use_the_gpu_is_named_with_the_command_that_mends_it(build, gpu, index):
    mismatch = find_mismatch(build, gpu, ".venv/bin/python")
    assert mismatch is not None
    assert "cannot use the GPU" in mismatch.what
    assert mismatch.fix == (f'.venv/bin/python -m pip install "torch==2.13.0+{index}" --extra-index-url {INDEX}{index}')


def test_a_driver_older_than_every_build_wants_an_update():
    mismatch = find_mismatch(CPU_BUILD, Gpu("nvidia", (11, 4)))
    assert mismatch is not None
    assert "update the NVIDIA driver" in mismatch.fix


@pytest.mark.parametrize(
    ("build", "gpu"),
    [
        (CPU_BUILD, CPU_ONLY),
        (CUDA_13, DRIVER_13),
        (Build("2.10.0+cu128", (12, 8)), CPU_ONLY),
        (Build("2.13.0+rocm7.2", rocm=True), Gpu("rocm")),
        (None, DRIVER_13),
    ],
)
def test_a_torch_that_fits_is_no_problem(build, gpu):
    assert find_mismatch(build, gpu) is None


def test_the_table_fits_the_torch_that_is_pinned():
    """Another minor version of torch may have other builds: then look at the table's date."""
    pins = Path(__file__).parents[2].joinpath("constraints.txt").read_text(encoding="utf-8")
    assert "\ntorch==2.13." in pins
