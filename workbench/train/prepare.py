"""What every recipe begins with: the model loaded and tuned for the task, the plan of the run, its predicted memory."""

from dataclasses import dataclass
from typing import Any

from workbench.errors import WorkbenchError
from workbench.lora.parts import Optimizer
from workbench.lora.spec import AdapterTuning
from workbench.models.find import ModelFolder
from workbench.runs.spec import RunSpec
from workbench.train.memory import Peak, predict
from workbench.train.resolve import Plan, checkpointing, resolve
from workbench.train.rows import RunRows
from workbench.train.run import Run

_OPTIMIZERS: dict[Optimizer, str] = {
    "adamw": "adamw_torch_fused",
    "adamw-8bit": "adamw_8bit",
    "paged-adamw-8bit": "paged_adamw_8bit",
    "adafactor": "adafactor",
    "sgd": "sgd",
}
"""What the trainer calls them."""


@dataclass
class Ready:
    """A run that can be trained."""

    run: Run
    rows: RunRows
    found: ModelFolder
    model: Any
    tokenizer: Any
    device: str
    dtype: str
    has_new_tokens: bool
    trained: int
    """How many parameters are trained."""
    total: int
    plan: Plan
    peak: Peak

    @property
    def is_adapter(self) -> bool:
        """Whether an adapter is saved, and not the model."""
        return isinstance(self.run.spec.tuning, AdapterTuning)


def prepare(run: Run, rows: RunRows, found: ModelFolder, device: str) -> Ready:
    """Load and tune the model for the run's task on `device`, and write resolved.json and the memory that it needs."""
    from transformers import AutoTokenizer, set_seed

    from workbench.models.load import compute_dtype, load_model, parameters, tuned
    from workbench.models.vocabulary import add_tokens, make_room, vocabulary_of

    spec = run.spec
    peak = Peak(device)
    set_seed(spec.seed)  # a head that is new begins at random
    dtype = compute_dtype(spec.dtype, device)
    tokenizer = AutoTokenizer.from_pretrained(found.folder, local_files_only=True, trust_remote_code=False)
    if spec.template:
        tokenizer.chat_template = rows.template
    new = add_tokens(tokenizer, rows.new_tokens, rows.eos_token)
    model = load_model(
        found.folder, dtype=_held_in(spec, dtype), device=device, quantise=spec.quantise, task=spec.task.kind
    )
    make_room(model, new)
    if new:
        run.note(f"added {', '.join(rows.new_tokens)}: the embedding has {vocabulary_of(model):,} rows now")
    if rows.sequences > 1:
        _settle_padding(model, tokenizer, found)
    model = tuned(model, spec.tuning, new, task=spec.task.kind)
    trained, total = parameters(model)
    peak.note("loading")
    plan = resolve(run, rows, model, device=device, dtype=dtype, trained=trained, total=total)
    predict(
        run, rows, model, found.folder, peak,
        dtype=dtype, micro_batch=plan["micro_batch"], checkpointing=checkpointing(spec, device),
    )  # fmt: skip
    run.check_stop()
    return Ready(run, rows, found, model, tokenizer, device, dtype, bool(new), trained, total, plan, peak)


def arguments(ready: Ready) -> dict[str, Any]:
    """Return what the configuration of each of TRL's trainers is told, in its words."""
    run, spec, device, dtype = ready.run, ready.run.spec, ready.device, ready.dtype
    has_validation = bool(ready.rows.validation)
    micro_batch, steps = ready.plan["micro_batch"], ready.plan["steps"]
    tenth = max(1, steps // 10)
    return {
        "output_dir": str(run.folder.checkpoints),
        "max_length": None,
        "max_steps": steps,
        "per_device_train_batch_size": micro_batch,
        "per_device_eval_batch_size": micro_batch,
        "gradient_accumulation_steps": spec.batch_size // micro_batch,
        "optim": _OPTIMIZERS[spec.optimizer],
        "learning_rate": spec.peak_learning_rate,
        "lr_scheduler_type": spec.schedule,
        "warmup_steps": round(spec.warmup * steps),
        "weight_decay": spec.weight_decay,
        "max_grad_norm": spec.max_grad_norm,
        "seed": spec.seed,
        "data_seed": spec.seed,
        "bf16": dtype == "bfloat16",
        "fp16": dtype == "float16",
        "use_cpu": device == "cpu",
        "gradient_checkpointing": checkpointing(spec, device),
        "eval_strategy": "steps" if has_validation else "no",
        "eval_steps": spec.eval_every or tenth,
        "eval_on_start": has_validation and not run.resume_from,
        "save_strategy": "steps",
        "save_steps": spec.save_every or tenth,
        "save_total_limit": None,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "disable_tqdm": True,
        "report_to": "none",
        "dataloader_pin_memory": device.startswith("cuda"),
        "include_num_input_tokens_seen": "no",
    }


def _settle_padding(model: Any, tokenizer: Any, found: ModelFolder) -> None:
    """Agree on a padding token: a score is read at the last token that is none."""
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    if tokenizer.pad_token_id is None:
        raise WorkbenchError(
            f"{found.name}: the tokenizer has neither a padding token nor an EOS, so a row's end cannot be found",
            "add pad_token to its tokenizer_config.json",
        )
    model.config.get_text_config().pad_token_id = tokenizer.pad_token_id


def _held_in(spec: RunSpec, dtype: str) -> str:
    """Weights that are trained are held in float32 (the optimizer's small steps would be lost in 16 bit)."""
    return dtype if isinstance(spec.tuning, AdapterTuning) and dtype != "float16" else "float32"
