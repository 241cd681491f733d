"""A data set on the Hub: ORG/NAME, ORG/NAME@REVISION, and :SPLIT, :CONFIGURATION/SPLIT or :FILE for a part of it.

Only the files of that part are downloaded; which they are is found as for a folder, by its README or their names.
Where the files are of kinds that we do not read, the Hub's own Parquet copy is, and else `datasets` reads them;
without a connection also what `datasets` has in its cache.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.errors import Missing

_NAME = re.compile(r"(?P<id>[\w-][\w.-]*/[\w-][\w.-]*)(@(?P<revision>[\w./-]+))?(:(?P<part>[\w./-]+))?")
_PARQUET_COPY = "refs/convert/parquet"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class _Named:
    """What a person named."""

    id: str
    revision: str | None
    part: str

    @property
    def label(self) -> str:
        """The set without its part, as messages name it."""
        return self.id + (f"@{self.revision}" if self.revision and self.revision != _PARQUET_COPY else "")


def is_hub_name(name: str) -> bool:
    """Whether this could be a data set on the Hub (a path that exists wins; the caller looks first)."""
    return _NAME.fullmatch(name) is not None


def fetch_data(name: str, tell: Tell) -> Path:
    """Return the file, the FOLDER:SPLIT or the pattern of files that `name` means, downloaded once.

    What else there is, is told. Raises WrongUse when there is no such part or when one has to be named, and Missing
    when the set cannot be had.
    """
    from workbench.hub import NoDataFiles, Unreachable, What

    found = _NAME.fullmatch(name)
    assert found is not None
    named = _Named(found["id"], found["revision"], found["part"] or "")
    try:
        folder, files, split = _downloaded(named, What.DATA, tell)
    except NoDataFiles:
        return _other_kinds(named, tell)
    except Unreachable as error:
        return _kept_by_datasets(named, error, tell)
    return _place(folder, files, split)


def _downloaded(named: _Named, what: str, tell: Tell) -> tuple[Path, list[str], str]:
    """Download a part; return the set's folder, the names of the files, and the split that they are, "" for none."""
    from workbench.data.splits import chosen, splits_of
    from workbench.hub import What, fetch, plan

    readme = _readme(named, tell)
    split = ""
    notes: list[str] = []

    def among(names: Sequence[str]) -> Sequence[str]:
        nonlocal split, notes
        split, files, notes = chosen(named.label, names, splits_of(names, readme), named.part)
        return files

    download = plan(named.id, What(what), kind="dataset", revision=named.revision, among=among)
    for note in notes:
        tell(f"{named.label}: {note}")
    return fetch(download, tell), [file.name for file in download.files], split


def _place(folder: Path, files: Sequence[str], split: str) -> Path:
    if len(files) == 1:
        return folder / files[0]
    return Path(f"{folder}:{split}") if split else folder


def _other_kinds(named: _Named, tell: Tell) -> Path:
    """The Parquet copy that the Hub makes of most sets; else what `datasets` makes of the files."""
    from workbench.data.by_datasets import read_files
    from workbench.hub import What

    if named.revision is None:
        try:
            folder, files, split = _downloaded(replace(named, revision=_PARQUET_COPY), What.DATA, tell)
        except Missing:
            pass  # there is none
        else:
            is_part = any("/partial-" in name for name in files)
            tell(
                f"{named.id}: read from the Parquet copy of the Hub{', which is only a part of it' if is_part else ''}"
            )
            return _place(folder, files, split)
    folder, files, _ = _downloaded(named, What.CONTENT, tell)
    tell(f"{named.label}: `datasets` reads {len(files)} file{'s' if len(files) > 1 else ''}")
    return read_files(named.label, folder, files)


def _kept_by_datasets(named: _Named, why: Missing, tell: Tell) -> Path:
    """What `datasets` downloaded at another time, when the Hub cannot be asked; raises `why` when that is nothing."""
    from workbench.data.by_datasets import read_cached

    if named.revision is not None:
        raise why
    path = read_cached(named.id, named.part)
    if path is None:
        raise why
    tell(f"{named.id}: as `datasets` once loaded it; the Hub was not asked")
    return path


def _readme(named: _Named, tell: Tell) -> str:
    """What the data set says of itself; "" when it says nothing."""
    from workbench.hub import What, fetch, plan

    card = plan(named.id, What.CARD, kind="dataset", revision=named.revision)
    if not card.files:
        return ""
    path = fetch(card, tell) / card.files[0].name
    return path.read_text(encoding="utf-8", errors="replace")
