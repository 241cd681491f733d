"""The same prompts answered by several models, with one copy of the weights wherever that is possible.

Base and plain LoRA adapters answer in one batch, row by row under its own adapter. Every other adapter (IA3 would
silently give the base row tuned logits; DoRA, prefixes and adapters of experts raise) answers from a model of its own.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.models.find import ModelFolder
from workbench.models.generate import Answer, Sampling, generate
from workbench.models.load import load_answering, load_model

_BASE = "__base__"
_ROWS_AT_ONCE = 16


@dataclass
class Loaded:
    """A model in memory that answers for one column, or for several through its adapters."""

    model: Any
    tokenizer: Any
    adapters: dict[str, str] = field(default_factory=dict)
    """The adapter that answers for each column."""
    is_mixed: bool = False

    def answer(
        self,
        prompts: dict[str, list[list[int]]],
        sampling: Sampling,
        tell: Callable[[int, str, str], None] | None = None,
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> Iterator[tuple[int, str, Answer]]:
        """Yield (row, column, answer) for the columns in `prompts`; all columns of a row share a batch.

        `tell` gets (row, column, text) as the text comes. Once `is_cancelled`, what is left is not answered.
        """
        asked = [column for column in self.adapters if column in prompts]
        rows = [(row, column, ids) for column in asked for row, ids in enumerate(prompts[column])]
        rows.sort(key=lambda item: item[0])
        size = _ROWS_AT_ONCE * max(1, len(asked))
        for start in range(0, len(rows), size):
            if is_cancelled():
                return
            batch = rows[start : start + size]
            names = [self.adapters[column] for _, column, _ in batch] if self.is_mixed else None
            answers = generate(
                self.model,
                self.tokenizer,
                [ids for *_, ids in batch],
                sampling,
                adapters=names,
                tell=_named(batch, tell) if tell else None,
                is_cancelled=is_cancelled,
            )
            for (row, column, _), answer in zip(batch, answers, strict=True):
                yield row, column, answer


def _named(batch: Sequence[tuple[int, str, Any]], tell: Callable[[int, str, str], None]) -> Callable[[int, str], None]:
    """Tell the text of a batch's rows under their own row and column."""
    return lambda number, text: tell(*batch[number][:2], text)


def load(columns: Sequence[dict[str, Any]], *, dtype: str, device: str) -> list[Loaded]:
    """Load what the columns need (see workbench.runs.columns.Column), sharing weights between them."""
    from transformers import AutoTokenizer

    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for column in columns:
        shares = column["adapter"] is None or is_plain_lora(Path(column["adapter"]))
        groups.setdefault((column["folder"], "" if shares else column["name"]), []).append(column)
    loaded = []
    for (folder, _), members in groups.items():
        tokenizer = AutoTokenizer.from_pretrained(
            members[-1]["tokenizer"], local_files_only=True, trust_remote_code=False
        )
        if len(members) > 1:
            model, adapters = _shared(Path(folder), members, dtype=dtype, device=device)
            loaded.append(Loaded(model, tokenizer, adapters, is_mixed=True))
        else:
            model = load_answering(folder_of(members[0]), dtype=dtype, device=device)
            loaded.append(Loaded(model, tokenizer, {members[0]["name"]: _BASE}))
    return loaded


def folder_of(column: dict[str, Any]) -> ModelFolder:
    """Return where the model of one column is."""
    adapter = column["adapter"]
    return ModelFolder(column["name"], Path(column["folder"]), "folder", Path(adapter) if adapter else None, None)


def is_plain_lora(adapter: Path) -> bool:
    """Whether rows under this adapter may share a batch with rows of the base model."""
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    return (
        config.get("peft_type") == "LORA"
        and not config.get("use_dora")
        and not config.get("target_parameters")
        and not config.get("modules_to_save")
        and not config.get("trainable_token_indices")
        and config.get("bias", "none") == "none"
    )


def _shared(folder: Path, members: list[dict[str, Any]], *, dtype: str, device: str) -> tuple[Any, dict[str, str]]:
    from peft import PeftModel

    model = load_model(folder, dtype=dtype, device=device)
    adapters: dict[str, str] = {}
    for member in members:
        if member["adapter"] is None:
            adapters[member["name"]] = _BASE
            continue
        name = f"adapter{len(adapters)}"
        if isinstance(model, PeftModel):
            model.load_adapter(member["adapter"], adapter_name=name)
        else:
            model = PeftModel.from_pretrained(model, member["adapter"], adapter_name=name)
        adapters[member["name"]] = name
    return model.eval(), adapters
