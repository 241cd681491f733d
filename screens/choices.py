"""Everything that Ctrl+O can choose: data files, models, runs and sets of pairs, near the workspace."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Choice:
    """One thing to choose, and how it changes the selection (see WorkbenchApp.take)."""

    kind: str
    name: str
    detail: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


def choices(workspace: Workspace) -> Iterator[Choice]:
    """Yield what is there, the kinds in the order of the loop. Reads the disk; for a thread."""
    from workbench.data.nearby import data_files, seen_from
    from workbench.models.nearby import models_nearby
    from workbench.runs.folder import all_runs
    from workbench.runs.view import GLYPHS, brief

    for file in data_files(workspace.folder):
        yield data_choice(file, seen_from(workspace.folder, file))
    for model in models_nearby(workspace.folder):
        yield model_choice(model, seen_from(workspace.folder, Path(model)) if model.startswith("/") else model)
    for run in reversed(all_runs(workspace)):
        now = brief(run)
        detail = f"{GLYPHS[now['status']]} {now['status']}"
        yield Choice("run", run.name, detail, {"run": run.name})
    yield from _pairs(workspace)


def typed(text: str) -> list[Choice]:
    """Return what a typed text may be besides: a path to a file or a folder, or a Hub id."""
    with contextlib.suppress(OSError, RuntimeError, ValueError):  # a name that no file can have, an unknown ~user
        path = Path(text).expanduser()
        if path.is_file():
            return [data_choice(path, text)]
        if (path / "config.json").is_file():
            return [model_choice(str(path.absolute()), text)]
    owner, slash, name = text.partition("/")
    if not (slash and owner and name) or " " in text or name.count("/"):
        return []
    if ":" in name:
        return [Choice("data", text, "of the Hugging Face Hub", {"draft": {"data": {"train": text}}, "row": 1})]
    return [Choice("model", text, "of the Hugging Face Hub", {"draft": {"model": text}})]


def data_choice(file: Path, name: str) -> Choice:
    """Return the choice of a data file."""
    return Choice("data", name, "", {"draft": {"data": {"train": str(file.absolute())}}, "row": 1})


def model_choice(model: str, name: str) -> Choice:
    """Return the choice of a model."""
    return Choice("model", name, "comes with Workbench" if model == "starter" else "", {"draft": {"model": model}})


def _pairs(workspace: Workspace) -> Iterator[Choice]:
    path = workspace.folder / "labels.db"
    if path.is_file():
        from workbench.data.shown import count_words
        from workbench.label.schema import NOUNS
        from workbench.label.store import open_store

        with contextlib.suppress(WorkbenchError), open_store(path) as store:  # the Label pane says what is wrong
            for each in store.sets():
                yield Choice("pairs", each.name, count_words(each.pairs, NOUNS[each.kind]), {"pairs": each.name})
