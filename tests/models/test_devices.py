"""What there is to compute on, read from an NVML that answers as NVIDIA's does, and from control groups."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import psutil
import pytest

from workbench.models.cgroup import core_limit, memory_limit
from workbench.models.devices import devices, survey, visible

GIB = 1 << 30
UUIDS = ["GPU-aaaa1111-0", "GPU-aaaa2222-0", "GPU-bbbb3333-0"]


class NVMLError(Exception):
    """As in pynvml."""


class LibraryNotFound(NVMLError):
    """As in pynvml."""


class NotSupported(NVMLError):
    """As in pynvml."""


@dataclass
class Card:
    uuid: str
    name: str
    capability: tuple[int, int]
    memory: tuple[int, int] | None
    running: list[Any] = field(default_factory=list)
    dead: bool = False


def nvml(cards: list[Card], start: Exception | None = None) -> ModuleType:
    """The functions of pynvml that are used, answering for `cards`."""

    def begin() -> None:
        if start:
            raise start

    def handle(index: int) -> Card:
        if cards[index].dead:
            raise NVMLError("GPU is lost")
        return cards[index]

    def memory(card: Card) -> Any:
        if card.memory is None:
            raise NotSupported("Not Supported")
        return SimpleNamespace(total=card.memory[0], free=card.memory[1])

    module: Any = ModuleType("pynvml")
    module.NVMLError, module.NVMLError_LibraryNotFound = NVMLError, LibraryNotFound
    module.NVMLError_NotSupported = NotSupported
    module.nvmlInit, module.nvmlShutdown = begin, lambda: None
    module.nvmlDeviceGetCount = lambda: len(cards)
    module.nvmlDeviceGetHandleByIndex = handle
    module.nvmlDeviceGetUUID = lambda card: card.uuid
    module.nvmlDeviceGetName = lambda card: card.name
    module.nvmlDeviceGetMemoryInfo = memory
    module.nvmlDeviceGetCudaComputeCapability = lambda card: card.capability
    module.nvmlDeviceGetComputeRunningProcesses = lambda card: card.running
    return module


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> list[Card]:
    """A machine with an H100, which this very process uses, and a V100."""
    mine = SimpleNamespace(pid=os.getpid(), usedGpuMemory=3 * GIB)
    gone = SimpleNamespace(pid=2**30, usedGpuMemory=None)
    cards = [
        Card(UUIDS[0], "NVIDIA H100", (9, 0), (80 * GIB, 58 * GIB), [mine, gone]),
        Card(UUIDS[1], "Tesla V100", (7, 0), (16 * GIB, 16 * GIB)),
    ]
    monkeypatch.setitem(sys.modules, "pynvml", nvml(cards))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return cards


def test_gpus_come_first_and_the_cpu_is_always_there(box):
    h100, v100, cpu = devices()
    assert (h100.place, h100.name, h100.memory_total, h100.memory_free) == ("cuda:0", "NVIDIA H100", 80 * GIB, 58 * GIB)
    assert (v100.place, v100.uuid, v100.compute_capability) == ("cuda:1", UUIDS[1], (7, 0))
    assert (h100.bf16, v100.bf16) == (True, False)
    assert (cpu.place, cpu.cores is not None and cpu.cores >= 1) == ("cpu", True)
    assert 0 < cpu.memory_free <= cpu.memory_total


def test_other_peoples_processes_are_named_where_the_system_tells(box):
    mine, gone = devices()[0].processes
    assert (mine.pid, mine.memory, mine.owner) == (os.getpid(), 3 * GIB, psutil.Process().username())
    assert mine.name
    assert (gone.name, gone.owner, gone.memory) == ("", "", None)


def test_only_visible_gpus_are_shown_numbered_as_torch_numbers_them(box, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert [(device.place, device.name) for device in devices()[:-1]] == [("cuda:0", "Tesla V100")]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert [device.kind for device in devices()] == ["cpu"]


@pytest.mark.parametrize(
    ("setting", "left"),
    [
        (None, [0, 1, 2]),
        ("2,0", [2, 0]),
        ("0, 2", [0, 2]),
        ("GPU-bbbb,1", [2, 1]),
        ("GPU-aaaa", []),
        ("0,7,1", [0]),
        ("1,1", [1]),
        ("-1", []),
        ("", []),
    ],
)
def test_cuda_visible_devices_is_read_as_cuda_reads_it(setting, left):
    assert visible(UUIDS, setting) == left


def test_one_memory_for_cpu_and_gpu_is_the_machines(box):
    box[0].memory = None
    gpu, _, cpu = devices()
    assert gpu.memory_total == cpu.memory_total


def test_a_gpu_that_fell_off_the_bus_is_a_problem_and_the_others_work(box):
    box[0].dead = True
    seen = survey()
    assert [(device.place, device.name) for device in seen.devices[:-1]] == [("cuda:0", "Tesla V100")]
    assert seen.problems == ("GPU 0 does not answer: GPU is lost",)


@pytest.mark.parametrize(
    ("error", "problems"),
    [
        (LibraryNotFound("NVML Shared Library Not Found"), ()),
        (
            NVMLError("Driver/library version mismatch"),
            ("the NVIDIA driver does not answer: Driver/library version mismatch",),
        ),
    ],
)
def test_a_broken_driver_is_text_and_no_driver_is_nothing(monkeypatch, error, problems):
    monkeypatch.setitem(sys.modules, "pynvml", nvml([], start=error))
    seen = survey()
    assert [device.kind for device in seen.devices] == ["cpu"]
    assert seen.problems == problems


def test_apple_silicon_has_one_memory(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", nvml([], start=LibraryNotFound()))
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    mps, cpu = devices()
    assert (mps.place, mps.memory_total, mps.bf16) == ("mps", cpu.memory_total, True)


def test_the_tightest_control_group_above_counts(tmp_path):
    inner = tmp_path / "slice" / "job"
    inner.mkdir(parents=True)
    (inner / "cpu.max").write_text("max 100000\n")
    (inner.parent / "cpu.max").write_text("250000 100000\n")
    (inner / "memory.max").write_text(f"{8 * GIB}\n")
    (inner / "memory.current").write_text(f"{3 * GIB}\n")
    (inner / "memory.stat").write_text(f"anon {2 * GIB}\ninactive_file {GIB}\n")
    (inner.parent / "memory.max").write_text("max\n")
    (inner.parent / "memory.current").write_text(f"{9 * GIB}\n")
    assert core_limit(tmp_path, "/slice/job") == 2.5
    assert memory_limit(tmp_path, "/slice/job") == (8 * GIB, 6 * GIB)


def test_old_control_groups_count_too(tmp_path):
    for folder in ("cpu", "memory"):
        (tmp_path / folder).mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("150000\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text(f"{4 * GIB}\n")
    (tmp_path / "memory" / "memory.usage_in_bytes").write_text(f"{GIB}\n")
    assert core_limit(tmp_path, "/") == 1.5
    assert memory_limit(tmp_path, "/") == (4 * GIB, 3 * GIB)


def test_no_limit_is_no_limit(tmp_path):
    (tmp_path / "cpu.max").write_text("max 100000\n")
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    (tmp_path / "memory" / "memory.usage_in_bytes").write_text("4096\n")
    assert core_limit(tmp_path, "/") is None
    assert memory_limit(tmp_path, "/") is None


def test_a_containers_limit_bounds_the_cpu(monkeypatch):
    monkeypatch.setattr("workbench.models.devices.core_limit", lambda: 0.5)
    monkeypatch.setattr("workbench.models.devices.memory_limit", lambda: (2 * GIB, GIB))
    cpu = devices()[-1]
    assert (cpu.cores, cpu.memory_total, cpu.memory_free) == (1, 2 * GIB, GIB)


def test_devices_are_read_without_torch():
    code = "import sys; from workbench.models.devices import devices; devices(); print('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert ran.stdout == "False\n"
