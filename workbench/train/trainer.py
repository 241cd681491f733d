"""What every recipe does with one of TRL's trainers: rows in the run's own order, to the last step, and the result."""

from pathlib import Path
from typing import Any

from workbench.models.prompt_network import has_network, load_network, save_network
from workbench.models.save import model_card, save_output
from workbench.models.vocabulary import vocabulary_of
from workbench.train.callback import Reporter, refuse_broken
from workbench.train.memory import watched
from workbench.train.order import EpochSampler
from workbench.train.prepare import Ready
from workbench.train.run import Stopped


def make_trainer(kind: type, ready: Ready, args: Any) -> Any:
    """Return a trainer of `kind` on the run's rows, as they are."""
    from datasets import Dataset

    rows = ready.rows
    trainer = _ordered(kind, ready)(
        model=ready.model,
        args=args,
        train_dataset=Dataset.from_list(rows.train),
        eval_dataset=Dataset.from_list(rows.validation) if rows.validation else None,
        processing_class=ready.tokenizer,
        callbacks=[Reporter(ready.run, rows, ready.device, ready.peak)],
    )
    _quiet(trainer)
    return trainer


def fit(trainer: Any, ready: Ready) -> None:
    """Train to the last step, from the run's checkpoint where it has one.

    Raises Stopped when a person ended it before, and DidNotLearn when the trained weights are no numbers.
    """
    run = ready.run
    if ready.dtype == "float16" or (ready.dtype == "float32" and ready.rows.sequences > 1):
        # TRL casts what is trained beside quantised weights to bfloat16, which no loss scaler takes, and no score head
        # that is given float32
        for parameter in ready.model.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.float()
    with watched(run, ready.rows, ready.peak):
        trainer.train(resume_from_checkpoint=str(run.resume_from[1]) if run.resume_from else None)
    if trainer.state.global_step < trainer.state.max_steps:
        raise Stopped
    refuse_broken(ready.model, run.spec.peak_learning_rate)


def save(ready: Ready, more: dict[str, Any], **card: Any) -> None:
    """Write the run's output with its card; `more` are facts that only this task has, `card` says how it loads."""
    import torch

    run, model = ready.run, ready.model
    text = model_card(
        _facts(ready) | more,
        base=str(ready.found.folder if ready.found.source != "hub" else run.spec.model.partition("@")[0]),
        is_adapter=ready.is_adapter,
        task=run.spec.task.kind,
        vocabulary=vocabulary_of(model) if ready.has_new_tokens else None,
        **card,
    )
    model.config.use_cache = True
    save_output(
        model if ready.is_adapter else model.to(getattr(torch, ready.dtype)), ready.tokenizer, text, run.folder.output
    )
    ready.peak.note("saving")
    if ready.peak.moment == "saving":
        ready.peak.tell(run)


def _ordered(kind: type, ready: Ready) -> Any:
    model, spec = ready.model, ready.run.spec

    class Trainer(kind):  # type: ignore[misc]
        """TRL's trainer, with an order of rows and a network of virtual tokens that a resumed run finds again."""

        def _get_train_sampler(self, _dataset: Any = None) -> EpochSampler:
            return EpochSampler(ready.rows.lengths, spec.batch_size, spec.seed)

        def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
            super()._save(output_dir, state_dict)
            if has_network(model):
                save_network(model, Path(output_dir or self.args.output_dir))

        def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
            if not has_network(self.model):
                super()._load_from_checkpoint(resume_from_checkpoint, model)
            else:
                load_network(self.model, Path(resume_from_checkpoint))

    return Trainer


def _quiet(trainer: Any) -> None:
    """Everything a person sees comes from the journal; the trainer's own printing stays out of the log."""
    from transformers.trainer_callback import PrinterCallback, ProgressCallback

    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)


def _facts(ready: Ready) -> dict[str, Any]:
    run, spec, resolved = ready.run, ready.run.spec, ready.run.folder.resolved
    return {
        "run": run.folder.name,
        "task": " ".join(f"{value}" if key == "kind" else f"{key} {value}" for key, value in spec.task),
        "data": f"{spec.data.train} ({resolved['rows']} rows, sha256 {resolved['identity']['data'][:12]})",
        "tuning": " ".join(f"{key} {value}" for key, value in spec.tuning.model_dump().items()),
        "trained parameters": f"{ready.trained:,} of {ready.total:,}",
        "steps": f"{resolved['steps']} of {spec.batch_size} rows",
        "optimizer": spec.optimizer,
        "learning rate": f"{spec.peak_learning_rate:g}, {spec.schedule}",
        "last loss": run.folder.history().latest("loss"),
        "versions": ", ".join(f"{name} {version}" for name, version in resolved["versions"].items()),
    }
