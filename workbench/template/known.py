"""Templates by name: the workspace's own files, those that come along, and those that TRL ships.

A template is a Jinja file. One that reads `messages` is a chat template; any other is a prompt file, see `prompt_file`.
"""

import difflib
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from workbench.errors import Missing, WrongUse

Source = Literal["workspace", "workbench", "trl"]
_OURS = Path(__file__).with_name("templates")
_TRL = "trl/"
_FIX = "workbench template list names them; or name a Jinja file"


@dataclass(frozen=True)
class KnownTemplate:
    """A template, what it is called, and where it is from."""

    name: str
    """What `template:` and `--template` take."""
    source: Source
    path: Path


def known_templates(workspace: Path) -> list[KnownTemplate]:
    """Return the templates that can be named in a workspace: its own first, then ours, then TRL's, each by name."""
    own = sorted(path for path in (workspace / "templates").glob("*.jinja") if path.is_file())
    return [
        *(KnownTemplate(path.stem, "workspace", path) for path in own),
        *(
            KnownTemplate(name, "trl" if name.startswith(_TRL) else "workbench", path)
            for name, path in _named().items()
        ),
    ]


def find_template(name: str, workspace: Path) -> str:
    """Return what a run file should say for a template that a person named: an absolute path, or a known name.

    A file wins, then one of the workspace's templates/, with or without its ending. Raises Missing for neither.
    """
    for path in (Path(name), workspace / "templates" / name, workspace / "templates" / f"{name}.jinja"):
        if path.is_file():
            return str(path.resolve())
    if name in _named():
        return name
    near = difflib.get_close_matches(name, [each.name for each in known_templates(workspace)], 3)
    raise Missing(f"{name or repr(name)}: no such template", f"did you mean {' or '.join(near)}?" if near else _FIX)


def path_of(name: str) -> Path:
    """Return the file of a template as a run file names it. Raises Missing where there is none."""
    path = _named().get(name, Path(name))
    if not path.is_file():
        raise Missing(f"{name}: no such template", _FIX)
    return path


def source_of(name: str) -> str:
    """Return the text of a template as a run file names it. Raises Missing, or WrongUse where it is no text."""
    path = path_of(name)
    try:
        return path.read_text(encoding="utf-8-sig")  # some editors begin a file with a mark that no model knows
    except UnicodeDecodeError as error:
        raise WrongUse(f"{path}: not UTF-8 text: {error}", "name a Jinja file") from error
    except OSError as error:
        raise Missing(f"{path}: {(error.strerror or str(error)).lower()}", "name a file that you may read") from error


def same_as(template: str, workspace: Path) -> str | None:
    """Return the name of a known template with this text, if there is one."""
    for each in known_templates(workspace):
        with suppress(OSError, UnicodeDecodeError):
            if each.path.read_text(encoding="utf-8") == template:
                return each.name
    return None


def _from(name: str) -> Source:
    return "trl" if name.startswith(_TRL) else "workbench"


@cache
def _named() -> dict[str, Path]:
    """Ours and TRL's; of TRL's not the training twins, which are no templates of their own."""
    trl = find_spec("trl")  # finds it without importing it
    places = trl.submodule_search_locations if trl is not None else None
    theirs = sorted(Path(places[0], "chat_templates").glob("*.jinja")) if places else []
    return {
        **{path.stem: path for path in sorted(_OURS.glob("*.jinja"))},
        **{f"{_TRL}{path.stem}": path for path in theirs if not path.stem.endswith("_training")},
    }
