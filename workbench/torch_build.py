"""Which torch is here, and which one belongs here. Standard library only; never imports torch.

`workbench.torch_install` asks before anything is installed, `workbench doctor` afterwards. A machine without a GPU
never gets CUDA; one with a GPU never gets a torch that cannot use it, where another can be had.
"""

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Cuda = tuple[int, int]
Ask = Callable[[list[str]], "Build | None"]

INDEX = "https://download.pytorch.org/whl/"
# The CUDA builds of torch 2.13 by the oldest driver that runs them, and its ROCm build: PyTorch's RELEASE.md, 2026-06.
CUDA_INDEXES: tuple[tuple[Cuda, str], ...] = (((13, 0), "cu130"), ((12, 0), "cu126"))
ROCM_INDEX = "rocm7.2"
# What package indexes other than PyTorch's hold is built for CUDA 13 from torch 2.11 on, before that for CUDA 12.8.
LAST_FOR_CUDA_12 = ">=2.9,<2.11"


@dataclass(frozen=True)
class Build:
    """One build of torch. `cuda` is the CUDA it was built for, (0, 0) when only that it is a CUDA build is known."""

    version: str
    cuda: Cuda | None = None
    rocm: bool = False

    @property
    def uses_gpu(self) -> bool:
        """Whether it is built for NVIDIA or AMD GPUs."""
        return self.rocm or self.cuda is not None

    def __str__(self) -> str:
        if "+" in self.version or self.cuda is None:
            return self.version
        return f"{self.version} for CUDA" + (f" {self.cuda[0]}.{self.cuda[1]}" if any(self.cuda) else "")


@dataclass(frozen=True)
class Gpu:
    """What a driver's own tool says is there. `cuda` is the newest CUDA that an NVIDIA driver runs."""

    kind: Literal["none", "nvidia", "rocm"]
    cuda: Cuda | None = None

    def __str__(self) -> str:
        if self.kind == "nvidia":
            return f"NVIDIA GPU, driver for CUDA {self.cuda[0]}.{self.cuda[1]}" if self.cuda else "NVIDIA GPU"
        return "AMD GPU" if self.kind == "rocm" else "no GPU"


@dataclass(frozen=True)
class Mismatch:
    """A torch that cannot use the machine's GPU, and the one command that mends it."""

    what: str
    fix: str


