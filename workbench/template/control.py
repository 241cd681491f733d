"""Control tokens written inside a message (a user who types `<|im_end|>`) are encoded as plain text.

Before rendering, each one is replaced by a mark of private-use characters; after rendering, the text is cut at
the control tokens that the template itself wrote, and every piece between them is encoded with its marks put
back and control tokens switched off. This is how a tokenizer works inside: it cuts at control tokens first.
"""

import re
from dataclasses import dataclass, replace
from typing import Any

from workbench.template.rendering import Rendered
from workbench.template.spans import Span
from workbench.template.writer import TemplateFailed, in_one_text

_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_MARK = re.compile(f"{_OPEN}(\\d{{1,9}}){_CLOSE}")


@dataclass(frozen=True)
class Pieces:
    """Token ids with the characters each one stands for, as offsets into the text."""

    input_ids: list[int]
    offsets: list[tuple[int, int]]


def control_pattern(tokenizer: Any) -> re.Pattern[str] | None:
    """Return a pattern for the tokenizer's control tokens, longest first, or None when it has none."""
    names = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    names.sort(key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names))) if names else None


def hide(value: Any, pattern: re.Pattern[str], found: list[str]) -> Any:
    """Return `value` with every control token inside its strings replaced by a mark; they are added to `found`."""

    def mark(match: re.Match[str]) -> str:
        found.append(match.group())
        return f"{_OPEN}{len(found) - 1}{_CLOSE}"

    if isinstance(value, str):
        if _OPEN in value:
            raise TemplateFailed(f"the row contains the private-use character U+{ord(_OPEN):X}", "remove it")
        return pattern.sub(mark, value)
    if isinstance(value, list):
        return [hide(item, pattern, found) for item in value]
    if isinstance(value, dict):
        if isinstance(value.get("role"), str):
            if pattern.search(value["role"]):
                raise TemplateFailed(f"the role {value['role']!r} contains a control token", "correct the role")
            value = in_one_text(value)  # a token may be written across two parts
        return {hide(key, pattern, found): hide(item, pattern, found) for key, item in value.items()}
    return value


def reveal(rendered: Rendered, found: list[str]) -> Rendered:
    """Return the rendering with the marks turned back into what they stand for, and its spans moved along."""
    text, moves = _revealed(rendered.text, found)

    def moved(spans: list[Span]) -> list[Span]:
        return [replace(span, start=_moved(span.start, moves), end=_moved(span.end, moves)) for span in spans]

    return replace(rendered, text=text, trained=moved(rendered.trained), turns=moved(rendered.turns))


def encode_hidden(tokenizer: Any, text: str, pattern: re.Pattern[str], found: list[str]) -> Pieces:
    """Encode `text` (with marks) so that only the control tokens written by the template act as such.

    Offsets point into the revealed text. Raises TemplateFailed when cutting at control tokens does not encode
    this tokenizer's text as a whole encode does.
    """
    input_ids: list[int] = []
    offsets: list[tuple[int, int]] = []
    base = 0
    for piece, is_control in _cut(text, pattern):
        shown = piece if is_control else _revealed(piece, found)[0]
        ids, places = _encode(tokenizer, shown, plain=not is_control)
        input_ids += ids
        offsets += [(start + base, end + base) for start, end in places]
        base += len(shown)
    _verify(tokenizer, text, pattern)
    return Pieces(input_ids, offsets)


def _verify(tokenizer: Any, text: str, pattern: re.Pattern[str]) -> None:
    whole = _encode(tokenizer, text, plain=False)[0]
    parts = [token for piece, _ in _cut(text, pattern) for token in _encode(tokenizer, piece, plain=False)[0]]
    if whole != parts:
        raise TemplateFailed(
            "a message contains a control token, and this tokenizer cannot encode it as plain text",
            "remove it from the message, or set allow_control_tokens: true",
        )


def _cut(text: str, pattern: re.Pattern[str]) -> list[tuple[str, bool]]:
    pieces, last = [], 0
    for match in pattern.finditer(text):
        pieces += [(text[last : match.start()], False), (match.group(), True)]
        last = match.end()
    pieces.append((text[last:], False))
    return [(piece, is_control) for piece, is_control in pieces if piece]


def _encode(tokenizer: Any, text: str, *, plain: bool) -> tuple[list[int], list[tuple[int, int]]]:
    encoded = tokenizer(
        text, add_special_tokens=False, return_offsets_mapping=True, split_special_tokens=plain, verbose=False
    )
    return encoded["input_ids"], encoded["offset_mapping"]


def _revealed(text: str, found: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """The text with marks turned back, and for each mark where it ended and how much longer the text became."""
    pieces, moves, last, grown = [], [], 0, 0
    for match in _MARK.finditer(text):
        if int(match.group(1)) >= len(found):  # a template's own
            continue
        original = found[int(match.group(1))]
        pieces += [text[last : match.start()], original]
        grown += len(original) - len(match.group())
        moves.append((match.end(), grown))
        last = match.end()
    return "".join([*pieces, text[last:]]), moves


def _moved(position: int, moves: list[tuple[int, int]]) -> int:
    shift = 0
    for end, grown in moves:
        if position < end:
            break
        shift = grown
    return position + shift
