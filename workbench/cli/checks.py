"""What `workbench doctor` looks at. Each check returns one line of its answer, with the problems it found."""

import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from workbench.models.devices import Survey
    from workbench.torch_build import Build, Gpu

DISTRIBUTION = "finetune-workbench"
GIB, MIB = 1 << 30, 1 << 20
LEAST_DISK = 2 * GIB
LEAST_TERMINAL = (80, 24)


@dataclass(frozen=True)
class Problem:
    """Something that stands in a person's way, and what to do about it."""

    what: str
    fix: str


@dataclass(frozen=True)
class Check:
    """What was looked at, what is there, and what is wrong with it."""

    name: str
    found: str
    problems: tuple[Problem, ...] = ()


def requirements() -> list["Requirement"]:
    """Return what the installed package requires on this machine, extras left out. Raises PackageNotFoundError."""
    from importlib.metadata import requires

    from packaging.requirements import Requirement

    needed = [Requirement(line) for line in requires(DISTRIBUTION) or ()]
    return [each for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]


def version_of(package: str) -> str | None:
    """Return the installed version of a package, or None."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return None


def folder_of(module: str) -> Path | None:
    """Return the folder of an installed package, without importing it, or None."""
    from importlib.util import find_spec

    spec = find_spec(module)
    return Path(spec.origin).parent if spec and spec.origin else None


def check_python(version: str, bounds: str | None) -> Check:
    """Python against what the installed package asks for."""
    from packaging.specifiers import SpecifierSet

    if bounds and not SpecifierSet(bounds).contains(version, prereleases=True):
        return Check("python", version, (Problem(f"Python {version} is not {bounds}", f"use a Python {bounds}"),))
    return Check("python", version)


def check_packages(needed: Sequence["Requirement"], versions: Mapping[str, str | None]) -> Check:
    """Every required package against its bounds; one command mends them all."""
    wrong, asked = [], []
    for requirement in needed:
        version = versions[requirement.name]
        if version is not None and requirement.specifier.contains(version, prereleases=True):
            continue
        bounds = f"{requirement.name}{requirement.specifier}"
        wrong.append(f"{requirement.name} {'is missing' if version is None else f'{version} is not {bounds}'}")
        asked.append(f'"{bounds}"')
    found = f"{len(needed) - len(wrong)} of {len(needed)} required ones"
    if not wrong:
        return Check("packages", found)
    return Check("packages", found, (Problem(", ".join(wrong), f"{_python()} -m pip install {' '.join(asked)}"),))


def check_torch(build: "Build | None", gpu: "Gpu") -> Check:
    """The build of torch against the machine's GPU."""
    from workbench.torch_build import find_mismatch

    if build is None:
        return Check("torch", "not installed")
    mismatch = find_mismatch(build, gpu, _python())
    return Check("torch", f"{build}, {gpu}", (Problem(mismatch.what, mismatch.fix),) if mismatch else ())


def check_devices(survey: "Survey") -> Check:
    """What there is to compute on, and what its drivers complain about."""
    found = "; ".join(
        f"{device.place} {device.name}, {device.memory_free / GIB:.1f} of {device.memory_total / GIB:.1f} GiB free"
        + (f", {device.cores} cores" if device.cores else "")
        for device in survey.devices
    )
    fix = "run nvidia-smi; after a driver update a restart helps"
    return Check("devices", found, tuple(Problem(problem, fix) for problem in survey.problems))


def check_quantisation(build: "Build | None", folder: Path | None) -> Check:
    """Whether bitsandbytes, installed in `folder`, has a library for this torch (file names only)."""
    if folder is None or build is None:
        return Check("4-bit", "not available here")
    name = f"cuda{build.cuda[0]}{build.cuda[1]}" if build.cuda else "rocm" if build.rocm else "cpu"
    if list(folder.glob(f"libbitsandbytes_{name}*")):
        return Check("4-bit", f"bitsandbytes for {name}")
    what = f"bitsandbytes has no library for this torch ({name}): nf4 and int8 will not work"
    return Check("4-bit", "no library", (Problem(what, f"{_python()} -m pip install --upgrade bitsandbytes"),))


def check_workspace(folder: Path) -> Check:
    """Whether runs can be written where the person works."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        fix = "work in another folder: workbench -C FOLDER"
        return Check("workspace", str(folder), (Problem(f"{folder} cannot be written: {error.strerror}", fix),))
    return _disk("workspace", folder, "free some space, or work in another folder: workbench -C FOLDER")


def check_models(folder: Path) -> Check:
    """The disk of the folder that downloaded models go to."""
    return _disk("models", folder, "free some space, or set HF_HOME to a folder on a larger disk")


def _disk(name: str, folder: Path, fix: str) -> Check:
    from workbench.hub.library import free_bytes

    free = free_bytes(folder)
    found = f"{folder}, {free / GIB:.1f} GiB free"
    if free >= LEAST_DISK:
        return Check(name, found)
    return Check(name, found, (Problem(f"{folder} has {free / GIB:.1f} GiB free: a model needs more", fix),))


def check_shared_memory(size: int, gpus: int) -> Check:
    """The size of /dev/shm in bytes: worker processes need some, several GPUs more."""
    found = f"{size / MIB:,.0f} MiB"
    if size >= (GIB if gpus > 1 else 64 * MIB):
        return Check("shared memory", found)
    what = f"only {found} in /dev/shm: a run with several processes may die with a bus error"
    return Check("shared memory", found, (Problem(what, "in a container: docker run --shm-size=8g …"),))


def check_sample_data() -> Check:
    """Whether the sample data and the starter model are there."""
    from workbench.errors import Missing
    from workbench.workspace import sample_data

    try:
        folder = sample_data()
    except Missing as error:
        return Check("sample data", "missing", (Problem(error.what, error.fix),))
    if not (folder / "starter" / "config.json").is_file():
        what = f"{folder} has no starter model"
        return Check("sample data", str(folder), (Problem(what, f"reinstall {DISTRIBUTION}"),))
    return Check("sample data", str(folder))


def check_terminal(size: tuple[int, int], environment: Mapping[str, str]) -> Check:
    """Whether the app can be drawn: size in columns and rows, the kind of terminal, the encoding."""
    problems = []
    kind = environment.get("TERM", "")
    if 0 not in size and (size[0] < LEAST_TERMINAL[0] or size[1] < LEAST_TERMINAL[1]):
        problems.append(Problem(f"the terminal has {size[0]} columns and {size[1]} rows", "make it 80 by 24 or larger"))
    if kind in ("", "dumb"):
        problems.append(Problem(f"TERM={kind or '(unset)'} cannot place text", "export TERM=xterm-256color"))
    names = (environment.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    encoding = next((name for name in names if name), "")
    if encoding and not encoding.lower().replace("-", "").endswith("utf8"):
        problems.append(Problem(f"the locale is {encoding}, not UTF-8", "export LC_ALL=C.UTF-8"))
    return Check("terminal", f"{size[0]} by {size[1]}, {kind or 'no TERM'}", tuple(problems))


def _python() -> str:
    """This Python, as short as a person would type it."""
    relative = os.path.relpath(sys.executable)
    return min(sys.executable, relative, key=len)