def output(program: str, *arguments: str, seconds: float = 20) -> str | None:
    """Return what a program prints; None when it is absent, fails or hangs."""
    found = shutil.which(program)
    if found is None:
        return None
    try:
        ran = subprocess.run([found, *arguments], capture_output=True, text=True, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ran.stdout if ran.returncode == 0 else None


def gpu_of(nvidia_smi: str | None, rocm_smi: str | None) -> Gpu:
    """Return the GPU that the tools' outputs show; None is a tool that is absent or failed."""
    if nvidia_smi is not None and "no devices were found" not in nvidia_smi.lower():
        found = re.search(r"CUDA (?:UMD )?Version\s*:\s*(\d+)\.(\d+)", nvidia_smi)
        return Gpu("nvidia", (int(found[1]), int(found[2])) if found else None)
    if rocm_smi is not None and "GPU[" in rocm_smi:
        return Gpu("rocm")
    return Gpu("none")


def find_gpu() -> Gpu:
    """Ask nvidia-smi and rocm-smi, as PATH finds them."""
    return gpu_of(output("nvidia-smi"), output("rocm-smi"))


def build_of(version_file: str) -> Build | None:
    """Read the text of torch/version.py, without importing torch."""
    values = dict(re.findall(r"^(\w+)(?:\s*:[^=\n]+)?\s*=\s*['\"]([^'\"]*)['\"]", version_file, re.MULTILINE))
    if "__version__" not in values:
        return None
    return Build(values["__version__"], _cuda(values.get("cuda", "")), rocm=bool(values.get("hip")))


def installed_build() -> Build | None:
    """Return the torch that this Python would import; None also where its installation was cut short."""
    spec = importlib.util.find_spec("torch")
    if not any(importlib.metadata.distributions(name="torch")):
        return None
    file = Path(spec.origin).with_name("version.py") if spec and spec.origin else None
    return build_of(file.read_text(encoding="utf-8")) if file and file.is_file() else None


def offered_build(report: dict[str, Any]) -> Build | None:
    """Return the torch in pip's report of a dry run; what it requires tells CUDA, also where the version does not."""
    torch = next((each["metadata"] for each in report["install"] if each["metadata"]["name"] == "torch"), None)
    if torch is None:
        return None
    local = torch["version"].partition("+")[2]
    if local.startswith("rocm"):
        return Build(torch["version"], rocm=True)
    named = re.fullmatch(r"cu(\d+)(\d)", local)
    if named:
        return Build(torch["version"], (int(named[1]), int(named[2])))
    on_linux = report["environment"]["platform_system"] == "Linux"
    return Build(torch["version"], _required_cuda(torch.get("requires_dist", ())) if on_linux else None)


def _required_cuda(requirements: Iterable[str]) -> Cuda | None:
    found: Cuda | None = None
    for requirement in requirements:
        if re.match(r"(cuda-toolkit|nvidia-cuda-runtime)\b", requirement):
            return _cuda(requirement.partition("==")[2]) or (0, 0)
        if re.match(r"(nvidia-|cuda-|triton\b)", requirement):
            found = (0, 0)
    return found


def _cuda(text: str) -> Cuda | None:
    found = re.match(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def suits(build: Build, gpu: Gpu) -> bool:
    """Whether `build` is the right kind: no CUDA without a GPU, and none that is too new for the driver.

    A driver runs every CUDA of its own major version and of older ones.
    """
    if gpu.kind == "none":
        return not build.uses_gpu
    if gpu.kind == "rocm":
        return build.cuda is None
    return build.cuda is not None and (gpu.cuda is None or build.cuda[0] <= gpu.cuda[0])


def is_within(version: str, bounds: str) -> bool:
    """Whether a version lies in bounds such as `>=2.9,<2.14`; a pre-release comes before its release."""
    release = _release(version)
    is_final = not re.match(r"[\d.]+(a|b|rc|\.?dev)\d*", version)
    for bound in bounds.split(","):
        operator, limit = re.match(r"\s*(>=|<|==)\s*(\S+)", bound).groups()  # type: ignore[union-attr]
        if operator == ">=" and (release, is_final) < (_release(limit), True):
            return False
        if operator == "<" and release >= _release(limit):
            return False
        if operator == "==" and (release, is_final) != (_release(limit), True):
            return False
    return True


def _release(version: str) -> tuple[int, int, int]:
    numbers = [int(number) for number in re.findall(r"\d+", re.match(r"[\d.]*", version)[0])]  # type: ignore[index]
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return major, minor, patch


def index_for(gpu: Gpu) -> str | None:
    """Return PyTorch's index for a GPU, or None when the driver is older than every build."""
    if gpu.kind == "rocm":
        return INDEX + ROCM_INDEX
    if gpu.kind == "none":
        return INDEX + "cpu"
    driver = gpu.cuda or CUDA_INDEXES[0][0]
    return next((INDEX + name for oldest, name in CUDA_INDEXES if driver >= oldest), None)


def offers(wanted: str, gpu: Gpu) -> list[list[str]]:
    """Return pip's arguments for each place that torch may come from, the usual one first.

    `wanted` is a pin (`==2.13.0`) or bounds. `===` passes over local builds, which pip otherwise prefers.
    """
    places = [["torch" + wanted]]
    if wanted.startswith("=="):
        places.append(["torch===" + wanted.removeprefix("==")])
    index = (index_for(gpu) if gpu.kind == "nvidia" else None) or INDEX + "cpu"
    places.append(["torch" + wanted, "--index-url", index])
    if gpu.kind == "nvidia":
        places.append(["torch" + LAST_FOR_CUDA_12])
    return places


def choose(places: list[list[str]], gpu: Gpu, ask: Ask, *, take_any: bool = False) -> tuple[list[str], Build] | None:
    """Return the first place whose torch suits the machine, with that torch; `ask` says what pip would install.

    With `take_any`, the first place that has a torch at all.
    """
    found = ((place, ask(place)) for place in places)
    return next(((place, build) for place, build in found if build and (take_any or suits(build, gpu))), None)


def stays(build: Build, gpu: Gpu, wanted: str, bounds: str) -> bool:
    """Whether an installed torch is kept: the wanted one, or any GPU build within bounds, if the GPU can run it."""
    if gpu.kind != "none" and not suits(build, gpu):
        return False
    return is_within(build.version, bounds if build.uses_gpu else wanted)


def find_mismatch(build: Build | None, gpu: Gpu, python: str = sys.executable) -> Mismatch | None:
    """Return what is wrong when an installed torch cannot use the machine's GPU."""
    if build is None or gpu.kind == "none" or (suits(build, gpu) and build.uses_gpu):
        return None
    what = f"torch {build} cannot use the GPU here ({gpu})"
    index = index_for(gpu)
    if index is None:
        return Mismatch(what, "update the NVIDIA driver: no torch is built for one this old")
    version = f"{build.version.partition('+')[0]}+{index.removeprefix(INDEX)}"
    return Mismatch(what, f'{python} -m pip install "torch=={version}" --extra-index-url {index}')
