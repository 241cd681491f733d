"""What a run is asked to do: a validated, frozen RunSpec, read from YAML."""

import math
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from workbench.data.spec import Data, VotesSpec
from workbench.errors import Missing, WrongUse
from workbench.lora.parts import Optimizer
from workbench.lora.spec import AdapterTuning, LoraTuning, PromptKind, Quantisation, Tuning
from workbench.runs.task import AskingTask, JudgeTask, RewardTask, SampleTask, Task
from workbench.template.spec import EncoderSpec
from workbench.validation import validated

USUAL_RATES = {
    "lora": 2e-4,
    "full": 2e-5,
    "freeze": 2e-5,
    "bias": 1e-3,
    "ia3": 3e-3,
    "prompt": 3e-2,
    "p-tuning": 1e-3,
    "prefix": 1e-2,
}
"""Peak learning rates for AdamW to begin with: customary orders of magnitude, none measured by this project."""

_MEANT_BY_ALL = ("task", "name", "model", "data", "template", "backend", "dtype", "seed")
"""What a run that trains nothing may say too."""


class LocalBackend(BaseModel):
    """The run is a process on this machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["local"] = "local"
    """Runs here, on one device."""
    device: str | None = Field(None, pattern=r"^(cpu|mps|cuda(:\d+)?)$")
    """cpu, mps, cuda or cuda:N; by default what the workspace's settings say."""


class RunSettings(EncoderSpec):
    """All that a run file may say except the model and the data."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    task: Task
    """What is learned: sft, supervised fine-tuning on chats or prompt–completion rows; reward, a score for answers
    from pairs of them. Or what is asked: sample, answers that become pairs; judge, a model's votes on pairs. What only
    one task has stands in its block: {kind: reward, margin: 1}."""
    name: str | None = Field(None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    """The run's folder under runs/; by default task, model and a number."""
    tuning: Tuning = LoraTuning()
    """Which parameters are trained."""
    backend: LocalBackend = LocalBackend()
    """Where it runs."""
    max_steps: int | None = Field(None, ge=1)
    """How many optimizer steps; excludes `epochs`."""
    epochs: float | None = Field(None, gt=0)
    """How often the rows are gone through; 1 when `max_steps` is not given either."""
    batch_size: int = Field(16, ge=1)
    """Rows per optimizer step."""
    micro_batch: int | None = Field(None, ge=1)
    """Rows per forward pass; chosen from memory unless given. It divides `batch_size`."""
    learning_rate: float | None = Field(None, gt=0)
    """The peak; by default 2e-4 for LoRA, 2e-5 for full and freeze, more where few numbers are trained. These are
    AdamW's: name one for adafactor (transformers' documentation has 1e-3) and for sgd, which has no usual one."""
    schedule: Literal["linear", "cosine", "constant"] = "cosine"
    """How the learning rate falls after the warm-up."""
    warmup: float = Field(0.03, ge=0, lt=1)
    """The share of steps in which the learning rate rises from 0."""
    optimizer: Optimizer = "adamw"
    """What trains: adamw; adamw-8bit, its two states in 8 bit; paged-adamw-8bit, and on a GPU they may leave it for the
    host's memory (elsewhere the same as adamw-8bit); adafactor, which keeps a row and a column for each matrix, without
    momentum; sgd, which keeps nothing and has no momentum. Only the first three share AdamW's learning rates."""
    weight_decay: float = Field(0.0, ge=0)
    """Decoupled from the gradient; with sgd, added to it."""
    max_grad_norm: float = Field(1.0, gt=0)
    """Gradients are scaled down to this norm."""
    seed: int = Field(7, ge=0, lt=2**32)
    """Seeds the adapters, the order of rows and dropout."""
    eval_every: int | None = Field(None, ge=1)
    """Steps between validations; by default a tenth of the run."""
    save_every: int | None = Field(None, ge=1)
    """Steps between checkpoints; by default a tenth of the run."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Of the forward pass: auto is bfloat16 on a GPU that has it, float16 on an older GPU, else float32."""
    gradient_checkpointing: bool | None = None
    """Recompute activations to save memory; by default on a GPU only."""
    allow_cut_answers: float = Field(0.0, ge=0, le=1)
    """The share of rows whose whole answer may fall behind `max_length`; those rows are left out."""

    @field_validator("backend", mode="before")
    @classmethod
    def _backend_from_name(cls, found: Any) -> Any:
        return {"kind": found} if isinstance(found, str) else found

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.max_steps is not None and self.epochs is not None:
            raise ValueError("max_steps and epochs exclude each other: keep one")
        if self.micro_batch is not None and self.batch_size % self.micro_batch:
            raise ValueError(f"micro_batch {self.micro_batch} must divide batch_size {self.batch_size}")
        if self.gradient_checkpointing and self.tuning.kind == "prefix":
            raise ValueError("gradient_checkpointing: prefix tuning has none in PEFT; leave it out")
        if isinstance(self.task, RewardTask) and isinstance(self.tuning, PromptKind):
            raise ValueError(
                f"tuning: {self.tuning.kind} hides where a row ends, which is where a reward is read; use lora"
            )
        return self

    @property
    def trains(self) -> bool:
        """Whether a model comes of it."""
        return not isinstance(self.task, AskingTask)

    @property
    def trained_as(self) -> Literal["sft", "reward"]:
        """The task whose head and memory count; that of answers, where nothing is trained."""
        return "reward" if isinstance(self.task, RewardTask) else "sft"

    @property
    def peak_learning_rate(self) -> float:
        """The learning rate asked for, or the usual one for this tuning."""
        return self.learning_rate or USUAL_RATES[self.tuning.kind]

    @property
    def quantise(self) -> Quantisation:
        """How the frozen weights are held."""
        return self.tuning.quantise if isinstance(self.tuning, AdapterTuning) else "none"

    def steps_for(self, rows: int) -> int:
        """Return how many optimizer steps it takes on so many rows."""
        return self.max_steps or math.ceil(math.ceil(rows / self.batch_size) * (self.epochs or 1))

    @property
    def encoder(self) -> EncoderSpec:
        """The part that decides how rows become tokens."""
        return EncoderSpec(**{name: getattr(self, name) for name in EncoderSpec.model_fields})


