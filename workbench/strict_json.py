"""JSON as other programs read it: a number that is not finite becomes null, as JSON has no word for it."""

import json
import math
from typing import Any


def dumps(content: Any) -> str:
    """Return `content` on one line, in ASCII, so that it can be printed anywhere; paths and the like as text."""
    try:
        return json.dumps(content, allow_nan=False, default=str)
    except ValueError:
        return json.dumps(finite(content), allow_nan=False, default=str)


def finite(content: Any) -> Any:
    """Return `content` with null for every number that is not finite."""
    if isinstance(content, dict):
        return {key: finite(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
