"""Real files in a temporary folder, and the public data that may lie beside the checkout."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """write(name, content) -> path; content is text, bytes, or rows to write as JSON Lines."""

    def to_file(name: str, content: str | bytes | list[Any]) -> Path:
        path = tmp_path / name
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return to_file


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unpacked files go where they end with the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def shared() -> Path:
    if not _SHARED.is_dir():
        pytest.skip("the public data is not beside the checkout")
    return _SHARED
