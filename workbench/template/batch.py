"""Many rows at once: each is rendered alone, their texts become tokens together, on all cores.

The answers are those of `Encoder.encode`, row by row; a row that cannot be encoded is answered with what it raised.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from workbench.template.control import Pieces
from workbench.template.encoder import Encoder, Tokens, Written

BATCH_SECONDS = 0.25
"""A batch is answered when it has taken so long, whole or not: who waits for its first row cannot wait for ever."""
_CHARACTERS = 1 << 18  # of a batch: what tokenizers keep of a text is a hundred times as large
Result = TypeVar("Result")


def encode_rows(encoder: Encoder, rows: Iterable[dict[str, Any]]) -> Iterator[Tokens | Exception]:
    """Yield for each row its tokens, or what was raised about it."""
    batch: list[Written | Exception] = []
    size, began = 0, time.monotonic()
    for row in rows:
        written = _tried(encoder.write, row)
        length = len(written.rendered.text) if isinstance(written, Written) else 0
        if batch and size + length > _CHARACTERS:
            yield from _encoded(encoder, batch)
            batch, size, began = [], 0, time.monotonic()
        batch.append(written)
        size += length
        if time.monotonic() - began > BATCH_SECONDS:
            yield from _encoded(encoder, batch)
            batch, size, began = [], 0, time.monotonic()
    yield from _encoded(encoder, batch)


def _encoded(encoder: Encoder, batch: list[Written | Exception]) -> Iterator[Tokens | Exception]:
    together = {**_together(encoder, batch, is_chat=True), **_together(encoder, batch, is_chat=False)}
    for place, written in enumerate(batch):
        if isinstance(written, Exception):
            yield written
        elif place in together:
            yield _tried(encoder.tokens, written, together[place])
        else:
            yield _tried(encoder.encoded, written)


def _together(encoder: Encoder, batch: list[Written | Exception], *, is_chat: bool) -> dict[int, Pieces]:
    """The tokens of the texts that can become tokens at once, by their place; none when one of them is no text."""
    texts = {
        place: written.rendered.text
        for place, written in enumerate(batch)
        if isinstance(written, Written) and written.rendered.is_chat is is_chat and not written.found
    }
    encode = encoder.tokenizer.backend_tokenizer.encode_batch
    encoded = _tried(partial(encode, list(texts.values()), add_special_tokens=not is_chat))
    if isinstance(encoded, Exception):
        return {}
    return {place: Pieces(each.ids, each.offsets) for place, each in zip(texts, encoded, strict=True)}


def _tried(work: Callable[..., Result], *arguments: Any) -> Result | Exception:
    try:
        return work(*arguments)
    except Exception as error:  # an odd row costs its answer, not the others'
        return error
