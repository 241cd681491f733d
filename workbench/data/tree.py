"""A nested value as a tree of lines: each key with what it holds, or with its parts below it."""

from collections.abc import Iterator
from typing import Any

_DEEPEST = 20


def tree(value: Any, limit: int) -> tuple[str, bool]:
    """Return the tree of an object or a list, cut after about `limit` characters; and whether all of it is there."""
    kept: list[str] = []
    length = 0
    for line in _lines(value, "", 0):
        kept.append(line[: limit + 1])
        length += len(line) + 1
        if length > limit:
            return "\n".join(kept)[:limit], False
    return "\n".join(kept), True


def _lines(value: Any, indent: str, depth: int) -> Iterator[str]:
    parts = list(value.items()) if isinstance(value, dict) else list(enumerate(value, 1))
    for at, (key, inner) in enumerate(parts):
        is_last = at == len(parts) - 1
        before, below = ("└ ", "  ") if is_last else ("├ ", "│ ")
        if isinstance(inner, (dict, list)) and inner:
            if depth == _DEEPEST:
                yield f"{indent}{before}{key} …"
                continue
            yield f"{indent}{before}{key}"
            yield from _lines(inner, indent + below, depth + 1)
        else:
            first, *rest = _leaf(inner).split("\n")
            yield f"{indent}{before}{key}  {first}"
            yield from (f"{indent}{below}  {line}" for line in rest)


def _leaf(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return "{}" if isinstance(value, dict) else "[]"
    return str(value)
