"""Supervised fine-tuning, over TRL's SFTTrainer fed with rows that the one encoder made.

Reads from top to bottom: rows, model, trainer, train, save.
"""

from pathlib import Path
from typing import Any

from workbench.lora.parts import Optimizer
from workbench.lora.spec import AdapterTuning
from workbench.models.find import Need, find_model
from workbench.runs.spec import RunSpec
from workbench.train.memory import Peak, predict, watched
from workbench.train.rows import RunRows, encode_rows
from workbench.train.run import Run, Stopped
from workbench.train.stopping import stop_test

_OPTIMIZERS: dict[Optimizer, str] = {
    "adamw": "adamw_torch_fused",
    "adamw-8bit": "adamw_8bit",
    "paged-adamw-8bit": "paged_adamw_8bit",
    "adafactor": "adafactor",
    "sgd": "sgd",
}
"""What the trainer calls them."""


def train(run: Run, device: str) -> None:
    """Train what the run's specification asks for on `device`; its output folder is complete when this returns."""
    spec = run.spec
    found = find_model(spec.model, Need.WEIGHTS, run.note)
    rows = encode_rows(run, found)
    run.check_stop()

    import torch
    from datasets import Dataset
    from transformers import AutoTokenizer, set_seed
    from trl import SFTTrainer

    from workbench.models.load import compute_dtype, load_model, parameters, tuned
    from workbench.models.prompt_network import has_network, load_network, save_network
    from workbench.models.save import model_card, save_output
    from workbench.models.vocabulary import add_tokens, make_room, vocabulary_of
    from workbench.train.callback import Reporter, refuse_broken
    from workbench.train.order import EpochSampler
    from workbench.train.resolve import checkpointing, resolve

    peak = Peak(device)
    set_seed(spec.seed)
    dtype = compute_dtype(spec.dtype, device)
    tokenizer = AutoTokenizer.from_pretrained(found.folder, local_files_only=True, trust_remote_code=False)
    if spec.template:
        tokenizer.chat_template = rows.template
    new = add_tokens(tokenizer, rows.new_tokens, rows.eos_token)
    model = load_model(found.folder, dtype=_held_in(spec, dtype), device=device, quantise=_quantise(spec))
    make_room(model, new)
    if new:
        run.note(f"added {', '.join(rows.new_tokens)}: the embedding has {vocabulary_of(model):,} rows now")
    model = tuned(model, spec.tuning, new)
    trained, total = parameters(model)
    peak.note("loading")
    plan = resolve(run, rows, model, device=device, dtype=dtype, trained=trained, total=total)
    predict(
        run, rows, model, found.folder, peak,
        dtype=dtype, micro_batch=plan["micro_batch"], checkpointing=checkpointing(spec, device),
    )  # fmt: skip
    run.check_stop()

    class Trainer(SFTTrainer):  # type: ignore[misc]
        """TRL's trainer, with an order of rows and a network of virtual tokens that a resumed run finds again."""

        def _get_train_sampler(self, _dataset: Any = None) -> EpochSampler:
            return EpochSampler(rows.lengths, spec.batch_size, spec.seed)

        def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
            super()._save(output_dir, state_dict)
            if has_network(model):
                save_network(model, Path(output_dir or self.args.output_dir))

        def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
            if not has_network(self.model):
                super()._load_from_checkpoint(resume_from_checkpoint, model)
            else:
                load_network(self.model, Path(resume_from_checkpoint))

    trainer = Trainer(
        model=model,
        args=_arguments(run, rows, device=device, dtype=dtype, **plan),
        train_dataset=Dataset.from_list(rows.train),
        eval_dataset=Dataset.from_list(rows.validation) if rows.validation else None,
        processing_class=tokenizer,
        callbacks=[Reporter(run, rows, device, peak)],
    )
    _quiet(trainer)
    if dtype == "float16":  # TRL casts the adapters of quantised models to bfloat16, which no loss scaler takes
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.data = parameter.data.float()
    with watched(run, rows, peak):
        trainer.train(resume_from_checkpoint=str(run.resume_from[1]) if run.resume_from else None)
    if trainer.state.global_step < trainer.state.max_steps:
        raise Stopped

    refuse_broken(model, spec.peak_learning_rate)
    stop_ids = sorted(tokenizer.convert_tokens_to_ids(rows.stop_tokens))
    card = model_card(
        _facts(run, trained, total),
        base=str(found.folder if found.source != "hub" else spec.model.partition("@")[0]),
        is_adapter=isinstance(spec.tuning, AdapterTuning),
        vocabulary=vocabulary_of(model) if new else None,
        stop_ids=stop_ids,
    )
    model.config.use_cache = True
    model.generation_config.eos_token_id = stop_ids or None
    save_output(
        model if isinstance(spec.tuning, AdapterTuning) else model.to(getattr(torch, dtype)),
        tokenizer,
        card,
        run.folder.output,
    )
    peak.note("saving")
    if peak.moment == "saving":
        peak.tell(run)
    try:
        stop_test(run, model, tokenizer, rows)
    except Exception as error:  # the result is on disk: what tells about it must not make it a failure
        run.warn(
            "stop-test", f"whether the model ends its answers could not be tested: {type(error).__name__}: {error}"
        )