class RunSpec(RunSettings):
    """A run. The least it needs: task, model, data."""

    model: str
    """A folder, a Hub id, or `starter`; for sample and judge also a run."""
    data: Data
    """The rows: a file, or {train, validation, split, map}; for reward also {votes, split, ties, annotators}. Of a
    sample run the prompts, which are those held out where some are; a judge needs none."""

    @model_validator(mode="before")
    @classmethod
    def _pairs_of_the_set(cls, found: Any) -> Any:
        """A judge's data are the pairs of its set, of which starting the run writes a copy."""
        task = found.get("task") if isinstance(found, dict) else None
        kind = task.get("kind") if isinstance(task, dict) else getattr(task, "kind", None)
        return {**found, "data": found.get("data") or ""} if kind == "judge" else found

    @model_validator(mode="after")
    def _has_what_the_task_needs(self) -> Self:
        is_votes = isinstance(self.data, VotesSpec)
        if is_votes and not isinstance(self.task, RewardTask):
            raise ValueError(f"data.votes: votes train a reward model, not {self.task.kind}")
        if isinstance(self.task, RewardTask) and self.task.margin and not is_votes:
            raise ValueError("task.margin: only votes say how much better an answer is; leave it out")
        if isinstance(self.task, JudgeTask) and self.data.train:
            raise ValueError("data: a judge asks about the pairs of task.set; leave it out")
        if isinstance(self.task, SampleTask) and self.task.against == self.model:
            raise ValueError(f"task.against: {self.model} against itself: leave it out, its own answers make pairs")
        if not self.trains:
            self._refuse_training()
        return self

    def _refuse_training(self) -> None:
        for name, field in type(self).model_fields.items():
            if name not in _MEANT_BY_ALL and getattr(self, name) != field.get_default(call_default_factory=True):
                raise ValueError(f"{name}: a {self.task.kind} run trains nothing; leave it out")


