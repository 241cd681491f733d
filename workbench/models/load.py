"""Load a model for training or answering: its dtype, its device, its quantisation, its adapter."""

from functools import partial
from pathlib import Path
from typing import Any, Literal

from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.lora.part import trained_names
from workbench.lora.spec import AdapterTuning, AnyTuning, FullTuning, PartKind, Quantisation
from workbench.lora.tasks import TASKS
from workbench.lora.trained import copy_refused, on_head_refused
from workbench.models.adapters import is_linear, linear_names, peft_config
from workbench.models.find import ModelFolder
from workbench.models.vocabulary import NewTokens, make_room_for_adapter, trained_rows

Dtype = Literal["auto", "float32", "bfloat16", "float16"]


def compute_dtype(asked: Dtype, device: str) -> str:
    """Return the dtype of the forward pass: bfloat16 on a GPU that has it, float16 on an older one, else float32."""
    if asked != "auto":
        return asked
    if not device.startswith("cuda"):
        return "float32"
    import torch

    return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"


def torch_device(device: str) -> str:
    """Return the name of `device` inside a process that sees only that one. Raises Missing when torch cannot use it."""
    import torch

    if device.startswith("cuda"):
        if not torch.cuda.is_available():
            raise Missing("this torch cannot use the GPU", "workbench doctor names the command that mends it")
        return "cuda:0"
    return device


def load_model(folder: Path, *, dtype: str, device: str, quantise: Quantisation = "none", task: str = "sft") -> Any:
    """Return the model in `folder` with the head of a task; one that its weights do not have begins at random.

    Weights are read from safetensors only; no remote code runs.
    """
    import torch
    import transformers

    head = TASKS[task]
    options: dict[str, Any] = {"dtype": getattr(torch, dtype)} | ({"num_labels": head.labels} if head.labels else {})
    if quantise != "none":
        options["quantization_config"] = _quantisation(quantise, dtype, head.trained)
    try:
        model = getattr(transformers, head.model).from_pretrained(
            folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            device_map={"": torch_device(device)},
            **options,
        )
    except Exception as error:  # a broken folder breaks in as many ways as there are libraries behind this
        if type(error).__name__ == "OutOfMemoryError":
            raise
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise Missing(
            f"{folder}: the model cannot be loaded: {reason}", "check the folder, or name another model"
        ) from error
    if quantise == "nf4" and device == "cpu":
        _keep_layout(model)
    return model


def load_answering(model: ModelFolder, *, dtype: str, device: str) -> Any:
    """Return the model (with its adapter, where it has one) ready to answer."""
    loaded = load_model(model.folder, dtype=dtype, device=device)
    if model.adapter is not None:
        from peft import PeftModel

        make_room_for_adapter(loaded, model.adapter)
        loaded = PeftModel.from_pretrained(loaded, model.adapter)
    return loaded.eval()


def tuned(model: Any, tuning: AnyTuning, new: NewTokens | None = None, task: str = "sft") -> Any:
    """Return the model with what `tuning` and new tokens train set to be trained, and everything else frozen.

    A head that the task put on it is always trained. Raises WorkbenchError for what the model does not have, and for
    what would not be trained.
    """
    if isinstance(tuning, FullTuning):
        return model
    if not isinstance(tuning, AdapterTuning):
        return _with_part(model, tuning, new or {}, TASKS[task].trained)
    from peft import get_peft_model

    _refuse_quantised_copies(model, tuning)
    try:
        made = get_peft_model(model, peft_config(model, tuning, new or {}, TASKS[task].peft))
    except (ValueError, TypeError) as error:
        if isinstance(error, WorkbenchError):
            raise
        names = sorted({name.rpartition(".")[2] for name, part in model.named_modules() if is_linear(part)})
        raise WorkbenchError(f"tuning.target: {error}", f"linear modules here: {', '.join(names)}") from error
    return _with_head(made, has_rows=bool(new))


def _with_part(model: Any, tuning: PartKind, new: NewTokens, heads: tuple[str, ...]) -> Any:
    """Train a part of the model's own weights and its task's head (ends of names of modules).

    New tokens train the embedding and the output head, which hold their rows.
    """
    names = [name for name, _ in model.named_parameters(remove_duplicate=False)]
    chosen = trained_names(names, tuning, frozenset(linear_names(model)))
    if not chosen:
        raise WorkbenchError(f"tuning: this model has nothing that {tuning.kind} trains", "choose another tuning")
    layers = {*(trained_rows(model, new) or {}), *heads}
    model.requires_grad_(False)
    for name, parameter in model.named_parameters(remove_duplicate=False):
        if name in chosen or name.rpartition(".")[0].rpartition(".")[2] in layers:
            parameter.requires_grad = True
    return model


def _refuse_quantised_copies(model: Any, tuning: AdapterTuning) -> None:
    ends = getattr(tuning, "modules_to_save", ())
    for name, part in model.named_modules() if ends else ():
        if name.endswith(ends) and not all(each.is_floating_point() for each in part.parameters()):
            why, fix = copy_refused(name).split("; ")
            raise WrongUse(f"tuning.modules_to_save: {why}", fix)


def _with_head(model: Any, *, has_rows: bool) -> Any:
    """Make a model whose head is trained in a copy, or row by row, one that can be trained and saved.

    TRL's fused loss asks every head for its `bias`, which PEFT's wrapper hides; and PEFT would save the whole of a
    resized embedding with each checkpoint, though the adapter brings its rows along.
    """
    from peft.tuners.tuners_utils import BaseTunerLayer

    head = model.get_output_embeddings()
    if isinstance(head, BaseTunerLayer):
        name = next(name for name, part in model.get_base_model().named_modules() if part is head)
        why, fix = on_head_refused(name).split("; ")
        raise WrongUse(f"tuning.target: {why}", fix)
    if head is not None and not hasattr(head, "bias"):
        head.bias = getattr(head.original_module, "bias", None)
    if has_rows:
        model.save_pretrained = partial(model.save_pretrained, save_embedding_layers=False)
    return model


def parameters(model: Any) -> tuple[int, int]:
    """Return how many parameters are trained, and how many there are."""
    from peft import PeftModel

    if isinstance(model, PeftModel):  # it knows that two 4-bit weights share a byte
        trained, total = model.get_nb_trainable_parameters()
        return int(trained), int(total)
    sizes = [(parameter.numel(), parameter.requires_grad) for parameter in model.parameters()]
    return sum(size for size, is_trained in sizes if is_trained), sum(size for size, _ in sizes)


def _keep_layout(model: Any) -> None:
    """Keep 4-bit weights as they are for evaluation too.

    On CPUs with AVX512-BF16, bitsandbytes repacks them at the first evaluation, which fails for widths that its
    blocks do not divide.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def _quantisation(kind: Quantisation, dtype: str, heads: tuple[str, ...]) -> Any:
    """How weights are quantised; a task's head is trained, so it stays as it is."""
    import torch
    from transformers import BitsAndBytesConfig

    kept = {"llm_int8_skip_modules": list(heads)} if heads else {}
    if kind == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, **kept)
    return BitsAndBytesConfig(
        **kept,
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=getattr(torch, dtype),
    )
