"""Save what was tuned: adapter or model, tokenizer, template and a model card, all or nothing."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.durable import sync


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
    facts: dict[str, Any], *, base: str, is_adapter: bool, vocabulary: int | None = None,
    stop_ids: Sequence[int] = (),
) -> str:  # fmt: skip
    """Return a model card in the Hub's form: front matter, what it is, how it was made, how to load it.

    `vocabulary` is how many rows the embedding must have before an adapter with new tokens is put on its base;
    `stop_ids` are the tokens that end its answers, which an adapter has no file for.
    """
    kind = "adapter (PEFT)" if is_adapter else "model"
    rows = "\n".join(f"| {name} | {value} |" for name, value in facts.items())
    library = "peft" if is_adapter else "transformers"
    steps = [f"model = AutoModelForCausalLM.from_pretrained({json.dumps(base) if is_adapter else 'FOLDER'})"]
    if is_adapter and vocabulary:
        steps.append(f"model.resize_token_embeddings({vocabulary})")
    if is_adapter:
        steps.append("model = PeftModel.from_pretrained(model, FOLDER)")
    if is_adapter and stop_ids:
        steps.append(f"model.generation_config.eos_token_id = {list(stop_ids)}")
    load = "\n".join(steps)
    return (
        f"---\nlibrary_name: {library}\nbase_model: {base}\ntags:\n- workbench\n- sft\n---\n\n"
        f"# {facts['run']}\n\nA fine-tuned {kind} of `{base}`, made with Workbench.\n\n"
        f"| | |\n|---|---|\n{rows}\n\n## Load it\n\n```python\n{load}\n```\n"
    )
