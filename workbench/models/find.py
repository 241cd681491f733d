"""From what a person calls a model to a folder that can be loaded: `starter`, a folder, or a Hub id.

No code of a model is ever run, and only what is needed is downloaded: see `Need`.
"""

import difflib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from workbench.errors import Missing, WorkbenchError, WrongUse
from workbench.hub import What, fetch, plan
from workbench.hub.selection import few, is_tokenizer_file, weight_files
from workbench.workspace import sample_data

Source = Literal["starter", "folder", "hub"]
Tell = Callable[[str], None]

_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*(@[\w./-]+)?")
_CONFIGS = ("config.json", "adapter_config.json")
_NO_CODE = "Workbench runs no code from a model: name one that transformers supports by itself"


class Need(StrEnum):
    """How much of a model is needed; on the Hub each costs more than the one before."""

    CONFIG = "config"
    TOKENIZER = "tokenizer"
    WEIGHTS = "weights"


@dataclass(frozen=True)
class ModelFolder:
    """A model on this disk. With an `adapter`, `folder` and `revision` are its base model's."""

    name: str
    """What the person called it."""
    folder: Path
    """Absolute; has a config.json."""
    source: Source
    adapter: Path | None = None
    """Absolute; has an adapter_config.json."""
    revision: str | None = None
    """The commit, where `folder` came from the Hub."""

    @property
    def tokenizer_folder(self) -> Path:
        """The adapter's folder where it brings its own tokenizer, else the model's."""
        return self.adapter if self.adapter and _has_tokenizer(self.adapter) else self.folder


def find_model(name: str, need: Need, tell: Tell) -> ModelFolder:
    """Return the model that `name` means, with what `need` asks for on the disk.

    `starter` is the project's own model; a path that exists wins over a Hub id (`org/name` or
    `org/name@revision`); an adapter's base model is found the same way. Where a configuration is enough, a config.json
    will do. `tell` hears about downloads.
    Raises Missing for what is not there and WorkbenchError for a model that cannot be used.
    """
    return _find(name, need, tell, adapter_allowed=True)


def _find(name: str, need: Need, tell: Tell, *, adapter_allowed: bool) -> ModelFolder:
    if name == "starter":
        folder = sample_data() / "starter"
        if not folder.is_dir():
            raise Missing("the starter model is not installed", "reinstall finetune-workbench")
        return _opened(ModelFolder(name, folder, "starter"), need, tell, adapter_allowed)
    path = os.path.expanduser(name)  # noqa: PTH111 - Path would refuse an unknown ~user
    if os.path.isdir(path):  # noqa: PTH112 - Path would refuse a name that is too long
        return _opened(ModelFolder(name, Path(path).absolute(), "folder"), need, tell, adapter_allowed)
    if os.path.exists(path):  # noqa: PTH110
        if Path(path).name == "config.json" and need is Need.CONFIG:
            return _opened(ModelFolder(name, Path(path).absolute().parent, "folder"), need, tell, adapter_allowed)
        raise WrongUse(f"{name} is a file; a model is a folder", f"name its folder: {Path(path).parent}")
    if _HUB_ID.fullmatch(name):
        return _from_hub(name, need, tell, adapter_allowed)
    raise Missing(f"{name!r} is no folder, no Hub id (org/name) and not starter", _suggestion(path))


def _from_hub(name: str, need: Need, tell: Tell, adapter_allowed: bool) -> ModelFolder:
    """The configuration first: a model that will be refused costs only that."""
    repo_id, _, revision = name.partition("@")
    try:
        look = plan(repo_id, What.CONFIG, revision=revision or None)
    except Missing as error:
        if Path(name).parent.is_dir():
            raise Missing(f"there is no folder {name}, and {error.what}", _suggestion(name)) from error
        raise
    model = ModelFolder(name, fetch(look, tell), "hub", revision=look.revision)
    if not _is_adapter(model.folder):
        _check_config(model)
    if need is not Need.CONFIG:
        fetch(plan(repo_id, What(need.value), revision=look.revision), tell)
    return _opened(model, need, tell, adapter_allowed)


def _opened(model: ModelFolder, need: Need, tell: Tell, adapter_allowed: bool) -> ModelFolder:
    """The model, checked; an adapter together with its base."""
    if _is_adapter(model.folder):
        if not adapter_allowed:
            raise WorkbenchError(f"{model.name} is an adapter itself", "merge it into its base model first")
        return _with_base(model, need, tell)
    _check_config(model)
    if need is Need.TOKENIZER and not _has_tokenizer(model.folder):
        raise Missing(f"{model.name} has no tokenizer: it holds {_held(model.folder)}", "add its tokenizer.json")
    if need is Need.WEIGHTS:
        _check_weights(model.folder, model.name)
    return model


