"""Every way in which the Hub fails, as what happened and what to do. No message carries a token."""

import errno
import os
from dataclasses import dataclass

from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.hub.library import cache, endpoint


class Unreachable(Missing):
    """The Hub could not be asked: no connection, no answer, or an answer that is not the Hub's."""


@dataclass(frozen=True)
class Repository:
    """A repository as a person names it: `kind` is model or dataset, `revision` a branch, tag or commit."""

    repo_id: str
    kind: str
    revision: str | None = None

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"{self.repo_id}@{self.revision}" if self.revision else self.repo_id

    @property
    def page(self) -> str:
        """Where a browser shows it, and where its licence is accepted."""
        return f"{endpoint()}/{'datasets/' if self.kind == 'dataset' else ''}{self.repo_id}"


def explained(error: BaseException, repository: Repository) -> WorkbenchError:
    """Return `error`, raised by huggingface_hub or the disk, in a person's words.

    Anything that is no refusal of the Hub, the connection or the disk is raised again as it is.
    """
    import httpx2
    from huggingface_hub import errors

    if isinstance(error, WorkbenchError):
        return error
    if isinstance(error, errors.HFValidationError):
        return WrongUse(f"{repository.label!r} is not the name of a repository", "write it as organisation/name")
    if isinstance(error, errors.LocalEntryNotFoundError) and error.__cause__ is not None:
        return explained(error.__cause__, repository)
    if isinstance(error, errors.HfHubHTTPError):
        return _refused(error, repository)
    if isinstance(error, (httpx2.HTTPError, httpx2.InvalidURL, ConnectionError, TimeoutError)):
        return Unreachable(f"{endpoint()} cannot be reached: {_reason(error)}", _CONNECTION)
    if isinstance(error, OSError):
        return _disk(error)
    raise error


_CONNECTION = "check the connection, HTTPS_PROXY and HF_ENDPOINT, or name a folder"


def _refused(error: Exception, repository: Repository) -> WorkbenchError:
    """The words for an HTTP status that the Hub answered with."""
    from huggingface_hub import errors

    label, page = repository.label, repository.page
    status = getattr(getattr(error, "response", None), "status_code", 0)
    if isinstance(error, errors.GatedRepoError):
        return Missing(
            f"{repository.repo_id} is gated: its owner asks you to accept a licence first",
            f"accept it at {page} and log in with: hf auth login",
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return Missing(f"{repository.repo_id} has no revision {repository.revision!r}", f"see {page}/refs")
    if isinstance(error, errors.RemoteEntryNotFoundError):
        return Missing(f"{label}: the Hub no longer has a file that it listed", f"try again, or see {page}/tree")
    if isinstance(error, errors.DisabledRepoError):
        return Missing(f"the Hub has disabled {repository.repo_id}", "name another repository")
    if isinstance(error, errors.RepositoryNotFoundError):
        return Missing(
            f"{endpoint()} has no {repository.kind} {repository.repo_id}, or it is private",
            "check the spelling; if it is private, log in with: hf auth login",
        )
    if status == 401:
        return Missing("the Hub does not accept your token", _token_fix())
    if status == 403:
        return Missing(
            f"your token may not read {repository.repo_id}",
            f"see {page}, or use another token: hf auth login",
        )
    if status == 429:
        return Unreachable("the Hub asks to slow down (429)", "wait some minutes; logging in helps")
    return Unreachable(f"{endpoint()} answers with an error ({status})", "try again later")


def _token_fix() -> str:
    if os.environ.get("HF_TOKEN") or os.environ.get("HUGGING_FACE_HUB_TOKEN"):
        return "HF_TOKEN is set: correct it, or unset it and log in with: hf auth login"
    return "log in again with: hf auth login"


def _disk(error: OSError) -> WorkbenchError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Missing(f"the disk of {cache()} is full", "free some space, or set HF_HOME to a larger disk")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Missing(f"{cache()} cannot be written", "set HF_HOME to a folder that you may write")
    if error.errno is None:
        return Unreachable("a file arrived incomplete", "run it again")
    return Missing(f"{error.filename or cache()}: {(error.strerror or '').lower()}", "set HF_HOME to another disk")


def _reason(error: BaseException) -> str:
    """The first line of what the library says, without addresses of single requests."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return first if "://" not in first else type(error).__name__
