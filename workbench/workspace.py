"""The folder a person works in: any folder. It holds runs/, templates/ and an optional workbench.toml."""

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import Missing, WrongUse

if TYPE_CHECKING:
    from workbench.settings import Settings


@dataclass(frozen=True)
class Workspace:
    """A folder with what a person keeps there; nothing is created before it is needed."""

    folder: Path

    @property
    def runs(self) -> Path:
        """The folder of all runs."""
        return self.folder / "runs"

    @cached_property
    def settings(self) -> "Settings":
        """What workbench.toml says, or the defaults. Raises WrongUse when it cannot be read."""
        from workbench.settings import Settings
        from workbench.validation import validated

        path = self.folder / "workbench.toml"
        if not path.exists():
            return Settings()
        try:
            return validated(Settings, tomllib.loads(path.read_text(encoding="utf-8")), str(path))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WrongUse(f"{path}: not TOML: {error}", "mend or remove that line") from error


def open_workspace(folder: Path | None = None) -> Workspace:
    """Return the workspace at `folder`, by default the current directory."""
    chosen = (folder or Path.cwd()).resolve()
    if not chosen.is_dir():
        raise Missing(f"{chosen} is not a folder", "name an existing folder, or leave --workspace out")
    return Workspace(chosen)


def sample_data() -> Path:
    """Return the folder of the sample data and the starter model, in a checkout or an installed package."""
    package = Path(__file__).resolve().parent
    for folder in (package / "sample_data", package.parent / "sample_data"):
        if folder.is_dir():
            return folder
    raise Missing("the sample data is not installed", "reinstall finetune-workbench")
