"""TRL's training twins of well-known chat templates: the same with `{% generation %}` marks around the answers.

Some write earlier turns as they were generated (Qwen3's empty `<think>` block, say), where the model's own template
leaves that out of the history.
"""

import importlib.util
import re
from functools import lru_cache
from pathlib import Path

_GENERATION = re.compile(r"\{%-?\s*generation\s*-?%\}")


def has_marks(template: str) -> bool:
    """Whether a template marks what the assistant says."""
    return _GENERATION.search(template) is not None


@lru_cache(maxsize=8)
def twin_of(template: str) -> str | None:
    """Return the training twin of a template that TRL knows, character by character; None for any other."""
    trl = importlib.util.find_spec("trl")
    if trl is None or not trl.submodule_search_locations:
        return None
    folder = Path(trl.submodule_search_locations[0]) / "chat_templates"
    for twin in folder.glob("*_training.jinja"):
        own = twin.with_name(twin.name.replace("_training", ""))
        if own.exists() and own.read_text(encoding="utf-8") == template:
            return twin.read_text(encoding="utf-8")
    return None
