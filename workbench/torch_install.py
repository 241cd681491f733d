"""Puts the right torch into the environment of this Python, before anything else is installed.

Run by the Makefile as `python -m workbench.torch_install`. Standard library only. It writes the constraints for the
rest of the installation, in which torch is held at the version that is there.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from workbench.torch_build import (
    INDEX,
    Build,
    Gpu,
    build_of,
    choose,
    find_gpu,
    installed_build,
    offered_build,
    offers,
    output,
    stays,
)

OVERRIDE = "WORKBENCH_TORCH"


def pinned(constraints: str) -> str:
    """Return torch's version in the text of a constraints file, as `==2.13.0`, or nothing."""
    found = re.search(r"^torch(==\S+)", constraints, re.MULTILINE)
    return found[1] if found else ""


def held(constraints: str, version: str) -> str:
    """Return constraints that hold torch at the version that is installed, whatever they said before."""
    rest = re.sub(r"^torch==.*\n?", "", constraints, flags=re.MULTILINE)
    return f"{rest.rstrip()}\ntorch=={version}\n".lstrip()


def bounds_of(project: str) -> str:
    """Return the bounds of torch in the text of pyproject.toml, as `>=2.9,<2.14`."""
    dependencies = tomllib.loads(project)["project"]["dependencies"]
    return next(found[1].strip() for each in dependencies if (found := re.match(r"torch\b([^;]*)", each)))


def install(constraints: str, bounds: str) -> str:
    """See that the right torch is in this environment; return the constraints that keep it. Exits when it cannot."""
    gpu, wanted = find_gpu(), pinned(constraints) or bounds
    kept = _kept(gpu, wanted, bounds)
    if kept is None:
        _install_chosen(gpu, wanted)
    else:
        print(f"      torch {kept}, which is here already ({gpu})")
    version = output(sys.executable, "-c", "import importlib.metadata as m; print(m.version('torch'))")
    if not version:
        sys.exit("pip left no torch behind; the same command again tries again")
    return held(constraints, version.strip())


def _kept(gpu: Gpu, wanted: str, bounds: str) -> Build | None:
    """The installed torch if it stays; on a machine with a GPU, the one of the Python below this environment counts."""
    build = installed_build()
    if build is not None or gpu.kind == "none":
        return build if build and stays(build, gpu, wanted, bounds) else None
    _share_packages(True)
    build = _working_build()
    if build and build.uses_gpu and stays(build, gpu, wanted, bounds):
        return build
    _share_packages(False)
    return None


def _share_packages(on: bool) -> None:
    """Let this virtual environment see the packages of the Python below it, as --system-site-packages does, or not."""
    file = Path(sys.prefix) / "pyvenv.cfg"
    setting = re.compile(r"^(include-system-site-packages\s*=\s*)\w+", re.MULTILINE)
    file.write_text(setting.sub(rf"\g<1>{str(on).lower()}", file.read_text(encoding="utf-8")), encoding="utf-8")


def _working_build() -> Build | None:
    """Import torch in a fresh Python: its build, if a GPU answers."""
    code = "import torch; assert torch.cuda.is_available(); print(torch.version.__file__)"
    file = output(sys.executable, "-c", code, seconds=120)
    return build_of(Path(file.strip().splitlines()[-1]).read_text(encoding="utf-8")) if file else None


def _install_chosen(gpu: Gpu, wanted: str) -> None:
    take_any = os.environ.get(OVERRIDE) == "any"
    chosen = choose(offers(wanted, gpu), gpu, _ask_pip, take_any=take_any)
    if chosen is None and gpu.kind != "none":
        print(f"      no torch that can use this machine's {gpu} is within reach; workbench doctor says how to get one")
        chosen = choose(offers(wanted, Gpu("none")), Gpu("none"), _ask_pip)
    if chosen is None:
        sys.exit(_refusal(wanted))
    place, build = chosen
    print(f"      torch {build} ({gpu})", flush=True)
    command = ["install", "-q", "--no-deps", "--force-reinstall", "--no-compile", *place]
    ran = subprocess.run([sys.executable, "-P", "-m", "pip", *command], stderr=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        sys.exit(f"{ran.stderr}\npip could not install torch {build}; the same command again tries again")


def _refusal(wanted: str) -> str:
    return (
        f"No CPU build of torch{wanted} is within reach: pip finds CUDA builds (several GB) or nothing, and\n"
        f"{INDEX}cpu does not answer.\n"
        f"Make that index reachable, or name a folder with the wheel: PIP_FIND_LINKS=FOLDER make …\n"
        f"{OVERRIDE}=any make … takes what pip chooses, CUDA or not."
    )


def _ask_pip(place: list[str]) -> Build | None:
    """What pip would install from `place`, without what it depends on; None when there is nothing."""
    options = ["--dry-run", "--ignore-installed", "--no-deps", "--retries", "1", "-q", "--report", "-"]
    report = output(sys.executable, "-P", "-m", "pip", "install", *options, *place, seconds=600)
    return offered_build(json.loads(report)) if report else None


def main() -> None:
    """Install torch into the environment of this Python and write the constraints for everything else."""
    parser = argparse.ArgumentParser(description="Install the torch that belongs on this machine.")
    parser.add_argument("--constraints", type=Path, required=True, help="the pinned versions")
    parser.add_argument("--write", type=Path, required=True, help="where the same pins go, with torch as installed")
    options = parser.parse_args()
    project = Path(__file__).parents[1] / "pyproject.toml"
    pins = options.constraints.read_text(encoding="utf-8")
    options.write.write_text(install(pins, bounds_of(project.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
