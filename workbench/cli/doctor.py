"""`workbench doctor`: is everything here that a run needs, and which command mends what is not."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from workbench.cli.options import Json, here

if TYPE_CHECKING:
    from workbench.cli.checks import Check
    from workbench.models.devices import Survey
    from workbench.torch_build import Build

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


def doctor(context: typer.Context, as_json: Json = False) -> int:
    """Check the installation: packages, torch and the GPU, disk, terminal. Exit code 1 when something is wrong."""
    from workbench.cli.output import document
    from workbench.errors import Missing

    try:
        answer, checks = _examine(here(context).folder)
    except ModuleNotFoundError as error:  # also when the metadata of a package is absent
        raise Missing(f"{error.name} is not installed", "in the project's folder: make install") from error
    if as_json:
        document(answer)
    else:
        _show(checks)
    return 1 if answer["problems"] else 0


def _examine(workspace: Path) -> tuple[dict[str, Any], list["Check"]]:
    """Look at everything; return the document and the lines for a person."""
    from dataclasses import asdict

    from workbench.cli.checks import requirements, version_of
    from workbench.models.devices import survey
    from workbench.torch_build import installed_build

    versions = {each.name: version_of(each.name) for each in requirements()}
    build, seen = installed_build(), survey()
    checks = list(_checks(workspace, versions, build, seen))
    answer = {
        "python": platform.python_version(),
        "torch": build.version if build else None,
        "devices": [{"place": device.place, **asdict(device)} for device in seen.devices],
        "packages": versions,
        "problems": [asdict(problem) for check in checks for problem in check.problems],
    }
    return answer, checks


def _checks(
    workspace: Path, versions: dict[str, str | None], build: "Build | None", seen: "Survey"
) -> Iterator["Check"]:
    """Every check that applies to this machine and this terminal, in the order in which they are shown."""
    from importlib.metadata import metadata

    from workbench.cli import checks
    from workbench.hub.library import cache
    from workbench.torch_build import find_gpu

    yield checks.check_python(platform.python_version(), metadata(checks.DISTRIBUTION)["Requires-Python"])
    yield checks.check_packages(checks.requirements(), versions)
    yield checks.check_torch(build, find_gpu())
    yield checks.check_quantisation(build, checks.folder_of("bitsandbytes"))
    yield checks.check_devices(seen)
    yield checks.check_workspace(workspace)
    yield checks.check_models(cache())
    yield checks.check_sample_data()
    if SHARED_MEMORY.is_dir():
        size = shutil.disk_usage(SHARED_MEMORY).total
        yield checks.check_shared_memory(size, gpus=sum(device.kind == "cuda" for device in seen.devices))
    if sys.stdout.isatty():
        yield checks.check_terminal(os.get_terminal_size(sys.stdout.fileno()), os.environ)


def _show(checks: list["Check"]) -> None:
    from workbench.cli.output import line

    width = max(len(check.name) for check in checks)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # the word beside the sign says the same
    for check in checks:
        line(f"{'✗ wrong' if check.problems else '✓ ok   '}  {check.name:<{width}}  {check.found}")
        for problem in check.problems:
            line(f"{'':<{width + 11}}{problem.what}")
            line(f"{'':<{width + 11}}fix: {problem.fix}")
