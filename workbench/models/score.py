"""Scores of answers by a reward model: one number for each sequence of tokens, whatever it shares a batch with.

A classifier of several labels, such as one of sentiment, is a reward model too: the score is the logit of one label.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import WrongUse
from workbench.lora.spec import Quantisation
from workbench.models.find import ModelFolder
from workbench.models.load import load_model
from workbench.models.vocabulary import make_room_for_adapter

TOKENS_AT_ONCE = 16_384
_GOOD = ("positive", "pos")
"""What a label is called that stands for a good answer."""


@dataclass(frozen=True)
class Scorer:
    """A reward model in memory."""

    model: Any
    pad_id: int
    dtype: str
    label: int = 0

    def score(self, rows: Sequence[Sequence[int]], seen: Callable[[int], None] = lambda _done: None) -> list[float]:
        """Return a score for each row of token ids."""
        return scores(self.model, rows, pad_id=self.pad_id, dtype=self.dtype, label=self.label, seen=seen)


def load_scorer(
    found: ModelFolder, *, dtype: str, device: str, quantise: Quantisation = "none", label: str | None = None
) -> Scorer:
    """Return the reward model in a folder, its weights held as `quantise` says; `label` names the one whose logit is
    the score.

    Raises WrongUse when it is none, and when the label is not clear.
    """
    from transformers import AutoTokenizer

    _check_kind(found)
    tokenizer = AutoTokenizer.from_pretrained(found.tokenizer_folder, local_files_only=True, trust_remote_code=False)
    task = "reward" if found.adapter else "classify"
    model = load_model(found.folder, dtype=dtype, device=device, quantise=quantise, task=task)
    if found.adapter is not None:
        from peft import PeftModel

        make_room_for_adapter(model, found.adapter)
        model = PeftModel.from_pretrained(model, found.adapter)
    config = model.config.get_text_config()
    pad_id = next((each for each in (tokenizer.pad_token_id, tokenizer.eos_token_id) if each is not None), 0)
    config.pad_token_id = pad_id
    return Scorer(model.eval(), pad_id, dtype, label_of(model.config.id2label, label, found.name))


def label_of(labels: Mapping[int, str], asked: str | None, name: str) -> int:
    """Return the number of the label whose logit is the score: the one asked for, the only one, or the positive one.

    Of LABEL_0 and LABEL_1 the second is positive. Raises WrongUse when it is none of these.
    """
    by_name = {each.lower(): number for number, each in labels.items()}
    if len(labels) == 1 and asked is None:
        return 0
    if asked is not None and asked.lower() in by_name:
        return by_name[asked.lower()]
    here = ", ".join(labels.values())
    if asked is not None:
        raise WrongUse(f"{name} has no label {asked}", f"its labels: {here}")
    known = next((by_name[each] for each in _GOOD if each in by_name), None)
    if known is None and set(by_name) == {"label_0", "label_1"}:
        known = by_name["label_1"]
    if known is None:
        raise WrongUse(f"{name} tells {len(labels)} labels apart, and none is called positive", f"--label, of: {here}")
    return known


def _check_kind(found: ModelFolder) -> None:
    """Refuse what has no head for scores: one that begins at random would score at random."""
    if found.adapter is not None:
        kind = _read(found.adapter / "adapter_config.json").get("task_type")
        is_one, what = kind == "SEQ_CLS", f"an adapter for {kind}"
    else:
        names = _read(found.folder / "config.json").get("architectures") or ["a model without a named architecture"]
        is_one, what = str(names[0]).endswith("ForSequenceClassification"), str(names[0])
    if not is_one:
        raise WrongUse(
            f"{found.name} scores nothing: it is {what}", "name a reward model; a run makes one: task: reward"
        )


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def scores(
    model: Any, rows: Sequence[Sequence[int]], *, pad_id: int, dtype: str, label: int = 0,
    seen: Callable[[int], None] = lambda _done: None,
) -> list[float]:  # fmt: skip
    """Return the model's logit of `label` for each row of token ids; `seen` hears how many rows are done.

    Long rows come first, so that memory runs out at once or not at all.
    """
    import torch

    model.eval()
    found = [0.0] * len(rows)
    done = 0
    place = next(model.parameters()).device
    with (
        torch.inference_mode(),
        torch.autocast(place.type, dtype=getattr(torch, dtype), enabled=dtype != "float32"),
    ):
        for batch in _batches(rows):
            width = max(len(rows[index]) for index in batch)
            ids = [[*rows[index], *[pad_id] * (width - len(rows[index]))] for index in batch]
            mask = [[1] * len(rows[index]) + [0] * (width - len(rows[index])) for index in batch]
            logits = model(
                input_ids=torch.tensor(ids, device=place), attention_mask=torch.tensor(mask, device=place)
            ).logits
            for index, score in zip(batch, logits[:, label].float().tolist(), strict=True):
                found[index] = score
            done += len(batch)
            seen(done)
    return found


def _batches(rows: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The indices of the rows, those of like length together."""
    batch: list[int] = []
    for index in sorted(range(len(rows)), key=lambda index: -len(rows[index])):
        if batch and (len(batch) + 1) * len(rows[batch[0]]) > TOKENS_AT_ONCE:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
