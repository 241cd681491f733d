"""The rubric of a workspace: a Markdown file that says what makes an answer better, for people and for judges.

A heading "Criteria" in it, with a list below, names what is voted on separately beside the overall vote:

    ## Criteria

    - helpful: it does what was asked
    - honest: nothing in it is untrue
"""

import re
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import Missing, WrongUse
from workbench.workspace import Workspace

RUBRIC = "rubric.md"

_HEADING = re.compile(r"#{1,6}\s+(?P<title>.*?)[\s#]*$")
_ITEM = re.compile(r"\s*[-*+]\s+(?P<said>.*)$")
_CRITERION = re.compile(r"[*_`]*(?P<name>[\w-]{1,24})[*_`]*\s*(?::[*_`]*\s*(?P<asks>.*))?$")
_SYNTAX = "a criterion is one word of 24 letters at most, then what it asks: - honest: nothing in it is untrue"


@dataclass(frozen=True)
class Criterion:
    """One side of an answer's quality, by its name."""

    name: str
    asks: str = ""


@dataclass(frozen=True)
class Rubric:
    """The whole text of the file, as it was written, and its criteria in their order."""

    text: str
    criteria: tuple[Criterion, ...] = ()


def rubric_of(workspace: Workspace) -> Rubric | None:
    """Return the workspace's rubric: rubric.md, or the file that its settings name; None where there is none.

    Raises Missing when the settings name a file that is not there, and as `read_rubric` does.
    """
    named = workspace.settings.rubric
    path = workspace.folder / (named or RUBRIC)
    if path.is_file():
        return read_rubric(path)
    if named:
        raise Missing(f"there is no rubric {path}", "write it, or mend `rubric` in workbench.toml")
    return None


def read_rubric(path: Path) -> Rubric:
    """Read a rubric. Raises WrongUse, with the line, for a criterion that cannot be read or is there twice."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongUse(f"{path}: not UTF-8 from byte {error.start} on", "save it as UTF-8") from error
    except OSError as error:
        raise Missing(f"{path}: {(error.strerror or str(error)).lower()}") from error
    return Rubric(text, _criteria(path, text))


def _criteria(path: Path, text: str) -> tuple[Criterion, ...]:
    found: dict[str, Criterion] = {}
    is_inside = False
    for number, line in enumerate(text.splitlines(), 1):
        heading, item = _HEADING.match(line), _ITEM.match(line)
        if heading:
            is_inside = heading["title"].casefold().strip(":") == "criteria"
        elif is_inside and item:
            criterion = _criterion(path, number, item["said"])
            if criterion.name in found:
                raise WrongUse(f"{path}, line {number}: {criterion.name} is there twice", "name each criterion once")
            found[criterion.name] = criterion
    return tuple(found.values())


def _criterion(path: Path, number: int, said: str) -> Criterion:
    match = _CRITERION.match(said.strip())
    if match is None:
        raise WrongUse(f"{path}, line {number}: {said.strip()[:60]!r} is no criterion", _SYNTAX)
    return Criterion(match["name"].casefold(), (match["asks"] or "").strip())
