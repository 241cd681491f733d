"""Everything that decides what a file's rows become, as one name: where any of it changes, so does the name."""

import hashlib
import json
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from workbench.data.examples import Examples
from workbench.data.hashes import data_hash, file_hash
from workbench.template.spec import EncoderSpec

_PACKAGES = ("finetune-workbench", "transformers", "tokenizers", "trl", "jinja2")
_TOKENIZER_FILES = ("*.json", "*.jinja", "*.txt", "*.model", "*.tiktoken", "additional_chat_templates/*")
_CLOCK = "strftime_now"


def cache_key(folder: Path, spec: EncoderSpec, template: str | None, rows: Examples) -> str | None:
    """Return the name, a SHA-256, of what the answers to these rows come from; the tokenizer lies in `folder`.

    None where they come from more than files and versions: from the clock, or from data that cannot be hashed.
    """
    data = data_hash(rows.rows.path)
    if data is None or _CLOCK in (template or ""):
        return None
    parts = {
        "versions": {package: version(package) for package in _PACKAGES},
        "program": program_hash(),
        "tokenizer": tokenizer_files(folder),
        "template": template,
        "spec": spec.model_dump(),
        "rows": [rows.rows.path.name, rows.rows.format, rows.schema.name, dict(rows.schema.mapping)],
        "data": data,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def tokenizer_files(folder: Path) -> dict[str, str | None]:
    """Return the hashes of a model's small files, by name: all but its weights may bear on its tokenizer."""
    found = {path for pattern in _TOKENIZER_FILES for path in folder.glob(pattern)}
    return {str(path.relative_to(folder)): file_hash(path) for path in sorted(found)}


@lru_cache(maxsize=1)
def program_hash() -> str:
    """Return the hash of the code that makes examples and encodes them: it may change between two versions."""
    package = Path(__file__).resolve().parents[1]
    sources = [path for part in ("data", "template") for path in sorted((package / part).rglob("*.py"))]
    return hashlib.sha256("".join(file_hash(path) or "" for path in sources).encode()).hexdigest()
