"""The stop test: does the tuned model end its answers? Asked on a few rows, and kept in the run's journal.

A model that was never trained to stop looks well by its loss, and talks on without end when it is used.
"""

from typing import Any

from workbench.template.encoder import IGNORED
from workbench.train.rows import Encoded, RunRows
from workbench.train.run import Run

PROMPTS = 8
_LEAST, _MOST = 32, 256  # new tokens
_ROOM = 2  # times the longest answer of the rows that are asked


def stop_test(run: Run, model: Any, tokenizer: Any, rows: RunRows) -> None:
    """Have the model answer the first prompts, held-out ones where there are any, greedily and in one batch.

    Each answer becomes a sample in the journal; answers that do not end within the limit are warned of. The limit is
    twice the longest answer of these rows, at least 32 and at most 256 tokens.
    """
    import torch

    asked = [row for row in rows.validation or rows.train if row["labels"][0] == IGNORED][:PROMPTS]
    if not asked:
        return
    prompts = [_prompt(row) for row in asked]
    longest = max(len(row["input_ids"]) - len(prompt) for row, prompt in zip(asked, prompts, strict=True))
    limit = min(max(_ROOM * longest, _LEAST), _MOST)
    stops = tokenizer.convert_tokens_to_ids(rows.stop_tokens)
    width, pad = max(map(len, prompts)), tokenizer.pad_token_id if tokenizer.pad_token_id is not None else stops[0]
    ids = torch.tensor([[pad] * (width - len(prompt)) + prompt for prompt in prompts], device=model.device)
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=model.device)
    model.eval()
    with torch.no_grad():
        answers = model.generate(
            input_ids=ids, attention_mask=mask, max_new_tokens=limit, do_sample=False, eos_token_id=stops,
            pad_token_id=pad,
        )  # fmt: skip
    ended = 0
    for prompt, whole in zip(prompts, answers.tolist(), strict=True):
        answer = whole[width:]
        at = next((place for place, token in enumerate(answer) if token in stops), None)
        ended += at is not None
        run.journal.write(
            "sample", step=run.state.step, prompt=tokenizer.decode(prompt), text=tokenizer.decode(answer[:at]),
            tokens=len(answer) if at is None else at + 1, ended=at is not None,
        )  # fmt: skip
    if ended < len(asked):
        run.warn(
            "does-not-stop",
            f"{len(asked) - ended} of {len(asked)} answers did not end within {limit} tokens",
            asked=len(asked), ended=ended, limit=limit,
        )  # fmt: skip


def _prompt(row: Encoded) -> list[int]:
    """What comes before the first trained token."""
    first = next((place for place, label in enumerate(row["labels"]) if label != IGNORED), len(row["labels"]))
    ids: list[int] = row["input_ids"]
    return ids[:first]
