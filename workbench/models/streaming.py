"""The tokens of a batch as text while they are written, row by row; TextIteratorStreamer takes one row only.

What is sent of a row, put together, is the text of its answer: no half characters, no white space at either end.
"""

import time
from collections.abc import Callable
from typing import Any

FLUSH_SECONDS = 1 / 12
_HALF = "\ufffd"

Tell = Callable[[int, str], None]
"""Called with a row and the text that came."""


class RowText:
    """The text of one row, from the tokens that came so far."""

    def __init__(self, tokenizer: Any, stops: set[int]) -> None:
        self._tokenizer = tokenizer
        self._stops = stops
        self._ids: list[int] = []
        self._shown = 0  # tokens whose text was taken
        self._context = 0  # decoding begins a little before those, for a token's text depends on its neighbours
        self._blank = ""  # white space that is only sent when something follows it
        self._has_begun = False
        self._waiting = ""
        self.has_ended = False

    def add(self, token: int) -> None:
        """Take the next token."""
        if self.has_ended:
            return
        if token in self._stops:
            self.has_ended = True
            return
        self._ids.append(token)
        self._decode(is_last=False)

    def finish(self) -> None:
        """Take what was held back as half a character: no other half will come."""
        self._decode(is_last=True)

    def _decode(self, *, is_last: bool) -> None:
        before = self._decoded(self._ids[self._context : self._shown])
        text = self._decoded(self._ids[self._context :])
        if len(text) > len(before) and (is_last or not text.endswith(_HALF)):
            self._take(text[len(before) :])
            self._context, self._shown = self._shown, len(self._ids)

    def _decoded(self, ids: list[int]) -> str:
        text: str = self._tokenizer.decode(ids, skip_special_tokens=True)
        return text

    def _take(self, text: str) -> None:
        text = self._blank + text if self._has_begun else text.lstrip()
        kept = text.rstrip()
        self._blank = text[len(kept) :] if kept or self._has_begun else ""
        self._has_begun = self._has_begun or bool(kept)
        self._waiting += kept

    def flush(self) -> str:
        """Return the text that came since the last call."""
        waiting, self._waiting = self._waiting, ""
        return waiting


class Stream:
    """A streamer for `model.generate`: takes each step's tokens, tells the text a few times a second.

    `seconds` is how long each row took to its end.
    """

    def __init__(self, tokenizer: Any, stops: set[int], rows: int, tell: Tell | None) -> None:
        self._rows = [RowText(tokenizer, stops) for _ in range(rows)]
        self._stops = stops
        self._tell = tell
        self._is_prompt = True
        self._begun = time.monotonic()
        self._flushed = 0.0
        self._has_ended = [False] * rows
        self.seconds = [0.0] * rows

    def put(self, value: Any) -> None:
        """Take the prompt, which comes first, or the next token of every row."""
        if self._is_prompt:
            self._is_prompt = False
            return
        now = time.monotonic()
        for number, token in enumerate(value.tolist()):
            if not self._has_ended[number]:
                self.seconds[number] = now - self._begun
                self._has_ended[number] = token in self._stops
            if self._tell is not None:
                self._rows[number].add(token)
        if self._tell is not None and now - self._flushed >= FLUSH_SECONDS:
            self._flushed = now
            self._flush()

    def end(self) -> None:
        """Tell what is left."""
        for row in self._rows:
            row.finish()
        self._flush()

    def _flush(self) -> None:
        for number, row in enumerate(self._rows):
            text = row.flush()
            if text and self._tell is not None:
                self._tell(number, text)
