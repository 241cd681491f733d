"""JSON: an array of rows, an object that holds one, or JSON Lines by whatever name."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.data.formats.instructions import is_task, rows_of_task
from workbench.data.formats.jsonl import JsonlRows
from workbench.data.formats.squad import flattened, is_squad
from workbench.data.table import RAW, BadFile, BadRow, Column, Format, Row, Rows, columns_of, json_word, type_of

_HOLDERS = ("data", "rows", "examples", "records", "items", "instances", "train", "dataset")
_CHATS = {"messages", "conversations", "conversation"}
_BETWEEN_ROWS = re.compile(r"[\s,]*")
_NAMED_AS_JSON = {".json", ".jsonl", ".ndjson"}
_NOT_ROWS = {
    "a model's configuration": {"model_type"},
    "a tokenizer": {"added_tokens", "model"},
    "a tokenizer's configuration": {"tokenizer_class"},
    "a safetensors index": {"weight_map"},
}


class JsonRows(Rows):
    """Rows of a JSON array, in memory."""

    format: Format = "json"

    def __init__(self, path: Path, values: list[Any], notes: Iterable[str] = ()) -> None:
        super().__init__(path, notes)
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def _row(self, index: int) -> Row:
        value = self._values[index]
        if not isinstance(value, dict):
            fix = 'write each row as {"prompt": …, "completion": …} or the like'
            detail = f"{json_word(value)}, not an object with named fields"
            raise BadRow(self.path, index + 1, detail, fix, json.dumps(value, ensure_ascii=False)[:RAW])
        return value

    @cached_property
    def columns(self) -> list[Column]:
        """The columns of all rows, in the order of their first appearance."""
        return columns_of(self.readable())


def is_named_json(path: Path) -> bool:
    """Whether the file's name says JSON."""
    return path.suffix.lower() in _NAMED_AS_JSON


def looks_like_json(path: Path, head: bytes) -> bool:
    """Whether the file begins as JSON does; its name counts only where prose could begin so too."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    inside = start[1:].lstrip()[:1]
    evident = (start[:1] == b"{" and inside in (b'"', b"}")) or (start[:1] == b"[" and inside in (b"{", b"]"))
    return evident or (start[:1] in (b"{", b"[") and is_named_json(path))


def open_json(path: Path) -> Rows:
    """Return the rows of a JSON or JSON Lines file. Raises BadFile when it is broken or holds no rows."""
    first, more = _first_line(path)
    on_one_line = _alone(first)
    if more and on_one_line is not None:
        return JsonlRows(path)
    try:
        value = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (RecursionError, ValueError) as error:
        if _is_lines_after_a_bad_one(path, first):
            return JsonlRows(path)
        raise _unread(path, error) from error
    if isinstance(value, dict) and not more and not _held(value) and not _named_not_rows(value) and not is_task(value):
        return JsonlRows(path)
    return _rows_of(path, value)


def _rows_of(path: Path, value: Any) -> Rows:
    if isinstance(value, list):
        return JsonRows(path, value)
    if not isinstance(value, dict):
        raise BadFile(f"{path} holds one JSON {type_of(value)}, not rows", "write a list of objects")
    if is_task(value):
        return JsonRows(path, rows_of_task(value), ["the definition of the task is each row's instruction"])
    held = _held(value)
    if not held:
        what = _named_not_rows(value) or "one JSON object"
        keys = ", ".join(list(value)[:6])
        raise BadFile(f"{path} is {what}, not rows (its keys: {keys})", "name a file that holds a list of objects")
    others = [key for key in value if key != held and _is_rows(value[key])]
    notes = [f"the rows under {held!r}; also in the file: {', '.join(others)}"] if others else []
    if is_squad(value[held]):
        return JsonRows(path, flattened(path, value[held]), notes)
    return JsonRows(path, value[held], notes)


def _held(value: dict[str, Any]) -> str:
    """The key under which an object holds rows; "" when there is none."""
    known = next((key for key in _HOLDERS if _is_rows(value.get(key))), "")
    if known == "instances" and not value.keys() <= {"type", "instances"}:
        return ""
    only = next(iter(value)) if len(value) == 1 else ""
    return known or (only if only not in _CHATS and _is_rows(value.get(only)) else "")


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _named_not_rows(value: dict[str, Any]) -> str:
    return next((what for what, keys in _NOT_ROWS.items() if keys <= value.keys()), "")


def _first_line(path: Path) -> tuple[bytes, bool]:
    """The first non-blank line, and whether another follows."""
    with path.open("rb") as file:
        lines = (line for line in file if line.strip(b"\xef\xbb\xbf \t\r\n"))
        return next(lines).removeprefix(b"\xef\xbb\xbf"), next(lines, None) is not None


def _alone(line: bytes) -> Any:
    """The JSON value on a line of its own; None when the line is none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _is_lines_after_a_bad_one(path: Path, first: bytes) -> bool:
    """Whether this is JSON Lines of which the first row is broken."""
    if first.rstrip().endswith((b"[", b"{", b",")):
        return False
    with path.open("rb") as file:
        return any(isinstance(_alone(line), dict) for line in _some(file))


def _some(lines: Iterable[bytes], count: int = 20) -> Iterator[bytes]:
    return (line for line, _ in zip(lines, range(count), strict=False))


def _unread(path: Path, error: Exception) -> BadFile:
    """Why the whole of a file is no JSON."""
    if isinstance(error, UnicodeDecodeError):
        return _not_utf8(path, error)
    if isinstance(error, json.JSONDecodeError):
        return _malformed(path, error)
    return BadFile(f"{path}: JSON that cannot be read: {error}", "nest or write it less deeply")


def _not_utf8(path: Path, error: UnicodeDecodeError) -> BadFile:
    line = error.object.count(b"\n", 0, error.start) + 1
    fix = f"make it UTF-8: iconv -f cp1252 -t utf-8 {path} > NEW"
    return BadFile(f"{path}, line {line}: not UTF-8, which JSON must be", fix)


def _malformed(path: Path, error: json.JSONDecodeError) -> BadFile:
    if _is_cut_off(error):
        kept = _whole_rows(error.doc)
        after = f" after {kept:,} whole rows" if kept else ""
        return BadFile(f"{path}: the JSON is cut off{after} (line {error.lineno})", "fetch or write it again")
    place = f"line {error.lineno}, column {error.colno}"
    fix = "mend that place"
    if error.msg == "Extra data":
        fix = f"for a row a line: jq -c . {path} > NEW.jsonl"
    return BadFile(f"{path}, {place}: malformed JSON: {error.msg.removesuffix(' at')}", fix)


def _is_cut_off(error: json.JSONDecodeError) -> bool:
    text = error.doc.rstrip()
    rest = len(text) - error.pos
    return rest <= 0 or error.msg.startswith("Unterminated") or (rest < 8 and not text.endswith(("]", "}")))


def _whole_rows(text: str) -> int:
    """How many elements of the array `text` are whole."""
    decoder = json.JSONDecoder()
    array = text.lstrip()
    rows, at = 0, 1
    while array.startswith("["):
        gap = _BETWEEN_ROWS.match(array, at)
        try:
            _, at = decoder.raw_decode(array, gap.end() if gap else at)
        except (ValueError, RecursionError):
            break
        rows += 1
    return rows
