"""One thread that does jobs one after the other: an opened file is read in it alone, whoever asks.

The thread is a daemon: a disk that hangs keeps nobody from leaving the program.
"""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Lane:
    """Jobs are done in the order in which they were given; one that waits can be cancelled by its Future."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._is_closed = False
        self._thread = Thread(target=self._work, name="data", daemon=True)
        self._thread.start()

    def submit(self, job: Callable[Given, Result], *arguments: Given.args, **options: Given.kwargs) -> "Future[Result]":
        """Have a job done; its result or its exception is in the Future."""
        future: Future[Result] = Future()
        if self._is_closed:
            future.cancel()
            return future

        def run() -> None:
            if self._is_closed or not future.set_running_or_notify_cancel():
                future.cancel()
                return
            try:
                result = job(*arguments, **options)
            except Exception as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        self._jobs.put(run)
        return future

    def close(self) -> None:
        """End the thread after the job that it is in; what waits is cancelled."""
        self._is_closed = True
        self._jobs.put(None)

    def _work(self) -> None:
        while True:
            job: Any = self._jobs.get()
            if job is None:
                return
            job()
