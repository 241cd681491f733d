"""A run sees exactly one device."""

import os


def see_only(device: str) -> None:
    """Hide every other GPU from this process; inside it the chosen one is cuda:0. Call before importing torch."""
    if device.startswith("cuda:"):
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        index = int(device.removeprefix("cuda:"))
        os.environ["CUDA_VISIBLE_DEVICES"] = visible.split(",")[index] if visible else str(index)
    else:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
