"""What a look at a repository would cost: one question to the Hub, or none when the cache knows."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from workbench.errors import Missing
from workbench.hub.library import (
    ANSWER_SECONDS,
    cache,
    endpoint,
    free_bytes,
    hub_library,
    is_offline,
    repository_folder,
    within,
)
from workbench.hub.refusals import Repository, Unreachable, explained
from workbench.hub.selection import HubFile, What, few, select

Kind = Literal["model", "dataset"]
Choose = Callable[[Sequence[str]], Sequence[str]]

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Download:
    """The files of one look, at one commit; a plan until `fetch()` is called with it."""

    repo_id: str
    kind: Kind
    revision: str
    """The commit's hash."""
    files: tuple[HubFile, ...]
    bytes_total: int
    bytes_cached: int
    """How much is there already, unfinished downloads included."""
    place: Path
    """The cache's folder."""
    bytes_free: int
    """The free space of its disk."""
    asked: str = "main"
    """The branch, tag or commit that was asked for."""

    @property
    def repository(self) -> Path:
        """The repository's folder in the cache."""
        return repository_folder(self.repo_id, self.kind)

    @property
    def folder(self) -> Path:
        """The folder that the files are in once they are fetched."""
        return self.repository / "snapshots" / self.revision

    @property
    def missing(self) -> tuple[HubFile, ...]:
        """The files that are not in the cache now."""
        return tuple(file for file in self.files if not (self.folder / file.name).is_file())

    def partial(self, file: HubFile) -> Path:
        """Where the beginning of an unfinished file is kept."""
        return self.repository / "blobs" / f"{file.sha256}.incomplete"


@dataclass(frozen=True)
class _Listing:
    """The files of a commit; not `exact` when only the files that the cache happens to hold are known."""

    revision: str
    files: tuple[HubFile, ...]
    exact: bool = True


def plan(
    repo_id: str,
    what: What,
    *,
    kind: Kind = "model",
    revision: str | None = None,
    split: str | None = None,
    among: Choose | None = None,
) -> Download:
    """Return what `what` of a repository needs, how large it is and how much of it is in the cache.

    `split` limits DATA to the files with that word in their path, `among` to those that it returns.
    Without a connection the cache answers.
    Raises Missing (gated, private, absent, neither connected nor cached, only pickles) or WrongUse.
    """
    hub_library()
    repository = Repository(repo_id, kind, revision)
    try:
        known = _known(repository)
        if is_offline():
            raise Unreachable("HF_HUB_OFFLINE is set", f"unset it, or copy the files into {cache()}")
        if known and known.exact and revision == known.revision:
            download = _download(known, repository, what, split, among)
            if not download.missing:
                return download
        return _download(_asked(repository), repository, what, split, among)
    except Unreachable as error:
        return _from_cache(known, repository, what, split, error, among)
    except Exception as error:
        raise explained(error, repository) from error


def _download(
    listing: _Listing, repository: Repository, what: What, split: str | None, among: Choose | None
) -> Download:
    by_name = {file.name: file for file in listing.files}
    names: Sequence[str] = select(what, list(by_name), repository.label, split)
    files = tuple(by_name[name] for name in (among(names) if among else names))
    kind: Kind = "dataset" if repository.kind == "dataset" else "model"
    place = cache()
    bare = Download(repository.repo_id, kind, listing.revision, files, 0, 0, place, 0)
    return Download(
        repository.repo_id,
        kind,
        listing.revision,
        files,
        bytes_total=sum(file.bytes for file in files),
        bytes_cached=sum(_cached_bytes(bare, file) for file in files),
        place=place,
        bytes_free=free_bytes(place),
        asked=repository.revision or "main",
    )


def _cached_bytes(download: Download, file: HubFile) -> int:
    if (download.folder / file.name).is_file():
        return file.bytes
    if not file.sha256:
        return 0
    partial = download.partial(file)
    if partial.with_suffix("").is_file():
        return file.bytes
    return min(partial.stat().st_size, file.bytes) if partial.is_file() else 0


def _asked(repository: Repository) -> _Listing:
    """The files at the revision, by one request."""
    api = hub_library().HfApi()

    def ask() -> _Listing:
        info = api.repo_info(
            repository.repo_id,
            repo_type=repository.kind,
            revision=repository.revision,
            files_metadata=True,
            timeout=ANSWER_SECONDS,
        )
        files = tuple(_listed(file) for file in info.siblings if _inside(file.rfilename))
        if not _COMMIT.fullmatch(info.sha):
            raise KeyError("sha")
        return _Listing(info.sha, files)

    try:
        return within(ANSWER_SECONDS, ask)
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        fix = "check HF_ENDPOINT, or the log-in page of a proxy"
        raise Unreachable(f"{endpoint()} does not answer like a Hub", fix) from error
    except Exception as error:
        raise explained(error, repository) from error


def _listed(sibling: Any) -> HubFile:
    sha256 = sibling.lfs.sha256 if sibling.lfs else ""
    return HubFile(sibling.rfilename, sibling.size or 0, sha256 if _SHA256.fullmatch(sha256) else "")


def _known(repository: Repository) -> _Listing | None:
    """The files that the cache knows of, at the commit that the revision last was."""
    library = hub_library()
    folder = repository_folder(repository.repo_id, repository.kind)
    revision = repository.revision or "main"
    if not _COMMIT.fullmatch(revision):
        reference = folder / "refs" / revision
        revision = reference.read_text().strip() if _inside(revision) and reference.is_file() else ""
    snapshot = folder / "snapshots" / revision
    if not revision or not snapshot.is_dir():
        return None
    try:
        tree = library.get_cached_repo_tree(repository.repo_id, repo_type=repository.kind, revision=revision)
    except library.errors.CachedRepoTreeNotFoundError:
        return _Listing(revision, tuple(_held(snapshot)), exact=False)
    return _Listing(revision, tuple(HubFile(file.path, file.size) for file in tree if _inside(file.path)))


def _held(snapshot: Path) -> list[HubFile]:
    """The files in a snapshot, and the shards that its index names."""
    files = {
        path.relative_to(snapshot).as_posix(): path.stat().st_size for path in snapshot.rglob("*") if path.is_file()
    }
    for index in snapshot.glob("*.safetensors.index.json"):
        shards = json.loads(index.read_text(encoding="utf-8")).get("weight_map", {}).values()
        files = {**{str(shard): 0 for shard in shards if _inside(str(shard))}, **files}
    return [HubFile(name, size) for name, size in sorted(files.items())]


def _from_cache(
    known: _Listing | None,
    repository: Repository,
    what: What,
    split: str | None,
    why: Unreachable,
    among: Choose | None,
) -> Download:
    """The plan when only the cache can answer: complete, or Unreachable that names what is not there."""
    absent: Sequence[str] = ()
    usable = known if known and (known.exact or what is not What.DATA) else None  # never a part of the rows
    try:
        download = _download(usable, repository, what, split, among) if usable else None
    except Missing:
        if usable and usable.exact:
            raise
        download = None
    if download:
        absent = [file.name for file in download.missing]
        if not absent:
            return download
    lacks = few(absent) if absent else f"the {what.value} files"
    raise Unreachable(f"{why.what}, and the cache lacks {lacks} of {repository.label}", why.fix) from why


def _inside(name: str) -> bool:
    """Whether a name that the Hub sent stays inside its folder."""
    return "\\" not in name and not any(part in ("", ".", "..") for part in name.split("/"))
