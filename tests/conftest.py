"""What tests share: the command as a person runs it, a small model, a workspace, the public data."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.small import make_model, make_tokenizer

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Bench:
    """A workspace with its own locks, in which commands are run as processes."""

    folder: Path
    locks: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the commands see."""
        return {**os.environ, "WORKBENCH_LOCKS": str(self.locks), "COLUMNS": "120", "OMP_NUM_THREADS": "1"}

    def command(self, *arguments: str) -> list[str]:
        """The command line of `workbench` with these arguments."""
        return [sys.executable, "-P", "-m", "workbench", *map(str, arguments)]

    def __call__(self, *arguments: str, timeout: float = 240, **environment: str) -> Ran:
        """Run a command to its end."""
        ran = subprocess.run(
            self.command(*arguments), cwd=self.folder, env={**self.environment, **environment}, timeout=timeout,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def spec(self, name: str, **values: Any) -> Path:
        """Write a run file: ten quick steps on rows.jsonl, changed by `values`."""
        import yaml

        usual = {
            "task": "sft", "name": name, "model": "tiny", "data": "rows.jsonl", "max_steps": 10, "batch_size": 4,
            "learning_rate": 5e-3, "tuning": {"kind": "lora", "rank": 4, "alpha": 8},
            "backend": {"kind": "local", "device": "cpu"},
        }  # fmt: skip
        path = self.folder / f"{name}.yaml"
        path.write_text(yaml.safe_dump({key: value for key, value in {**usual, **values}.items() if value is not None}))
        return path

    def bring(self, run: Path, name: str) -> None:
        """Copy a run's folder into the workspace, under another name."""
        shutil.copytree(run, self.folder / "runs" / name)

    def show(self, name: str) -> dict[str, Any]:
        """What `train show --json` says."""
        found: dict[str, Any] = self("train", "show", name, "--json").json
        return found


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A two-layer model with a byte tokenizer and a ChatML template."""
    return make_model(make_tokenizer(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture
def bench(tmp_path: Path, tiny: Path) -> Iterator[Bench]:
    """A workspace that holds the small model and 24 rows."""
    made = _workspace(tmp_path, tiny)
    yield made
    for state in made.folder.glob("runs/*/state.json"):
        _end(state)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, tiny: Path) -> Path:
    """The folder of a finished run of four steps; it is copied into a workspace, and never changed."""
    bench = _workspace(tmp_path_factory.mktemp("trained"), tiny)
    ran = bench("train", "start", bench.spec("first", max_steps=4), "--wait")
    assert ran.code == 0, ran.err
    return bench.folder / "runs" / "first"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public data beside the checkout; tests that need it are skipped without it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no public data beside the checkout")
    return folder


def _workspace(parent: Path, tiny: Path) -> Bench:
    folder = parent / "work"
    folder.mkdir()
    (folder / "tiny").symlink_to(tiny)
    rows = [{"prompt": f"say {n}" + " x" * (n % 7), "completion": "ok " * (1 + n % 5)} for n in range(24)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return Bench(folder, parent / "locks")


def _end(state: Path) -> None:
    """No run outlives its test."""
    from workbench.runs.state import read_state

    found = read_state(state)
    if found and found.process.is_alive:
        os.kill(found.process.pid, 9)
