"""Many rows at once: each is rendered alone, their texts become tokens together, on all cores.

The answers are those of `Encoder.encode`, row by row; a row that cannot be encoded is answered with what it raised.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from workbench.template.control import Pieces
from workbench.template.encoder import Encoder, Tokens, Written
from workbench.template.pairs import Pair, encode_pair, is_pair

_ROWS = 64
_CHARACTERS = 1 << 18  # of a batch: what tokenizers keep of a text is a hundred times as large
_SECONDS = 0.25  # after so long a batch is done, full or not: who waits for its first row cannot wait for ever
Result = TypeVar("Result")
Batch = list[Written | Pair | Exception]


def encode_together(encoder: Encoder, rows: Iterable[dict[str, Any]]) -> Iterator[list[Tokens | Pair | Exception]]:
    """Yield for each row its tokens, or what was raised about it, batch by batch. Pairs are encoded alone."""
    for batch in _written(encoder, rows):
        pieces = {**_together(encoder, batch, is_chat=True), **_together(encoder, batch, is_chat=False)}
        yield [_tried(partial(_tokens, encoder, written, pieces.get(place))) for place, written in enumerate(batch)]


def _written(encoder: Encoder, rows: Iterable[dict[str, Any]]) -> Iterator[Batch]:
    """The texts of rows, as many together as are soon tokenised."""
    batch: Batch = []
    size, began = 0, time.monotonic()
    for row in rows:
        written = _tried(encode_pair, encoder, row) if is_pair(row) else _tried(encoder.write, row)
        length = len(written.rendered.text) if isinstance(written, Written) else 0
        if batch and size + length > _CHARACTERS:
            yield batch
            batch, size, began = [], 0, time.monotonic()
        batch.append(written)
        size += length
        if len(batch) == _ROWS or time.monotonic() - began > _SECONDS:
            yield batch
            batch, size, began = [], 0, time.monotonic()
    if batch:
        yield batch


def _together(encoder: Encoder, batch: Batch, *, is_chat: bool) -> dict[int, Pieces]:
    """The tokens of the texts that need nothing else, by their place in the batch."""
    texts = {
        place: written.rendered.text
        for place, written in enumerate(batch)
        if isinstance(written, Written) and written.rendered.is_chat is is_chat and not written.found
    }
    encode = encoder.tokenizer.backend_tokenizer.encode_batch
    encoded = _tried(partial(encode, list(texts.values()), add_special_tokens=not is_chat))
    if isinstance(encoded, Exception):  # one of them is no text: each is asked alone
        return {}
    return {place: Pieces(each.ids, each.offsets) for place, each in zip(texts, encoded, strict=True)}


def _tokens(encoder: Encoder, written: Written | Pair | Exception, pieces: Pieces | None) -> Tokens | Pair:
    if isinstance(written, Exception):
        raise written
    if isinstance(written, Pair):
        return written
    return encoder.encoded(written) if pieces is None else encoder.tokens(written, pieces)


def _tried(work: Callable[..., Result], *arguments: Any) -> Result | Exception:
    try:
        return work(*arguments)
    except Exception as error:  # an odd row costs its answer, not the others'
        return error
