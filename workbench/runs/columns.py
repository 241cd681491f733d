"""A run or a model as what answers: its weights, maybe an adapter on them, its tokenizer; and prompts in its tokens."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.data.prompts import Prompt
from workbench.errors import Missing, WrongUse
from workbench.lora.spec import Quantisation
from workbench.models.find import ModelFolder, Need, Tell, find_model
from workbench.runs.folder import RunFolder, find_run
from workbench.runs.spec import RunSpec
from workbench.runs.task import TRAINS_NOTHING, SampleTask
from workbench.settings import Settings
from workbench.template.client import EncoderWorker, raise_error
from workbench.template.spec import EncoderSpec
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Column:
    """One model under a name: its weights, maybe an adapter on them, and the folder of its tokenizer."""

    name: str
    folder: Path
    adapter: Path | None
    tokenizer: Path
    template: str | None = None
    """A Jinja file used in place of the tokenizer's own chat template."""
    quantise: Quantisation = "none"
    """How a reward model's weights are held when it scores."""

    def as_json(self) -> dict[str, Any]:
        """The column as it travels to the engine."""
        return {key: value if value is None else str(value) for key, value in asdict(self).items()}


def columns_of(name: str, workspace: Workspace, tell: Tell) -> list[Column]:
    """Return the column of a model, or of a run: the model that it began from, and last its result.

    Raises Missing when a run has nothing to show yet, WrongUse for one that makes no model.
    """
    if not is_run(name, workspace):
        return [_column(name, find_model(name, Need.WEIGHTS, tell))]
    run = find_run(workspace, name)
    if run.task in TRAINS_NOTHING:
        raise WrongUse(f"{name} is a {run.task} run: it trains nothing", "name the run or the model that it asked")
    base = find_model(str(run.base) if run.base.is_dir() else run.spec.model, Need.WEIGHTS, tell)
    tuned = _result(run)
    is_adapter = (tuned / "adapter_config.json").is_file()
    named = base.folder.name if base.source == "folder" else base.name
    return [
        Column(named, base.folder, base.adapter, base.tokenizer_folder, run.spec.template),
        Column(
            name,
            base.folder if is_adapter else tuned,
            tuned if is_adapter else None,
            tuned if (tuned / "tokenizer_config.json").is_file() else base.folder,
            run.spec.template,
        ),
    ]


def asked_models(spec: RunSpec) -> list[str]:
    """Return the runs or models that a run asks: its model, and for pairs of two the other."""
    other = spec.task.against if isinstance(spec.task, SampleTask) else None
    return [spec.model, *([other] if other else [])]


def refuse_reward(name: str, workspace: Workspace) -> None:
    """Raise WrongUse for a run that scores answers and gives none."""
    if is_run(name, workspace) and find_run(workspace, name).task == "reward":
        raise WrongUse(f"{name} scores answers, it writes none", f"workbench compare score {name} FILE")


def is_run(name: str, workspace: Workspace) -> bool:
    """Whether a run of the workspace has this name; it goes before a folder or a Hub id of the same name."""
    return (workspace.runs / name / "run.yaml").is_file()


def prompt_ids(
    columns: Sequence[Column], prompts: Sequence[Prompt], settings: Settings, *, raw: bool = False
) -> dict[str, list[list[int]]]:
    """Return the token ids of every prompt for every column, by the one encoder."""
    asked = [prompt.asked for prompt in prompts]
    ids: dict[tuple[str, str | None], list[list[int]]] = {}
    for column in columns:
        key = (str(column.tokenizer), column.template)
        if key not in ids:
            with EncoderWorker(column.tokenizer, EncoderSpec(template=column.template), settings) as worker:
                ids[key] = [raise_error(answer)["input_ids"] for answer in worker.prompts(asked, raw=raw)]
    return {column.name: ids[str(column.tokenizer), column.template] for column in columns}


def _result(run: RunFolder) -> Path:
    """The run's output, or its latest checkpoint while there is none."""
    if run.output.is_dir():
        return run.output
    checkpoint = run.last_checkpoint()
    if checkpoint:
        return checkpoint[1]
    raise Missing(
        f"{run.name} is {run.status} and has saved nothing yet",
        f"wait for it: workbench train show {run.name}",
    )


def _column(name: str, model: ModelFolder) -> Column:
    return Column(name, model.folder, model.adapter, model.tokenizer_folder)
