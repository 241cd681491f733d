"""Answers to prompts: a batch is padded on the left, decoded greedily or sampled, and each row says why it ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.models.streaming import Stream, Tell


@dataclass(frozen=True)
class Sampling:
    """How answers are drawn. Temperature 0 is greedy."""

    max_new_tokens: int = 64
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 7


@dataclass(frozen=True)
class Answer:
    """What a model wrote: its text without control tokens, how many tokens, why it ended, and how long it took."""

    text: str
    tokens: int
    finish: Literal["stop", "length", "cancelled"]
    seconds: float = field(default=0.0, compare=False)
    """From the start of its batch."""


def generate(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[Sequence[int]],
    sampling: Sampling,
    *,
    adapters: Sequence[str] | None = None,
    tell: Tell | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> list[Answer]:
    """Answer each prompt (token ids). `adapters` names, row by row, the LoRA adapter to use (`__base__` for none).

    The rows of one call share a batch; the caller sorts and cuts prompts into batches that fit. `tell` gets the text
    of each row as it comes; once `is_cancelled`, the rows end with what they have. Of the model's own generation
    configuration only the stop tokens count: its top_k or repetition_penalty would draw one column otherwise than
    another, and than `sampling` says.
    """
    import torch
    from transformers import GenerationConfig, StoppingCriteriaList

    torch.manual_seed(sampling.seed)
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id or 0
    width = max(map(len, prompts))
    ids = torch.tensor([[pad] * (width - len(prompt)) + list(prompt) for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    stops = stop_ids(model, tokenizer)
    stream = Stream(tokenizer, stops, len(prompts), tell)
    drawn = {"do_sample": True, "temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0}
    model.generation_config = GenerationConfig(eos_token_id=sorted(stops) or None, pad_token_id=pad)
    with torch.inference_mode():
        written = model.generate(
            input_ids=ids.to(model.device),
            attention_mask=mask.to(model.device),
            max_new_tokens=sampling.max_new_tokens,
            streamer=stream,
            stopping_criteria=StoppingCriteriaList([_Cancel(is_cancelled)]),
            **(drawn if sampling.temperature > 0 else {"do_sample": False}),
            **({"adapter_names": list(adapters)} if adapters else {}),
        )
    rows = [row[width:].tolist() for row in written]
    return [
        _answer(tokenizer, row, stops, seconds, sampling.max_new_tokens)
        for row, seconds in zip(rows, stream.seconds, strict=True)
    ]


class _Cancel:
    """Ends all rows of a batch at once."""

    def __init__(self, is_cancelled: Callable[[], bool]) -> None:
        self._is_cancelled = is_cancelled

    def __call__(self, input_ids: Any, _scores: Any, **_: Any) -> Any:
        import torch

        return torch.full((input_ids.shape[0],), self._is_cancelled(), dtype=torch.bool, device=input_ids.device)


def stop_ids(model: Any, tokenizer: Any) -> set[int]:
    """The tokens that end an answer: those of the generation configuration and the tokenizer's EOS."""
    stops = model.generation_config.eos_token_id
    found = {stops} if isinstance(stops, int) else set(stops or [])
    return found | ({tokenizer.eos_token_id} if tokenizer.eos_token_id is not None else set())


def _answer(tokenizer: Any, written: list[int], stops: set[int], seconds: float, limit: int) -> Answer:
    end = next((position for position, token in enumerate(written) if token in stops), None)
    kept = written if end is None else written[:end]
    text = tokenizer.decode(kept, skip_special_tokens=True).strip()
    if end is not None:
        return Answer(text, len(kept) + 1, "stop", seconds)
    return Answer(text, len(kept), "length" if len(kept) >= limit else "cancelled", seconds)
