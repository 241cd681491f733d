"""The queue: one lock a device, in a folder that nobody else can prepare."""

import os
from pathlib import Path

import pytest

from workbench.runs.queue import is_taken, take


def no_wait(holder: str) -> None:
    raise TimeoutError(holder)


def test_a_device_is_taken_until_its_lock_is_closed_and_says_by_whom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_LOCKS", str(tmp_path / "locks"))
    assert not is_taken("cpu")
    with take("cpu", "first", no_wait):
        assert is_taken("cpu") and not is_taken("GPU-1")
        with pytest.raises(TimeoutError, match="first"):
            take("cpu", "second", no_wait)
    assert not is_taken("cpu")
    assert (tmp_path / "locks").stat().st_mode & 0o077 == 0


def test_a_link_in_the_place_of_a_lock_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_LOCKS", str(tmp_path))
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / f"{os.uname().nodename}-cpu.lock").symlink_to(victim)
    with pytest.raises(OSError):
        take("cpu", "run", no_wait)
    assert victim.read_text() == "precious"