def _with_base(model: ModelFolder, need: Need, tell: Tell) -> ModelFolder:
    adapter = model.folder
    base = _read(adapter / "adapter_config.json", model.name).get("base_model_name_or_path")
    if not isinstance(base, str) or not base:
        raise WorkbenchError(
            f"{model.name}: adapter_config.json does not say its base model",
            "add base_model_name_or_path, a folder or a Hub id",
        )
    if need is Need.WEIGHTS:
        _check_weights(adapter, model.name)
    if need is Need.TOKENIZER and _has_tokenizer(adapter):
        _refuse_code(adapter / "tokenizer_config.json", model.name)
        need = Need.CONFIG
    beside = adapter / base
    where = str(beside) if not Path(base).exists() and base.startswith(".") and beside.is_dir() else base
    try:
        found = _find(where, need, tell, adapter_allowed=False)
    except WorkbenchError as error:
        raise type(error)(f"{model.name} is an adapter of {base}: {error.what}", error.fix) from error
    return ModelFolder(model.name, found.folder, model.source, adapter, found.revision)


def _check_config(model: ModelFolder) -> None:
    """Raise unless the folder's config.json names an architecture and needs no code of its own."""
    path = model.folder / "config.json"
    if not path.is_file():
        raise Missing(f"{model.name} has no config.json: it holds {_held(model.folder)}", _inner(model))
    if not isinstance(_read(path, model.name).get("model_type"), str):
        raise WorkbenchError(
            f"{model.name}: config.json has no model_type",
            "name the folder of a model that transformers saved",
        )
    _refuse_code(path, model.name)
    _refuse_code(model.folder / "tokenizer_config.json", model.name)


def _refuse_code(path: Path, name: str) -> None:
    """Raise when a configuration asks for the model's own code."""
    asked = _read(path, name).get("auto_map") if path.is_file() else None
    if asked:
        code = ", ".join(f"{key}: {value}" for key, value in asked.items()) if isinstance(asked, dict) else asked
        raise WorkbenchError(f"{name} wants to run its own code: auto_map in {path.name} ({code})", _NO_CODE)


def _check_weights(folder: Path, name: str) -> None:
    files = weight_files(sorted(path.name for path in folder.iterdir()), name)
    index = next((file for file in files if file.endswith(".index.json")), None)
    if index:
        shards = set(_read(folder / index, name).get("weight_map", {}).values())
        absent = sorted(str(shard) for shard in shards if not (folder / str(shard)).is_file())
        if absent:
            raise Missing(f"{name} lacks {few(absent)}, named in {index}", "copy the missing files there")


def _read(path: Path, name: str) -> dict[str, Any]:
    """The JSON object in `path`. Raises WorkbenchError with the line that is wrong."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise WorkbenchError(f"{name}: {path.name} is not JSON: {error}", "fetch or save it again") from error
    if not isinstance(found, dict):
        raise WorkbenchError(f"{name}: {path.name} is not a JSON object", "fetch or save it again")
    return found


def _is_adapter(folder: Path) -> bool:
    return (folder / "adapter_config.json").is_file()


def _has_tokenizer(folder: Path) -> bool:
    return any(is_tokenizer_file(path.name) and path.suffix != ".jinja" for path in folder.iterdir())


def _held(folder: Path) -> str:
    return few(sorted(path.name + "/" * path.is_dir() for path in folder.iterdir()))


def _inner(model: ModelFolder) -> str:
    """What to do about a folder that is no model: often the model is one level further down."""
    models = [path.parent.name for path in sorted(model.folder.glob("*/*config.json")) if path.name in _CONFIGS]
    if models:
        return f"did you mean {model.name.rstrip('/')}/{models[0]}?"
    return "name the folder of a model, a Hub id (org/name), or starter"


def _suggestion(path: str) -> str:
    """The names near `path` that would do."""
    parent, wanted = os.path.split(path)
    try:
        folders = [entry.name for entry in os.scandir(parent or ".") if entry.is_dir()]
    except OSError:
        folders = []
    near = difflib.get_close_matches(wanted, [*folders, "starter"] if not parent else folders, n=3)
    named = [os.path.join(parent, name) for name in near]  # noqa: PTH118 - keeps ./ as it was typed
    return f"did you mean {' or '.join(named)}?" if named else "name a folder, a Hub id (org/name), or starter"
