"""A data set on the Hub: ORG/NAME, ORG/NAME@REVISION, and :SPLIT, :CONFIGURATION/SPLIT or :FILE for a part of it.

Only the files of that part are downloaded; which they are is found as for a folder, by its README or their names.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

_NAME = re.compile(r"(?P<id>[\w-][\w.-]*/[\w-][\w.-]*)(@(?P<revision>[\w./-]+))?(:(?P<part>[\w./-]+))?")


def is_hub_name(name: str) -> bool:
    """Whether this could be a data set on the Hub (a path that exists wins; the caller looks first)."""
    return _NAME.fullmatch(name) is not None


def fetch_data(name: str, tell: Callable[[str], None]) -> Path:
    """Return the file, or the FOLDER:SPLIT, that `name` means, downloaded once; what else there is, is told.

    Raises WrongUse when there is no such part, or when one has to be named.
    """
    from workbench.data.splits import chosen, splits_of
    from workbench.hub import What, fetch, plan

    found = _NAME.fullmatch(name)
    assert found is not None
    where = found["id"] + (f"@{found['revision']}" if found["revision"] else "")
    readme = _readme(found["id"], found["revision"], tell)
    split = ""
    notes: list[str] = []

    def among(names: Sequence[str]) -> Sequence[str]:
        nonlocal split, notes
        split, files, notes = chosen(where, names, splits_of(names, readme), found["part"] or "")
        return files

    download = plan(found["id"], What.DATA, kind="dataset", revision=found["revision"], among=among)
    for note in notes:
        tell(f"{where}: {note}")
    folder = fetch(download, tell)
    if len(download.files) == 1:
        return folder / download.files[0].name
    return Path(f"{folder}:{split}") if split else folder


def _readme(repo_id: str, revision: str | None, tell: Callable[[str], None]) -> str:
    """What the data set says of itself; "" when it says nothing."""
    from workbench.hub import What, fetch, plan

    card = plan(repo_id, What.CARD, kind="dataset", revision=revision)
    if not card.files:
        return ""
    path = fetch(card, tell) / card.files[0].name
    return path.read_text(encoding="utf-8", errors="replace")
