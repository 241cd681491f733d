"""A data set on the Hub: ORG/NAME, ORG/NAME@REVISION, and :SPLIT or :FILE where it holds several files."""

import re
from collections.abc import Callable
from pathlib import Path

from workbench.errors import WrongUse

_NAME = re.compile(r"(?P<id>[\w-][\w.-]*/[\w-][\w.-]*)(@(?P<revision>[\w./-]+))?(:(?P<part>[\w./-]+))?")
_NAMED = 6


def is_hub_name(name: str) -> bool:
    """Whether this could be a data set on the Hub (a path that exists wins; the caller looks first)."""
    return _NAME.fullmatch(name) is not None


def fetch_data(name: str, tell: Callable[[str], None]) -> Path:
    """Return the one data file that `name` means, downloaded once. Raises WrongUse when it means several."""
    from workbench.hub import What, fetch, plan

    found = _NAME.fullmatch(name)
    assert found is not None
    part = found["part"]
    is_file = part is not None and "." in part
    split = None if is_file else part
    download = plan(found["id"], What.DATA, kind="dataset", revision=found["revision"], split=split)
    files = [file for file in download.files if not is_file or file.name == part]
    if len(files) != 1:
        names = [file.name for file in (files or download.files)]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        what = f"holds {len(names)} data files" if files else f"has no data file {part}"
        raise WrongUse(
            f"{found['id']} {what}: {', '.join(names[:_NAMED])}{more}", f"name one: {found['id']}:{names[0]}"
        )
    return fetch(download, tell) / files[0].name