def read_spec(path: Path, changes: tuple[str, ...] = ()) -> RunSpec:
    """Read a run file and apply `changes` ("tuning.rank=8"). Paths in it count from its own folder.

    Raises Missing when there is no such file, WrongUse when it is not YAML or not a RunSpec.
    """
    return validated(RunSpec, read_settings(path, changes), str(path))


def reward_spec(votes: str, model: str, changes: tuple[str, ...] = ()) -> RunSpec:
    """Return a reward run on the votes of a set, with everything else as usual but for `changes`."""
    found: dict[str, Any] = {"task": "reward", "model": model, "data": {"votes": votes}}
    for change in changes:
        _apply(found, change)
    return validated(RunSpec, found, "--reward")


def read_settings(path: Path, changes: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what a run file says, changed and with its paths absolute, but not yet checked."""
    import yaml

    try:
        found = _loaded(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Missing(f"{path}: no such file", "name a run file (YAML), see README: Train") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise WrongUse(f"{path}: not YAML: {_where(error)}", "mend that line") from error
    if not isinstance(found, dict):
        raise WrongUse(f"{path}: a run file is a list of `key: value` lines", "begin with task, model and data")
    for change in changes:
        _apply(found, change)
    return _rooted(found, path.resolve().parent)


def _loaded(text: str) -> Any:
    """What a YAML text says: libyaml reads it, as a list of a hundred runs reads a hundred files.

    It refuses a file name that is no UTF-8, which its Python counterpart writes and reads.
    """
    import yaml

    try:
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except yaml.YAMLError:
        return yaml.safe_load(text)


def write_spec(spec: RunSettings, path: Path) -> None:
    """Write the run file with every value spelled out, so that later defaults cannot change what was asked."""
    import yaml

    content = spec.model_dump(mode="json", exclude_none=True)
    if isinstance(spec, RunSpec) and not spec.trains:
        content = {name: content[name] for name in _MEANT_BY_ALL if name in content}
        if isinstance(spec.task, JudgeTask):
            del content["data"]
    task = {"kind": spec.task.kind} | content["task"]
    content["task"] = spec.task.kind if len(task) == 1 else task
    order = sorted(
        content, key=lambda name: (name not in ("task", "name", "model", "data", "tuning"), name == "backend")
    )
    text = yaml.safe_dump({name: content[name] for name in order}, sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8")


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}: {getattr(error, 'problem', error)}" if mark else str(error)


def _apply(found: dict[str, Any], change: str) -> None:
    import yaml

    key, equals, value = change.partition("=")
    if not equals or not key:
        raise WrongUse(f"--set {change}: expected key=value", "for example --set max_steps=50")
    *parents, last = key.split(".")
    block = found
    for parent in parents:
        if not isinstance(block.get(parent), dict):
            meant = {"data": "train", "task": "kind"}.get(parent)
            block[parent] = {meant: block[parent]} if meant and block.get(parent) else {}
        block = block[parent]
    try:
        block[last] = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise WrongUse(f"--set {change}: the value is not YAML: {_where(error)}", "quote it") from error


def _rooted(found: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Make the relative paths that exist beside the run file absolute; a Hub id stays what it is."""

    def rooted(value: Any) -> Any:
        return str(folder / value) if isinstance(value, str) and value and (folder / value).exists() else value

    data = found.get("data")
    if isinstance(data, dict):
        data = {**data, **{key: rooted(data[key]) for key in ("train", "validation") if key in data}}
    task = found.get("task")
    is_here = not (isinstance(task, dict) and task.get("endpoint"))  # else the model's name means something there
    if isinstance(task, dict):
        files = ("rubric", "prompt", *(("against",) if is_here and task.get("against") != "starter" else ()))
        task = {key: rooted(value) if key in files else value for key, value in task.items()}
    rest: dict[str, Any] = {
        key: rooted(found[key])
        for key in ("model", "template")
        if key in found and found[key] != "starter" and (is_here or key == "template")
    } | ({"task": task} if isinstance(task, dict) else {})
    return {**found, **({"data": rooted(data)} if "data" in found else {}), **rest}
