"""Training speed, in tokens a second after warm-up: a run with default settings against TRL's trainer with its own.

The same model, rows, adapter and rows per step. Prints one JSON line; `ratio` above 1 means Workbench is faster.
    python -m tests.bench.train_speed [--steps 60]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from workbench.workspace import sample_data

_WARM_UP = 10


def ours(folder: Path, steps: int) -> float:
    """Run `train start` and read the pace from its journal."""
    spec = folder / "speed.yaml"
    spec.write_text(
        f"task: sft\nname: speed\nmodel: starter\ndata: {sample_data() / 'alpaca.json'}\n"
        f"max_steps: {steps}\nsave_every: {steps}\nlearning_rate: 1.0e-3\n"
    )
    command = [sys.executable, "-m", "workbench", "-C", str(folder), "train"]
    subprocess.run([*command, "start", str(spec), "--wait"], check=True, capture_output=True)
    shown = json.loads(subprocess.run([*command, "show", "speed", "--json"], check=True, capture_output=True).stdout)
    first, last = shown["history"][_WARM_UP - 1], shown["history"][-1]
    return float((last["tokens"] - first["tokens"]) / (last["time"] - first["time"]))


def theirs(steps: int) -> float:
    """Run TRL's SFTTrainer as its command would: its defaults, LoRA on all linear layers."""
    marks = subprocess.run(
        [sys.executable, "-m", "tests.bench.train_speed", "--peer", "--steps", str(steps)],
        check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    points = [json.loads(line) for line in marks if line.startswith('{"tokens"')]
    first, last = points[_WARM_UP - 1], points[-1]
    return float((last["tokens"] - first["tokens"]) / (last["time"] - first["time"]))


def peer(steps: int) -> None:
    """The peer's process: prints tokens and time at each step."""
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import TrainerCallback
    from trl import SFTConfig, SFTTrainer

    class Marks(TrainerCallback):  # type: ignore[misc]
        def on_log(self, *_: object, logs: dict[str, float], **__: object) -> None:
            if "num_tokens" in logs and "loss" in logs:
                print(json.dumps({"tokens": logs["num_tokens"], "time": time.time()}), flush=True)

    rows = json.loads((sample_data() / "alpaca.json").read_text(encoding="utf-8"))
    chats = [
        {
            "messages": [
                {"role": "user", "content": "\n\n".join(filter(None, (row["instruction"], row["input"])))},
                {"role": "assistant", "content": row["output"]},
            ]
        }
        for row in rows
    ]
    with tempfile.TemporaryDirectory() as folder:
        SFTTrainer(
            model=str(sample_data() / "starter"),
            args=SFTConfig(
                output_dir=folder, max_steps=steps, per_device_train_batch_size=16, learning_rate=1e-3,
                assistant_only_loss=True, use_cpu=True, logging_steps=1, report_to="none", save_strategy="no",
            ),
            train_dataset=Dataset.from_list(chats),
            peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"),
            callbacks=[Marks()],
        ).train()  # fmt: skip


def main() -> None:
    """Measure both, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.peer:
        return peer(asked.steps)
    with tempfile.TemporaryDirectory() as folder:
        mine = ours(Path(folder), asked.steps)
    other = theirs(asked.steps)
    figures = {"tokens_per_second": round(mine), "trl_defaults": round(other), "ratio": round(mine / other, 2)}
    return print(json.dumps({"bench": "train_speed", **figures}))


if __name__ == "__main__":
    main()
