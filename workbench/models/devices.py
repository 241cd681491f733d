"""What this machine can compute on, read without torch: NVIDIA GPUs, Apple's, and always the CPU.

Nothing here raises because a driver is absent or broken; what went wrong is text in `Survey.problems`.
"""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import psutil

from workbench.models.cgroup import core_limit, memory_limit


@dataclass(frozen=True)
class Process:
    """A process that holds memory of a GPU; the name and the owner are empty where the system keeps them."""

    pid: int
    name: str
    owner: str
    memory: int | None
    """In bytes; None where the driver does not say."""


@dataclass(frozen=True)
class Device:
    """Something to compute on. Memory is in bytes; a CPU's is the host's, within the container's limit."""

    kind: Literal["cuda", "mps", "cpu"]
    index: int
    """For a GPU: its number among the visible ones, in the order of the PCI bus. Otherwise 0."""
    name: str
    memory_total: int
    memory_free: int
    bf16: bool
    """Whether it computes bfloat16 fast: NVIDIA from compute capability 8.0, Apple silicon, no CPU."""
    uuid: str = ""
    """For an NVIDIA GPU: the one name that CUDA_VISIBLE_DEVICES understands in every order."""
    compute_capability: tuple[int, int] | None = None
    cores: int | None = None
    """For a CPU: the cores that this process may use."""
    processes: tuple[Process, ...] = ()

    @property
    def key(self) -> str:
        """What tells it from every other on this machine, however CUDA_VISIBLE_DEVICES is set."""
        return self.uuid or self.kind

    @property
    def place(self) -> str:
        """What torch calls it: cpu, mps or cuda:N."""
        return f"cuda:{self.index}" if self.kind == "cuda" else self.kind


@dataclass(frozen=True)
class Survey:
    """The devices, GPUs first, and what went wrong while asking for them."""

    devices: tuple[Device, ...]
    problems: tuple[str, ...] = ()


def devices() -> list[Device]:
    """Return what this process may compute on: GPUs first, the CPU last."""
    return list(survey().devices)


def survey() -> Survey:
    """Return the devices and what went wrong while asking for them."""
    gpus, problems = _nvidia()
    return Survey((*gpus, *_apple(), _cpu()), tuple(problems))


def visible(uuids: Sequence[str], setting: str | None) -> list[int]:
    """Return which GPUs, by position in `uuids`, the setting CUDA_VISIBLE_DEVICES leaves, in its order.

    As in CUDA, the first entry that names no GPU, or one twice, ends the list; a UUID may be cut short.
    """
    if setting is None:
        return list(range(len(uuids)))
    chosen: list[int] = []
    for entry in setting.split(","):
        index = _position(uuids, entry.strip())
        if index is None or index in chosen:
            break
        chosen.append(index)
    return chosen


def _position(uuids: Sequence[str], entry: str) -> int | None:
    if entry.isdigit():
        return int(entry) if int(entry) < len(uuids) else None
    matches = [index for index, uuid in enumerate(uuids) if entry.startswith("GPU-") and uuid.startswith(entry)]
    return matches[0] if len(matches) == 1 else None


def _nvidia() -> tuple[list[Device], list[str]]:
    """Ask NVML; without NVIDIA's library, or its Python module, there is no GPU and no problem."""
    try:
        import pynvml
    except ImportError:
        return [], []
    try:
        pynvml.nvmlInit()
        try:
            return _gpus(pynvml)
        finally:
            pynvml.nvmlShutdown()
    except pynvml.NVMLError_LibraryNotFound:
        return [], []
    except pynvml.NVMLError as error:
        return [], [f"the NVIDIA driver does not answer: {error}"]


def _gpus(nvml: Any) -> tuple[list[Device], list[str]]:
    handles, problems = {}, []
    for position in range(nvml.nvmlDeviceGetCount()):
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(position)
            handles[nvml.nvmlDeviceGetUUID(handle)] = handle
        except nvml.NVMLError as error:
            problems.append(f"GPU {position} does not answer: {error}")
    uuids = list(handles)
    found = []
    for index, position in enumerate(visible(uuids, os.environ.get("CUDA_VISIBLE_DEVICES"))):
        uuid = uuids[position]
        try:
            found.append(_gpu(nvml, handles[uuid], uuid, index))
        except nvml.NVMLError as error:
            problems.append(f"GPU {uuid} does not answer: {error}")
    return found, problems


def _gpu(nvml: Any, handle: Any, uuid: str, index: int) -> Device:
    capability = nvml.nvmlDeviceGetCudaComputeCapability(handle)
    try:
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        total, free = memory.total, memory.free
    except nvml.NVMLError_NotSupported:  # one memory for CPU and GPU
        total, free = _host_memory()
    return Device(
        kind="cuda",
        index=index,
        name=nvml.nvmlDeviceGetName(handle),
        memory_total=total,
        memory_free=free,
        bf16=tuple(capability) >= (8, 0),
        uuid=uuid,
        compute_capability=(capability[0], capability[1]),
        processes=_processes(nvml, handle),
    )


def _processes(nvml: Any, handle: Any) -> tuple[Process, ...]:
    try:
        running = nvml.nvmlDeviceGetComputeRunningProcesses(handle)
    except nvml.NVMLError:
        return ()
    return tuple(Process(each.pid, *_name_and_owner(each.pid), each.usedGpuMemory) for each in running)


def _name_and_owner(pid: int) -> tuple[str, str]:
    try:
        process = psutil.Process(pid)
        return process.name(), process.username()
    except (psutil.Error, KeyError, OSError):
        return "", ""


def _apple() -> list[Device]:
    if platform.system() != "Darwin" or platform.machine() != "arm64":
        return []
    total, free = _host_memory()
    return [Device("mps", 0, "Apple GPU", total, free, bf16=True)]


def _cpu() -> Device:
    total, free = _host_memory()
    return Device("cpu", 0, platform.processor() or platform.machine(), total, free, bf16=False, cores=_cores())


def _cores() -> int:
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = core_limit()
    return allowed if limit is None else max(1, min(allowed, int(limit)))


def _host_memory() -> tuple[int, int]:
    memory = psutil.virtual_memory()
    limit = memory_limit()
    if limit is None:
        return memory.total, memory.available
    return min(memory.total, limit[0]), min(memory.available, limit[1])
