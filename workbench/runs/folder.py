"""A run's folder: where each of its files is, and what they say together. The folder is the interface."""

import contextlib
import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.data.spec import VotesSpec
from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.runs.journal import History
from workbench.runs.spec import RunSpec, read_spec, write_spec
from workbench.runs.state import State, Status, read_state
from workbench.runs.task import AskingTask
from workbench.strict_json import dumps
from workbench.workspace import Workspace

VOTES = "votes.jsonl"
QUESTIONS = {"sample": "prompts.jsonl", "judge": "pairs.jsonl"}


@dataclass(frozen=True)
class RunFolder:
    """runs/<name>/ and its files."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    @property
    def spec_file(self) -> Path:
        """What was asked for; never rewritten."""
        return self.path / "run.yaml"

    @property
    def resolved_file(self) -> Path:
        """What it became: device, dtype, micro-batch, hashes, versions."""
        return self.path / "resolved.json"

    @property
    def state_file(self) -> Path:
        """The latest word."""
        return self.path / "state.json"

    @property
    def journal_file(self) -> Path:
        """The history."""
        return self.path / "journal.jsonl"

    @property
    def log_file(self) -> Path:
        """Standard output and error of the process."""
        return self.path / "log.txt"

    @property
    def votes_file(self) -> Path:
        """The votes that a run is trained on, as they stood when it was started."""
        return self.path / VOTES

    @property
    def questions_file(self) -> Path:
        """What a run asks that trains nothing, as labels.db had it when it was started: see workbench.label.asked."""
        return self.path / QUESTIONS[self.spec.task.kind]

    @property
    def answers_file(self) -> Path:
        """What such a run was answered, a line for each prompt or pair: what is in it is on disk."""
        return self.output / "answers.jsonl"

    @property
    def scores_file(self) -> Path:
        """What a reward run scores the answers of each pair: {"pair", "first", "second"} a line."""
        return self.path / "scores.jsonl"

    @property
    def base(self) -> Path:
        """The model that a run began from, where that had to be made: an adapter put into its base model."""
        return self.path / "base"

    @property
    def checkpoints(self) -> Path:
        """What the trainer saved to go on from."""
        return self.path / "checkpoints"

    @property
    def output(self) -> Path:
        """The adapter or model with its tokenizer, template and card."""
        return self.path / "output"

    @cached_property
    def spec(self) -> RunSpec:
        """The specification."""
        return read_spec(self.spec_file)

    @cached_property
    def task(self) -> str:
        """What the run learns; a run file that this version cannot read is `unknown`, and no reason to fail a list."""
        try:
            return self.spec.task.kind
        except (WorkbenchError, OSError):
            return "unknown"

    @property
    def set_name(self) -> str:
        """The set in labels.db that its answers are for; "" for a run that trains."""
        return self.spec.task.set if self.task in QUESTIONS and isinstance(self.spec.task, AskingTask) else ""

    @property
    def votes_of(self) -> str:
        """The set in labels.db whose votes a reward model is trained on; "" for any other run."""
        is_reward = self.task == "reward"
        return self.spec.data.votes if is_reward and isinstance(self.spec.data, VotesSpec) else ""

    @property
    def state(self) -> State | None:
        """What the run last said of itself, None before it first spoke."""
        return read_state(self.state_file)

    @property
    def status(self) -> Status:
        """The status as a reader sees it."""
        state = self.state
        if state is not None:
            return state.seen
        return "starting" if _is_being_started(self.path) else "lost"

    @property
    def resolved(self) -> dict[str, Any]:
        """What the run resolved to; empty before it got there."""
        try:
            found: dict[str, Any] = json.loads(self.resolved_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def history(self) -> History:
        """The journal, read to its end."""
        return History(self.journal_file).read()

    def last_checkpoint(self) -> tuple[int, Path] | None:
        """The latest checkpoint that the journal acknowledges and that is still there, with its step."""
        for entry in reversed(self.history().checkpoints):
            folder = self.path / entry["path"]
            if folder.is_dir():
                return entry["step"], folder
        return None


def create_run(workspace: Workspace, spec: RunSpec, rows: Sequence[dict[str, Any]] = ()) -> RunFolder:
    """Make the folder of a new run with its run.yaml, and what it takes from labels.db: votes, prompts or pairs.

    Raises WrongUse when there is one of the name it asks for.
    """
    workspace.runs.mkdir(exist_ok=True)
    folder = _new_folder(workspace, spec)
    file = folder.path / (VOTES if isinstance(spec.data, VotesSpec) else QUESTIONS.get(spec.task.kind, ""))
    try:
        if file != folder.path:
            file.write_text(rows_text(rows), encoding="utf-8")
        if isinstance(spec.data, VotesSpec):  # named from the run's folder, which may move
            spec = spec.model_copy(update={"data": spec.data.model_copy(update={"train": file.name})})
        write_spec(spec.model_copy(update={"name": folder.name}), folder.spec_file)
    except OSError:
        for each in {folder.spec_file, file} - {folder.path}:
            each.unlink(missing_ok=True)
        folder.path.rmdir()
        raise
    return folder


def rows_text(rows: Sequence[dict[str, Any]]) -> str:
    """Return what a run keeps of what it takes from labels.db."""
    return "".join(dumps(row) + "\n" for row in rows)


def find_run(workspace: Workspace, name: str) -> RunFolder:
    """Return the run of this name. Raises Missing with the nearest names otherwise."""
    folder = RunFolder(workspace.runs / name)
    if name not in ("", ".", "..") and Path(name).name == name and folder.spec_file.is_file():
        return folder
    names = [run.name for run in all_runs(workspace)]
    near = get_close_matches(name, names, n=3, cutoff=0.4) or names[-3:]
    fix = f"runs here: {', '.join(near)}" if names else "none here yet: workbench train start SPEC.yaml"
    raise Missing(f"no run named {name} in {workspace.runs}", fix)


def all_runs(workspace: Workspace) -> list[RunFolder]:
    """All runs of the workspace, the oldest first."""
    if not workspace.runs.is_dir():
        return []
    found = [RunFolder(path) for path in workspace.runs.iterdir() if (path / "run.yaml").is_file()]
    return sorted(found, key=lambda run: (run.spec_file.stat().st_mtime_ns, run.name))


def _new_folder(workspace: Workspace, spec: RunSpec) -> RunFolder:
    if spec.name:
        folder = RunFolder(workspace.runs / spec.name)
        try:
            folder.path.mkdir()
        except FileExistsError as error:
            raise WrongUse(
                f"there is a run named {spec.name} already",
                f"choose another name, or: workbench train resume {spec.name}",
            ) from error
        return folder
    model = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(spec.model.rstrip("/")).name)[:40].strip("-.") or "model"
    for number in itertools.count(1):
        path = workspace.runs / f"{spec.task.kind}-{model}-{number}"
        with contextlib.suppress(FileExistsError):  # taken, perhaps by a run that is started at the same moment
            path.mkdir()
            return RunFolder(path)
    raise AssertionError("there is always another number")


def _is_being_started(folder: Path) -> bool:
    """Whether a process of this machine was started on the folder and has not said a word yet."""
    import psutil

    return any(str(folder) in (process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))
