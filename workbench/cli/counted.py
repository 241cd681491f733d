"""How far a command has come: a bar in a terminal, a line at each tenth elsewhere, all on stderr."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from workbench.cli.output import say
from workbench.printable import printable

Tell = Callable[[int, str], None]
"""How many are done, and what there is to say of them."""


@contextmanager
def counted(what: str, total: int) -> Iterator[Tell]:
    """Show how many of `total` are done."""
    if not sys.stderr.isatty():
        yield _by_tenths(what, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f}"), TimeRemainingColumn(),
        TextColumn(" {task.fields[words]}", markup=False),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True, highlight=False), refresh_per_second=4) as progress:
        task = progress.add_task(printable(what), total=total, words="")
        yield lambda done, words: progress.update(task, completed=done, words=printable(words))


def _by_tenths(what: str, total: int) -> Tell:
    said = 0

    def tell(done: int, words: str) -> None:
        nonlocal said
        if 10 * done // max(1, total) > said:
            said = 10 * done // max(1, total)
            say(f"{what} {done:,}/{total:,} {words}".rstrip())

    return tell
