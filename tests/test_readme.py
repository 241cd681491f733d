"""Every command in the README runs, in its order, in a workspace with the sample data."""

import re
import shlex

from tests.conftest import ROOT, Bench

INSTALLATION = ("make demo", "make test")


def commands() -> list[str]:
    """The lines of the README's shell blocks, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and line not in INSTALLATION]


def test_every_command_of_the_readme_runs(bench: Bench) -> None:
    (bench.folder / "sample_data").symlink_to(ROOT / "sample_data")
    asked = commands()
    assert len(asked) >= 12 and all(line.startswith("workbench ") for line in asked)
    for line in asked:
        ran = bench(*shlex.split(line)[1:])
        healthy = (0, 1) if line == "workbench doctor" else (0,)  # what it finds is the machine's, not the README's
        assert ran.code in healthy, f"{line}\n{ran.err}"
        assert ran.out.strip(), line


def test_the_readme_begins_with_the_two_commands_that_do_everything() -> None:
    beginning = (ROOT / "README.md").read_text(encoding="utf-8")[:400]
    assert beginning.index("make demo") < beginning.index("make test")
