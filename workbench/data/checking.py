"""A check that goes on behind what a person does, in a process of its own: told of a few times a second."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread
from typing import Any

from workbench.children import Child
from workbench.data.check.problems import Problem
from workbench.errors import WorkbenchError


@dataclass(frozen=True)
class CheckTold:
    """What is known so far; or why the check ended early."""

    checking: "Checking"
    problems: tuple[Problem, ...] = ()
    is_done: bool = False
    error: WorkbenchError | None = None


class Checking:
    """Checks a data set by its name, and against `validation`; `tell` is called in a thread of its own."""

    def __init__(
        self, file: str, map: Mapping[str, str], validation: str | None, tell: Callable[[CheckTold], None]
    ) -> None:
        self._tell = tell
        self._is_stopped = False
        self._child: Child | None = None
        request = {"file": file, "map": dict(map), "validation": validation}
        Thread(target=self._listen, args=(request,), name="check", daemon=True).start()

    def stop(self) -> None:
        """Check no further, and tell nothing more."""
        self._is_stopped = True
        if self._child is not None:
            self._child.kill()

    def _listen(self, request: dict[str, Any]) -> None:
        self._child = child = Child("workbench.data.check")
        if self._is_stopped:
            child.close()
            return
        child.send(request)
        is_done = False
        with open(child.stdout.fileno(), "rb", closefd=False) as lines:
            for line in lines:
                told = self._read(line)
                is_done = told.is_done or told.error is not None
                if not self._is_stopped:
                    self._tell(told)
        if not (is_done or self._is_stopped):
            self._tell(CheckTold(self, error=WorkbenchError(f"the check ended: {child.last_words()}")))
        child.close()

    def _read(self, line: bytes) -> CheckTold:
        said = json.loads(line)
        if "error" in said:
            return CheckTold(self, error=WorkbenchError(said["error"], said["fix"]))
        problems = tuple(Problem(**{**each, "rows": tuple(each["rows"])}) for each in said["problems"])
        return CheckTold(self, problems, said["is_done"])
