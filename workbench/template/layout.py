"""Tokens laid out in lines of terminal cells, a turn after the other: for the Template pane and for the command.

Every character can be seen and has a width that terminals agree on, so that a mark below a token stands below it.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, groupby
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

from workbench.printable import printable
from workbench.template.seen import Token

_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_UNSEEN = re.compile(
    "[\u00a0\u1680\u2000-\u200a\u202f\u205f"  # spaces that look like the usual one
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # letters and joiners without a shape
    "\ufe00-\ufe0f\U000e0100-\U000e01ef"  # variation selectors: terminals disagree about their width
    "\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff]"  # so do they about skin tones and the letters of flags
)
_HOLDER = "◌"
"""What a combining character is drawn on when its token has no letter for it."""


class Piece(NamedTuple):
    """What is drawn of a token on one line."""

    token: int
    """The place of the token in the row, counted from 0."""
    text: str
    column: int
    """In cells, from the left end of the line."""
    width: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a turn, with a line of marks below it where something in it is trained, or differs."""

    role: str
    """Who speaks, on the first line of a turn; printable."""
    pieces: tuple[Piece, ...]
    is_marked: bool
    count: str = ""
    """On the first line of a turn, how many of its tokens are trained: to stand below the role."""


@dataclass(frozen=True)
class Layout:
    """The lines of a row and, for each token, where it begins."""

    lines: tuple[Line, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    """For each token the line and the piece in it. Tokens that are parts of one character share theirs."""
    tops: tuple[int, ...] = field(default=(0,))
    """For each line how many rows of the screen are above it; at the end how many rows there are."""

    def beside(self, number: int) -> str:
        """Return what stands to the left of a row of the screen: a turn's role and, below it, its count."""
        line, is_below = self.row(number)
        if is_below:
            return self.lines[line].count
        above = self.lines[line - 1] if line else None
        if above is not None and above.count and self.tops[line] - self.tops[line - 1] == 1:
            return above.count
        return self.lines[line].role

    def row(self, number: int) -> tuple[int, bool]:
        """Return the line that a row of the screen belongs to, and whether it is the row of its marks."""
        line = bisect_right(self.tops, number) - 1
        return line, number > self.tops[line]

    def part(self, token: int) -> tuple[int, int]:
        """Return which part of its character a token is, and of how many: (1, 1) for most."""
        place = self.places[token]
        first = last = token
        while first > 0 and self.places[first - 1] == place:
            first -= 1
        while last + 1 < len(self.places) and self.places[last + 1] == place:
            last += 1
        return token - first + 1, last - first + 1

    def token_at(self, line: int, column: int) -> int | None:
        """Return the token nearest to a cell of a line, maybe behind its end; None for a line without tokens."""
        pieces = self.lines[line].pieces
        if not pieces:
            return None
        at = bisect_right(pieces, column, key=lambda piece: piece.column) - 1
        return pieces[max(at, 0)].token


def lay_out(tokens: Sequence[Token], width: int, differing: Collection[int] = ()) -> Layout:
    """Return the tokens in lines of at most `width` cells (at least 2), broken between words where that can be.

    There is room for marks below what is trained and below the places in `differing`, and for a count below each role.
    """
    writer = _Writer(tokens, width, differing)
    was_cut = False
    for (role, _, is_cut), members in groupby(range(len(tokens)), key=lambda place: _turn(tokens[place])):
        turn = list(members)
        count = "" if is_cut else turn_count(sum(tokens[place].is_trained for place in turn), len(turn))
        writer.begin(role if is_cut == was_cut else "cut here", count)
        writer.write(turn)
        was_cut = is_cut
    return writer.layout()


def marks_below(line: Line, tokens: Sequence[Token], differing: Collection[int] = ()) -> str:
    """Return what stands below a line: ━ trained; where another encoding differs, ═ trained and ╌ not trained."""
    return "".join(_mark(tokens[piece.token], piece.token in differing) * piece.width for piece in line.pieces)


def _mark(token: Token, differs: bool) -> str:
    if differs:
        return "═" if token.is_trained else "╌"
    return "━" if token.is_trained else " "


def turn_count(trained: int, tokens: int) -> str:
    """Return a turn's count: 5 of 12 (trained of all), or 12 tok where none is trained."""
    return f"{trained:,} of {tokens:,}" if trained else f"{tokens:,} tok"


class _Part(NamedTuple):
    """What is drawn of a token before the next line break of its text."""

    token: int
    text: str
    width: int
    ends_line: bool


class _Writer:
    """Fills lines."""

    def __init__(self, tokens: Sequence[Token], width: int, differing: Collection[int]) -> None:
        self._tokens = tokens
        self._differing = differing
        self._width = max(width, 2)
        self._lines: list[Line] = []
        self._places: list[tuple[int, int]] = []
        self._role: str | None = None
        self._count = ""
        self._pieces: list[Piece] = []
        self._column = 0
        self._covered = 0
        """The characters of the row's text that are drawn already."""

    def begin(self, role: str, count: str) -> None:
        """Begin a turn."""
        if self._pieces or self._role:
            self._end_line()
        self._role, self._count = printable(role), count

    def write(self, turn: Iterable[int]) -> None:
        """Write the tokens at these places, word by word."""
        for word in _words(self._parts(turn)):
            room = self._width - self._column
            width = sum(part.width for part in word)
            if room < width <= self._width:
                self._end_line()
            for part in word:
                self._put(part)

    def layout(self) -> Layout:
        """Return what was written."""
        if self._pieces or self._role:
            self._end_line()
        begins = [bool(line.role) for line in self._lines[1:]] + [True]
        heights = (
            1 + (line.is_marked or (bool(line.count) and is_last))
            for line, is_last in zip(self._lines, begins, strict=False)
        )
        return Layout(tuple(self._lines), tuple(self._places), (0, *accumulate(heights)))

    def _parts(self, turn: Iterable[int]) -> Iterator[_Part]:
        for place in turn:
            token = self._tokens[place]
            text = token.text
            if 0 <= token.start < token.end:
                text = text[max(0, self._covered - token.start) :]
                self._covered = max(self._covered, token.end)
            for line in _LINES.findall(text) if "\n" in text else [text]:
                seen = visible(line)
                yield _Part(place, seen, _cells(seen), line.endswith("\n"))

    def _put(self, part: _Part) -> None:
        if not part.width:
            self._share(part.token)
        elif part.width <= self._width - self._column:
            self._add(part.token, part.text, part.width)
        else:
            if self._column:
                self._end_line()
            for text in chop_cells(part.text, self._width):
                if self._column:
                    self._end_line()
                self._add(part.token, text, _cells(text))
        if part.ends_line:
            self._end_line()

    def _share(self, token: int) -> None:
        """Have a token without a character of its own stand where the one before it does."""
        if self._places:
            self._places.append(self._places[-1])
        else:
            self._add(token, _HOLDER, 1)

    def _add(self, token: int, text: str, width: int) -> None:
        if len(self._places) == token:
            self._places.append((len(self._lines), len(self._pieces)))
        self._pieces.append(Piece(token, text, self._column, width))
        self._column += width

    def _end_line(self) -> None:
        is_marked = any(
            self._tokens[piece.token].is_trained or piece.token in self._differing for piece in self._pieces
        )
        self._lines.append(Line(self._role or "", tuple(self._pieces), is_marked, self._count))
        self._role, self._count, self._pieces, self._column = None, "", [], 0


def visible(text: str) -> str:
    """Return the text of a token, at most one line, so that each of its characters is seen; spaces stay spaces."""
    if text.isascii() and text.isprintable():
        return text
    text = _UNSEEN.sub(lambda found: f"‹{ord(found.group()):X}›", printable(text))
    return _HOLDER + text if unicodedata.category(text[0]).startswith("M") or not cell_len(text) else text


def _cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def _turn(token: Token) -> tuple[str, int | None, bool]:
    return token.role, token.turn, token.is_cut


def _words(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    """The parts between which a line may be broken: before white space and after a line break."""
    word: list[_Part] = []
    for part in parts:
        if word and (part.text.startswith(" ") or word[-1].ends_line or word[-1].text.endswith(" ")):
            yield word
            word = []
        word.append(part)
    if word:
        yield word
