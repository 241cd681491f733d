"""The one boundary between text from outside and a terminal.

Data, models, templates and servers may send escape sequences, invisible or direction-changing characters.
`printable()` turns each of them into something that can be seen and does nothing.
"""

import unicodedata

_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


class _Glyphs(dict[int, str]):
    """Maps a code point to what is shown for it; filled on demand, as `str.translate` asks."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        if code < 0x20:
            glyph = chr(0x2400 + code)
        elif category == "Cs":
            glyph = "\ufffd"
        else:
            glyph = f"‹{code:X}›" if category in _INVISIBLE else character
        self[code] = glyph
        return glyph


_ONE_LINE = _Glyphs({0x0A: "⏎", 0x09: "⇥", 0x7F: "␡"})
_LINES = _Glyphs({0x0A: "\n", 0x09: "\t", 0x7F: "␡"})


def printable(text: str, *, newlines: bool = False) -> str:
    """Return `text` with every control, format and private-use character made visible.

    With `newlines`, line feeds and tabs stay as they are, for text shown over several lines.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_LINES if newlines else _ONE_LINE)
