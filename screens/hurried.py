"""Threads that nobody waits for: what a slow disk or a slow Hub still does when a person leaves is of no use."""

from concurrent.futures import ThreadPoolExecutor

_MOST_THREADS = 16  # they wait rather than compute, so more than there are cores


class HurriedExecutor(ThreadPoolExecutor):
    """The executor of the app's thread workers; leaving does not join them."""

    def __init__(self) -> None:
        super().__init__(_MOST_THREADS, "worker")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Let go of what still runs, and do not begin what waits."""
        super().shutdown(wait=False, cancel_futures=True)
