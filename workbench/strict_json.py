"""JSON as other programs read it: a number that is not finite becomes null, as JSON has no word for it."""

import json
import math
from pathlib import Path
from typing import Any


def dumps(content: Any) -> str:
    """Return `content` on one line, in ASCII, so that it can be printed anywhere; paths and the like as text."""
    try:
        return json.dumps(content, allow_nan=False, default=str)
    except ValueError:
        return json.dumps(finite(content), allow_nan=False, default=str)


def read_object(path: Path) -> dict[str, Any]:
    """Return the object that a file holds; {} where there is none, or none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def finite(content: Any) -> Any:
    """Return `content` with null for every number that is not finite."""
    if isinstance(content, dict):
        return {key: finite(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
