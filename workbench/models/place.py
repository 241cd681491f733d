"""Which device a run or an engine computes on."""

from collections.abc import Callable

from workbench.errors import Missing


def place(asked: str, is_taken: Callable[[str], bool] = lambda _device: False) -> str:
    """Return cpu, mps or cuda:N: what was `asked` for, else the GPU that is not taken and has the most free memory.

    Raises Missing when cuda was asked for and there is none.
    """
    if asked in ("cpu", "mps") or asked.startswith("cuda:"):
        return asked
    from workbench.models.devices import devices

    found = devices()
    gpus = [device for device in found if device.kind == "cuda"]
    if gpus:
        best = min(gpus, key=lambda gpu: (is_taken(f"cuda:{gpu.index}"), -gpu.memory_free))
        return f"cuda:{best.index}"
    if asked == "cuda":
        raise Missing("no NVIDIA GPU is in sight", "workbench doctor says what is there; or set device to cpu")
    return "mps" if any(device.kind == "mps" for device in found) else "cpu"
