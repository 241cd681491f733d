"""Save what was tuned: adapter or model, tokenizer, template and a model card, all or nothing."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.durable import sync
from workbench.lora.tasks import TASKS


def save_output(model: Any, tokenizer: Any, card: str, output: Path) -> None:
    """Write `output`, a folder that other tools load as it is. A folder of that name is replaced at the end only."""
    fresh = output.with_name(output.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    model.save_pretrained(fresh, safe_serialization=True)
    tokenizer.save_pretrained(fresh)
    (fresh / "README.md").write_text(card, encoding="utf-8")
    sync(fresh)
    shutil.rmtree(output, ignore_errors=True)
    fresh.rename(output)
    sync(output)


def model_card(
    facts: dict[str, Any], *, base: str, is_adapter: bool, task: str = "sft", vocabulary: int | None = None,
    stop_ids: Sequence[int] = (), pad_id: int | None = None,
) -> str:  # fmt: skip
    """Return a model card in the Hub's form: front matter, what it is, how it was made, how to load it.

    `vocabulary` is how many rows the embedding must have before an adapter with new tokens is put on its base;
    `stop_ids` are the tokens that end its answers and `pad_id` the one that fills a batch, for which an adapter has no
    file.
    """
    kind = "adapter (PEFT)" if is_adapter else "model"
    rows = "\n".join(f"| {name} | {value} |" for name, value in facts.items())
    library = "peft" if is_adapter else "transformers"
    labels = ", num_labels=1" if TASKS[task].labels == 1 else ""
    steps = [f"model = {TASKS[task].model}.from_pretrained({json.dumps(base) if is_adapter else 'FOLDER'}{labels})"]
    if is_adapter and vocabulary:
        steps.append(f"model.resize_token_embeddings({vocabulary})")
    if is_adapter:
        steps.append("model = PeftModel.from_pretrained(model, FOLDER)")
    if is_adapter and stop_ids:
        steps.append(f"model.generation_config.eos_token_id = {list(stop_ids)}")
    if is_adapter and pad_id is not None:
        steps.append(f"model.config.pad_token_id = {pad_id}")
    load = "\n".join(steps)
    made = "A fine-tuned" if task == "sft" else f"A {task}"
    return (
        f"---\nlibrary_name: {library}\nbase_model: {base}\ntags:\n- workbench\n- {task}\n---\n\n"
        f"# {facts['run']}\n\n{made} {kind} of `{base}`, made with Workbench.\n\n"
        f"| | |\n|---|---|\n{rows}\n\n## Load it\n\n```python\n{load}\n```\n"
    )
