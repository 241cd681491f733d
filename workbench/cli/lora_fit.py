"""`workbench lora fit`: what a run needs of a device's memory, before it is started."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from workbench.cli.options import Json, here
from workbench.cli.tuning_options import Settings, takes_tuning, tuning_of

if TYPE_CHECKING:
    from workbench.models.devices import Device

_ROWS, _LENGTH = 8, 1024
_GPUS = (2, 4, 8)
_GIB = 2**30


class Optimizer(StrEnum):
    """What keeps states of what is trained."""

    adamw = "adamw"
    adamw_8bit = "adamw-8bit"
    paged_adamw_8bit = "paged-adamw-8bit"
    adafactor = "adafactor"
    sgd = "sgd"


class Task(StrEnum):
    """What is learned."""

    sft = "sft"
    causal = "causal"
    reward = "reward"
    dpo = "dpo"
    ppo = "ppo"
    grpo = "grpo"


class Attention(StrEnum):
    """How attention is computed."""

    sdpa = "sdpa"
    eager = "eager"
    flash = "flash"


class Dtype(StrEnum):
    """Of the forward pass."""

    auto = "auto"
    float32 = "float32"
    bfloat16 = "bfloat16"
    float16 = "float16"


class Fsdp(StrEnum):
    """What FSDP shares between devices."""

    full = "full"
    grad_op = "grad-op"


@takes_tuning
def fit(
    context: typer.Context,
    model: Annotated[str, typer.Argument(help="A folder, a Hub id, or starter; its weights are not needed.")],
    batch: Annotated[int, typer.Option("--batch", "-b", min=1, help="Rows per step, on each device.")] = _ROWS,
    micro_batch: Annotated[
        int | None, typer.Option("--micro-batch", min=1, help="Rows at once; by default all of the batch.")
    ] = None,
    length: Annotated[int, typer.Option("--length", "-l", min=1, help="Tokens of the longest row.")] = _LENGTH,
    optimizer: Annotated[Optimizer, typer.Option("--optimizer", help="What trains.")] = Optimizer.adamw,
    dtype: Annotated[Dtype, typer.Option("--dtype", help="Of the forward pass.")] = Dtype.auto,
    attention: Annotated[Attention, typer.Option("--attention", help="How it is computed.")] = Attention.sdpa,
    checkpointing: Annotated[
        bool | None, typer.Option("--checkpointing/--no-checkpointing", help="Compute activations twice; on a GPU.")
    ] = None,
    task: Annotated[Task, typer.Option("--task", help="What is learned; causal is a plain Trainer.")] = Task.sft,
    gpu: Annotated[float | None, typer.Option("--gpu", metavar="GIB", help="Judge against this much free.")] = None,
    devices: Annotated[int, typer.Option("--devices", min=1, help="How many share the work.")] = 1,
    zero: Annotated[
        int | None, typer.Option("--zero", min=0, max=3, help="The stage of ZeRO by which they share the states.")
    ] = None,
    fsdp: Annotated[Fsdp | None, typer.Option("--fsdp", help="The same in FSDP's words: full is stage 3.")] = None,
    new_tokens: Annotated[
        int, typer.Option("--new-tokens", min=0, help="Tokens that the tokenizer gets: their rows are trained too.")
    ] = 0,
    steps: Annotated[int | None, typer.Option("--steps", min=1, help="Of the run, for its time.")] = None,
    rate: Annotated[float | None, typer.Option("--rate", min=0, help="Price of a device for an hour.")] = None,
    as_json: Json = False,
    *,
    settings: Settings,
) -> None:
    """Say what a run needs of a device's memory, whether it fits, and what would make it fit."""
    from dataclasses import asdict, replace
    from functools import partial

    from workbench.cli import lora_fit_drawn
    from workbench.cli.output import document, say
    from workbench.errors import WrongUse
    from workbench.lora.fit import Plan
    from workbench.lora.fitting import fitting
    from workbench.lora.known import shapes_of
    from workbench.lora.memory import load_for
    from workbench.models.find import Need, find_model
    from workbench.models.place import place
    from workbench.runs.residuals import corrected, correction_as_json, residuals
    from workbench.runs.speed import last_speed

    if gpu is not None and gpu <= 0:
        raise WrongUse(f"--gpu {gpu:g} is no size of a memory", "give it in GiB, as 24")
    rows = micro_batch or batch
    if batch % rows:
        raise WrongUse(f"--batch {batch} is no multiple of --micro-batch {rows}", "make it one")
    workspace = here(context)
    chosen = tuning_of(settings, "lora fit")
    stage = _stage(zero, fsdp, devices)
    device = None if gpu else place(workspace.settings.device)
    kind: Literal["cuda", "mps", "cpu"] = device.kind if device else "cuda"

    def plan(on: Literal["cuda", "mps", "cpu"], *, bf16: bool) -> Plan:
        load = load_for(on, bf16=bf16, dtype=dtype.value, rows=rows, length=length, checkpointing=checkpointing)
        load = replace(load, optimizer=optimizer.value, attention=attention.value, task=task.value,
                       accumulates=rows < batch, zero=stage, devices=devices, new_tokens=new_tokens)  # fmt: skip
        return Plan(chosen, load, batch, partial(corrected, known=residuals(workspace, on)))

    speed = last_speed(workspace, kind)
    shapes = shapes_of(find_model(model, Need.CONFIG, say).folder, task="reward" if task is Task.reward else "sft")
    found = fitting(
        shapes,
        plan(kind, bf16=device.bf16 if device else True),
        plan("cuda", bf16=True),
        free=int(gpu * _GIB) if gpu else device.memory_free if device else 0,
        gpus=(devices,) if devices > 1 else _GPUS,
        devices=devices,
        steps=steps,
        speed=speed.tokens_per_second if speed else None,
        rate=workspace.settings.price_per_hour if rate is None else rate,
    )
    if as_json:
        document({**found.as_json(), "device": _device(device, gpu), "speed": asdict(speed) if speed else None,
                  "correction": correction_as_json(found.found)})  # fmt: skip
    else:
        lora_fit_drawn.draw(found, device, speed)


def _stage(zero: int | None, fsdp: Fsdp | None, devices: int) -> int:
    """The stage of ZeRO that either option says."""
    from workbench.errors import WrongUse

    if zero is not None and fsdp is not None:
        raise WrongUse("--zero and --fsdp say the same thing", "give one of them: FSDP's full shard is stage 3")
    stage = zero or (0 if fsdp is None else _FSDP[fsdp])
    if stage and devices == 1:
        raise WrongUse(f"stage {stage} shares a model between devices, and there is one", "give --devices N")
    return stage


_FSDP = {Fsdp.full: 3, Fsdp.grad_op: 2}


def _device(device: "Device | None", gpu: float | None) -> dict[str, Any]:
    """What it was judged against, and who else is there."""
    if device is None:
        return {"place": "cuda", "name": None, "free_gib": gpu, "total_gib": gpu, "processes": []}
    return {
        "place": device.place,
        "name": device.name,
        "free_gib": device.memory_free / _GIB,
        "total_gib": device.memory_total / _GIB,
        "processes": [
            {"pid": each.pid, "name": each.name, "owner": each.owner,
             "gib": None if each.memory is None else each.memory / _GIB}
            for each in device.processes
        ],
    }  # fmt: skip