def _arguments(run: Run, rows: RunRows, *, device: str, dtype: str, micro_batch: int, steps: int) -> Any:
    from trl import SFTConfig

    from workbench.train.resolve import checkpointing

    spec = run.spec
    on_gpu = device.startswith("cuda")
    tenth = max(1, steps // 10)
    return SFTConfig(
        output_dir=str(run.folder.checkpoints),
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
        max_steps=steps,
        per_device_train_batch_size=micro_batch,
        per_device_eval_batch_size=micro_batch,
        gradient_accumulation_steps=spec.batch_size // micro_batch,
        optim=_OPTIMIZERS[spec.optimizer],
        learning_rate=spec.peak_learning_rate,
        lr_scheduler_type=spec.schedule,
        warmup_steps=round(spec.warmup * steps),
        weight_decay=spec.weight_decay,
        max_grad_norm=spec.max_grad_norm,
        seed=spec.seed,
        data_seed=spec.seed,
        bf16=dtype == "bfloat16",
        fp16=dtype == "float16",
        use_cpu=device == "cpu",
        gradient_checkpointing=checkpointing(spec, device),
        eval_strategy="steps" if rows.validation else "no",
        eval_steps=spec.eval_every or tenth,
        eval_on_start=bool(rows.validation) and not run.resume_from,
        save_strategy="steps",
        save_steps=spec.save_every or tenth,
        save_total_limit=None,
        logging_steps=1,
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        report_to="none",
        dataloader_pin_memory=on_gpu,
        include_num_input_tokens_seen="no",
    )


def _held_in(spec: RunSpec, dtype: str) -> str:
    """Weights that are trained are held in float32 (the optimizer's small steps would be lost in 16 bit)."""
    return dtype if isinstance(spec.tuning, AdapterTuning) and dtype != "float16" else "float32"


def _quantise(spec: RunSpec) -> Any:
    return spec.tuning.quantise if isinstance(spec.tuning, AdapterTuning) else "none"


def _quiet(trainer: Any) -> None:
    """Everything a person sees comes from the journal; the trainer's own printing stays out of the log."""
    from transformers.trainer_callback import PrinterCallback, ProgressCallback

    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)


def _facts(run: Run, trained: int, total: int) -> dict[str, Any]:
    spec, resolved = run.spec, run.folder.resolved
    return {
        "run": run.folder.name,
        "task": spec.task,
        "data": f"{spec.data.train} ({resolved['rows']} rows, sha256 {resolved['identity']['data'][:12]})",
        "tuning": " ".join(f"{key} {value}" for key, value in spec.tuning.model_dump().items()),
        "trained parameters": f"{trained:,} of {total:,}",
        "steps": f"{resolved['steps']} of {spec.batch_size} rows",
        "optimizer": spec.optimizer,
        "learning rate": f"{spec.peak_learning_rate:g}, {spec.schedule}",
        "last loss": run.folder.history().latest("loss"),
        "versions": ", ".join(f"{name} {version}" for name, version in resolved["versions"].items()),
    }
