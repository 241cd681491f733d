"""Characters that should not be in a text: control, invisible and lost ones, and text decoded wrongly.

Normal use is no problem: line ends, tabs, form feeds, soft hyphens, joiners within emoji and where a script needs
them, direction marks beside text that runs to the left. `mend` takes out or repairs exactly what is reported,
but for U+FFFD: what it stands for is lost.
"""

import re
import unicodedata
from collections.abc import Iterator

from workbench.data.check.problems import Finding

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\x81\x8d\x8f\x90\x9d]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile(
    "[\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0001-\U000e007f\U000e0100-\U000e01ef]"
)
_SUSPECT = re.compile(f"{_CONTROL.pattern}|{_SURROGATE.pattern}|{_INVISIBLE.pattern}|[\x80-\x9f\ufffdÂ-ô]")

# UTF-8 read as Windows-1252: what a leading byte and the bytes after it look like. A few letters suffice for what is
# common in Western text; of all others, which could be meant, two in succession.
_FROM_CP1252 = bytes(set(range(0x80, 0xA0)) - {0x81, 0x8D, 0x8F, 0x90, 0x9D}).decode("cp1252")
_BYTE = "".join(map(chr, range(0x80, 0xC0))) + _FROM_CP1252
_QUOTES = "‘’“”…‹›«»"
_DASHES = "–—"
_OTHER = "".join(sorted(set(_BYTE) - set(_QUOTES + _DASHES)))
_ANY = f"[{_BYTE}]"
_BEFORE_LETTER = r"(?=[^\W\d_])"
_MOJIBAKE = re.compile(
    f"(?:[Â-ß]{_ANY}|[à-ï]{_ANY}{_ANY}|[ð-ô]{_ANY}{_ANY}{_ANY}){{2,}}"
    f"|Â[\xa0-\xbf]|[ÃÄÅ](?:[{_OTHER}]|[{_QUOTES}]{_BEFORE_LETTER})|Ã[{_DASHES}]{_BEFORE_LETTER}"
    f"|â(?!…){_ANY}{_ANY}|ï(?:»¿|¿½|[¼½]{_ANY})|ð[Ÿ\x9f]{_ANY}{_ANY}"
)
_C1 = re.compile("[\x80\x82-\x8c\x8e\x91-\x9c\x9e\x9f]")

_NEEDS_JOINER = re.compile(
    "[\u0590-\u08ff\u0900-\u0dff\u0e00-\u109f\u1780-\u18af\ua840-\ua87f\ufb1d-\ufdff\ufe70-\ufefc]"
)
_TO_THE_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_FLAG = "\U0001f3f4"
_FLAG_END = "\U000e007f"


def is_suspect(text: str) -> bool:
    """Whether a closer look is worth it; quick."""
    return (_CONTROL if text.isascii() else _SUSPECT).search(text) is not None


def look_at_letters(text: str) -> Iterator[Finding]:
    """Return each problem of a text once, with the first piece of it."""
    wrong = next(_pieces(text), None)
    if wrong is not None:
        yield "mojibake", f"{wrong[0]} for {wrong[1]}" if wrong[1].isprintable() else _name(wrong[0][0])
    elif (found := _C1.search(text)) is not None:
        yield "mojibake", _name(found[0])
    for code, pattern in (("control-character", _CONTROL), ("lone-surrogate", _SURROGATE)):
        found = pattern.search(text if wrong is None else _repaired(text))
        if found is not None:
            yield code, _name(found[0])
    for found in _INVISIBLE.finditer(text):
        if not _is_normal(text, found.start()):
            yield "invisible-character", _name(found[0])
            break
    if "\ufffd" in text:
        yield "replacement-character", "U+FFFD"


def mend(text: str) -> str:
    """Return the text without what `look_at_letters` reports, U+FFFD excepted."""
    before = ""
    while text != before:
        before = text
        text = _repaired(text)
        text = _C1.sub(lambda found: found[0].encode("latin-1").decode("cp1252"), text)
        text = _SURROGATE.sub("", _CONTROL.sub("", _ANSI.sub("", text)))
        text = _INVISIBLE.sub(lambda found: found[0] if _is_normal(found.string, found.start()) else "", text)
    return text


def _repaired(text: str) -> str:
    parts, at = [], 0
    for found in _MOJIBAKE.finditer(text):
        meant = _meant(found[0])
        if meant is not None:
            parts += [text[at : found.start()], meant]
            at = found.end()
    return "".join([*parts, text[at:]])


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """What stands there wrongly, with what was meant."""
    for found in _MOJIBAKE.finditer(text):
        meant = _meant(found[0])
        if meant is not None:
            yield found[0], meant


def _meant(piece: str) -> str | None:
    """The text whose UTF-8 bytes, read as Windows-1252, are `piece`; None when there is none."""
    try:
        return b"".join(c.encode("latin-1" if c < "\u0100" else "cp1252") for c in piece).decode()
    except UnicodeError:
        return None


def _is_normal(text: str, at: int) -> bool:
    """Whether an invisible character is of use where it stands."""
    character, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    beside = before + after
    if character in "\u200c\u200d":
        return _NEEDS_JOINER.search(beside) is not None or (bool(before) and _is_picture(before) and bool(after))
    if character == "\u200b":
        return _NEEDS_JOINER.search(beside) is not None
    if character in "\u061c\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069":
        return _TO_THE_LEFT.search(text) is not None
    if "\U000e0020" <= character <= _FLAG_END:
        return _FLAG in text[max(0, at - 7) : at]
    if "\U000e0100" <= character <= "\U000e01ef":
        return "\u3400" <= before <= "\u9fff" or "\U00020000" <= before <= "\U0003ffff"
    return character in "\u115f\u1160" and "\u1100" <= after <= "\u11ff"


def _is_picture(character: str) -> bool:
    return unicodedata.category(character) in ("So", "Sk", "Sm", "Mn", "Me")


def _name(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X} {name}".rstrip()
