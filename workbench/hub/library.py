"""huggingface_hub, loaded late and kept quiet: no telemetry, no progress bars, no warnings, no long waits.

Xet is off: it needs a second service, a later process cannot resume it, and it keeps a cache of its own.
"""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TypeVar

Answer = TypeVar("Answer")

ANSWER_SECONDS = 9
"""How long the Hub may take to say what a repository holds, name resolution and all addresses included."""


def hub_library() -> ModuleType:
    """Return huggingface_hub, quiet also where another library imported it first."""
    for name in ("TELEMETRY", "PROGRESS_BARS", "XET"):
        os.environ[f"HF_HUB_DISABLE_{name}"] = "1"
    import huggingface_hub.errors
    import huggingface_hub.file_download
    import huggingface_hub.utils

    library: ModuleType = huggingface_hub
    library.constants.HF_HUB_DISABLE_TELEMETRY = True
    library.constants.HF_HUB_DISABLE_XET = True
    if library.constants.HF_HUB_DISABLE_PROGRESS_BARS is None:
        library.utils.disable_progress_bars()
    library.utils.logging.set_verbosity_error()
    return library


def endpoint() -> str:
    """Return the address of the Hub in use, without a password that it may carry."""
    from urllib.parse import urlsplit

    from huggingface_hub import constants

    parts = urlsplit(constants.ENDPOINT)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def is_offline() -> bool:
    """Whether HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE forbids to ask the Hub."""
    from huggingface_hub import constants

    return constants.is_offline_mode()


def cache() -> Path:
    """Return the folder that holds every downloaded repository."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE).expanduser().absolute()


def repository_folder(repo_id: str, kind: str) -> Path:
    """Return the folder of one repository in the cache."""
    from huggingface_hub.file_download import repo_folder_name

    return cache() / repo_folder_name(repo_id=repo_id, repo_type=kind)


def free_bytes(place: Path) -> int:
    """Return the free space of the disk that `place` is, or will be, on."""
    existing = next(folder for folder in (place, *place.parents) if folder.is_dir())
    return shutil.disk_usage(existing).free


def within(seconds: float, call: Callable[[], Answer]) -> Answer:
    """Return what `call` returns; raise TimeoutError after `seconds`, whatever it is waiting for.

    A timeout of the HTTP client does not cover name resolution and starts again for each address of a host.
    """
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            answers.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=ask, daemon=True, name="asking the Hub")
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    return answers[0]
