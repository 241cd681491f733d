"""Lists and objects that stand as text in a table: as JSON, as Python writes them, or as numpy prints them."""

import json
import re
from ast import literal_eval
from typing import Any

_ARRAY = re.compile(r"array\((\[.*?\])(?:,\s*dtype=\w+)?\)", re.DOTALL)
_BETWEEN = "}\n {"  # of the objects in an array; within a text the line end would be written \\n
_NO_COMMA = re.compile(r"""['"]\s['"]""")


def written_in(value: Any) -> Any:
    """Return the list or object that a text holds; any other value, and a text that holds none, as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    for read in (json.loads, _from_python):
        try:
            return read(value.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return value


def _from_python(text: str) -> Any:
    """Raises ValueError for texts without a comma between them: Python would make one of 'a' 'b'."""
    if _NO_COMMA.search(text):
        raise ValueError("texts without a comma between them")
    return literal_eval(_ARRAY.sub(r"\1", text).replace(_BETWEEN, "},\n {"))
