"""What the trainer tells a run while it trains: steps, metrics, checkpoints; and what the run tells it: stop."""

import math
import shutil
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from workbench.children import end_imports
from workbench.durable import sync
from workbench.errors import WorkbenchError
from workbench.train.memory import Peak
from workbench.train.order import rows_of_step
from workbench.train.rows import RunRows
from workbench.train.run import Run

_NOT_FINITE_ALLOWED = 3
_NAMES = {
    "num_tokens": "tokens",
    "mean_token_accuracy": "token_accuracy",
    "eval_mean_token_accuracy": "eval_token_accuracy",
}
_LEFT_OUT = {"epoch", "total_flos", "train_runtime", "train_steps_per_second", "train_samples_per_second", "train_loss",
             "eval_runtime", "eval_samples_per_second", "eval_steps_per_second", "eval_num_tokens"}  # fmt: skip


class DidNotLearn(WorkbenchError):
    """The loss is no number any more."""


class Reporter(TrainerCallback):  # type: ignore[misc]
    """Writes the journal and the state, and stops the trainer when asked."""

    def __init__(self, run: Run, rows: RunRows, device: str, peak: Peak) -> None:
        self._run = run
        self._rows = rows
        self._device = device
        self._peak = peak
        self._not_finite = 0
        # the trainer counts tokens from where it was started, a run from its beginning
        self._tokens_before = run.folder.history().latest("tokens") or 0.0 if run.resume_from else 0.0
        self._clock = (time.monotonic(), 0.0)

    def on_train_begin(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """The first step begins."""
        end_imports()
        self._run.at(state.global_step, state.max_steps)
        self._run.say("running")

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        """A step begins."""
        self._peak.doing = "training"

    def on_prediction_step(self, *_: Any, **__: Any) -> None:
        """Some of the validation rows were gone through."""
        self._peak.doing = "evaluation"

    def on_step_end(self, _args: Any, state: Any, control: Any, **_: Any) -> Any:
        """A step is done; its metrics follow in `on_log`."""
        self._peak.note("training")
        if self._run.stop_asked and state.global_step < state.max_steps:
            if self._run.state.status != "stopping":
                self._run.say("stopping")
            control.should_save = True
            control.should_training_stop = True
        return control

    def on_log(self, _args: Any, state: Any, _control: Any, logs: dict[str, Any], **_: Any) -> None:
        """The trainer has metrics; those that only sum up the whole training are left out."""
        found = {_NAMES.get(name, name): value for name, value in logs.items() if name not in _LEFT_OUT}
        if not found:
            return
        if "loss" in found:
            found["tokens"] = found.get("tokens", 0.0) + self._tokens_before
            found |= self._pace(found["tokens"])
            self._run.at(state.global_step, state.max_steps, found["loss"])
            self._watch(found, state.global_step)
        self._run.journal.write("metric", step=state.global_step, **found)

    def on_evaluate(self, *_: Any, **__: Any) -> None:
        """The validation rows were gone through."""
        self._peak.note("evaluation")

    def on_save(self, args: Any, state: Any, _control: Any, **_: Any) -> None:
        """A checkpoint was written: it counts from when it is on disk; only then older ones may go."""
        self._peak.note("saving")
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        sync(folder)
        place = str(folder.relative_to(self._run.folder.path))
        self._run.journal.write("checkpoint", step=state.global_step, path=place)
        self._forget_old(folder.parent)

    def _forget_old(self, folder: Path) -> None:
        steps = sorted((int(path.name.rpartition("-")[2]), path) for path in folder.glob("checkpoint-*"))
        for _, path in steps[: -self._run.workspace.settings.checkpoints_kept]:
            shutil.rmtree(path, ignore_errors=True)

    def _pace(self, tokens: float) -> dict[str, float]:
        """Tokens a second since the last step that was logged, and memory in use."""
        now, (then, before) = time.monotonic(), self._clock
        self._clock = (now, tokens)
        pace = {"memory_gib": round(memory_in_use(self._device) / 2**30, 3)}
        if tokens > before > 0:
            pace["tokens_per_second"] = round((tokens - before) / (now - then), 1)
        return pace

    def _watch(self, found: dict[str, Any], step: int) -> None:
        """Warn at the first loss or gradient that is no number; after three steps in a row, give up."""
        # with float16 the loss scaler finds its scale by overflowing gradients, and skips those steps
        watched = ("loss",) if self._run.folder.resolved["dtype"] == "float16" else ("loss", "grad_norm")
        if all(math.isfinite(found[name]) for name in watched if name in found):
            self._not_finite = 0
            return
        self._not_finite += 1
        if self._not_finite == 1:
            spec = self._run.spec
            batch = rows_of_step(self._rows.lengths, spec.batch_size, spec.seed, step)
            numbers = sorted(self._rows.numbers[index] for index in batch)
            what = f"loss {found['loss']}, gradient norm {found.get('grad_norm')}"
            self._run.warn("not-finite", f"step {step}: {what}, on rows {', '.join(map(str, numbers))}", rows=numbers)
        if self._not_finite >= _NOT_FINITE_ALLOWED:
            rate = self._run.spec.peak_learning_rate
            raise DidNotLearn(
                f"the loss was no number for {self._not_finite} steps in a row, up to step {step}",
                f"lower learning_rate (it is {rate:g}), or use dtype: float32; then start again",
            )


def refuse_broken(model: Any, learning_rate: float) -> None:
    """Raise DidNotLearn when a trained weight is no number: what cannot answer is not saved as a result."""
    for name, parameter in model.named_parameters():
        if parameter.requires_grad and not parameter.isfinite().all():
            raise DidNotLearn(
                f"the trained weights are no numbers ({name})",
                f"lower learning_rate (it is {learning_rate:g}), or use dtype: float32; then start again",
            )


def memory_in_use(device: str) -> int:
    """Bytes: the most that tensors took on a GPU so far, or what this process takes now on a CPU."""
    if device.startswith("cuda"):
        import torch

        return int(torch.cuda.max_memory_allocated())
    import psutil

    return int(psutil.Process().memory_info().rss)
