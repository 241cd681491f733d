"""Plain text: each paragraph is a row; without blank lines, each line is one."""

import re
from collections.abc import Iterable
from pathlib import Path

from workbench.data.table import BadFile, Column, Row, Rows

_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n)+")


def decoded(path: Path) -> tuple[str, list[str]]:
    """Return the file's text and what a person should know about its encoding."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    try:
        return content.decode("cp1252"), [f"not UTF-8 (line {line}); read as Windows-1252"]
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadFile(
            f"{path}, line {line}: neither UTF-8 nor Windows-1252 text",
            f"make it UTF-8: iconv -f ENCODING -t utf-8 {path} > NEW",
        ) from error


class PlainRows(Rows):
    """Rows of one column, text."""

    format = "text"

    def __init__(self, path: Path, text: str, notes: Iterable[str] = ()) -> None:
        super().__init__(path, notes)
        self._texts = _pieces(text.replace("\r\n", "\n").replace("\r", "\n"))
        self.columns = [Column("text", "text")]

    def __len__(self) -> int:
        return len(self._texts)

    def _row(self, index: int) -> Row:
        return {"text": self._texts[index]}


def _pieces(text: str) -> list[str]:
    paragraphs = [piece for piece in _BLANK_LINES.split(text.strip("\n")) if piece.strip()]
    return paragraphs if len(paragraphs) > 1 else [line for line in text.split("\n") if line.strip()]
