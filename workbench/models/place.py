"""Which device a run or an engine computes on, and that it sees no other."""

import os
from collections.abc import Callable

from workbench.errors import Missing
from workbench.models.devices import Device, devices


def place(asked: str, is_taken: Callable[[str], bool] = lambda _key: False) -> Device:
    """Return the device `asked` for; auto and cuda mean the GPU that is not taken and has the most free memory.

    `is_taken` is asked with a device's key. Raises Missing when there is no such device.
    """
    found = devices()
    gpus = [device for device in found if device.kind == "cuda"]
    if asked in ("auto", "cuda") and gpus:
        return min(gpus, key=lambda gpu: (is_taken(gpu.key), -gpu.memory_free))
    wanted = ("mps", "cpu") if asked == "auto" else (asked,)
    for name in wanted:
        for device in found:
            if device.place == name:
                return device
    here = ", ".join(device.place for device in found)
    raise Missing(f"there is no {asked} here", f"devices here: {here}; workbench doctor says more")


def see_only(device: Device) -> None:
    """Hide every other GPU from this process; inside it the chosen one is cuda:0. Call before importing torch.

    A GPU is named by its UUID, since CUDA and the driver's tools may count GPUs in different orders.
    """
    os.environ["CUDA_VISIBLE_DEVICES"] = device.uuid if device.kind == "cuda" else ""
