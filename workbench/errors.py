"""Every error that a person can cause or meet, with the exit code it ends the command with.

A message says what happened and where; `fix` says what to do. Together one to three lines.
"""


class WorkbenchError(Exception):
    """The thing asked about has problems: a check found errors, a run failed. Exit code 1."""

    exit_code = 1

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what}\n{self.fix}" if self.fix else self.what


class WrongUse(WorkbenchError, ValueError):
    """The command, the run file or an argument is wrong. Exit code 2."""

    exit_code = 2


class Missing(WorkbenchError, LookupError):
    """Something that is needed is not there: a file, a model, an extra, a key. Exit code 3."""

    exit_code = 3


class Interrupted(WorkbenchError):
    """A person stopped it. Exit code 4."""

    exit_code = 4
